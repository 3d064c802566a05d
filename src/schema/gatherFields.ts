import { inspect } from '../utils/inspect.ts';
import { isRecord } from '../utils/isRecord.ts';
import { unknownKeys } from './configuredTypes.ts';
import type { FieldConfig, ObjectConfig } from './SchemaConfig.ts';
import type { SchemaProblems } from './SchemaError.ts';

/** How a field is planned or resolved, spelt out. */
export type FieldSettings = Exclude<FieldConfig, (...args: never) => unknown>;

export const fieldSettings: Readonly<Record<keyof FieldSettings, true>> = {
  plan: true,
  batch: true,
  subscribePlan: true,
  resolve: true,
  subscribe: true,
  hidden: true,
  maxRows: true,
};

const sources = [
  {
    setting: 'plans',
    ofFunction: 'plan',
    known: fieldSettings,
    wanted: '"plan", "batch", "subscribePlan", "resolve" or "subscribe"',
  },
  {
    setting: 'resolvers',
    ofFunction: 'resolve',
    known: { resolve: true, subscribe: true },
    wanted: '"resolve" or "subscribe"',
  },
] as const;

/** The settings of each field of a type, from `plans` and `resolvers` together. */
export function gatherFields(
  typeName: string,
  config: ObjectConfig,
  problems: SchemaProblems,
): ReadonlyMap<string, FieldSettings> {
  const fields = new Map<string, FieldSettings>();
  for (const source of sources) {
    const entries: unknown = config[source.setting];
    if (entries === undefined) continue;
    if (!isRecord(entries)) {
      const seen = inspect(entries);
      problems.add(typeName, `"${source.setting}" must be an object with an entry for each field, but is ${seen}.`);
      continue;
    }
    for (const [name, entry] of Object.entries(entries)) {
      const settings = spelledOut(`${typeName}.${name}`, entry, source, problems);
      if (settings === null) continue;
      const others = fields.get(name) ?? {};
      for (const key of Object.keys(others).filter((other) => Object.hasOwn(settings, other))) {
        problems.add(`${typeName}.${name}`, `It has "${key}" both in "plans" and in "resolvers".`);
      }
      fields.set(name, { ...others, ...settings });
    }
  }
  return fields;
}

function spelledOut(
  coordinate: string,
  entry: unknown,
  { setting, ofFunction, known, wanted }: (typeof sources)[number],
  problems: SchemaProblems,
): FieldSettings | null {
  if (typeof entry === 'function') return { [ofFunction]: entry };
  if (!isRecord(entry)) {
    const shape = `must be a function or an object with ${wanted}`;
    problems.add(coordinate, `Its entry in "${setting}" ${shape}, but is ${inspect(entry)}.`);
    return null;
  }
  for (const message of unknownKeys('A field', entry, known)) problems.add(coordinate, message);
  return entry;
}
