import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';
import { didYouMean } from '../utils/didYouMean.ts';
import { inspect } from '../utils/inspect.ts';
import { isRecord } from '../utils/isRecord.ts';
import type { SchemaConfig } from './SchemaConfig.ts';
import type { SchemaProblems } from './SchemaError.ts';

export type TypeSetting = Exclude<keyof SchemaConfig, 'typeDefs' | 'assumeValid'>;

const kinds: ReadonlyArray<{
  readonly setting: TypeSetting;
  readonly noun: string;
  readonly includes: (type: GraphQLNamedType) => boolean;
}> = [
  { setting: 'objects', noun: 'an object type', includes: isObjectType },
  { setting: 'interfaces', noun: 'an interface', includes: isInterfaceType },
  { setting: 'unions', noun: 'a union', includes: isUnionType },
  { setting: 'inputObjects', noun: 'an input object type', includes: isInputObjectType },
  { setting: 'enums', noun: 'an enum', includes: isEnumType },
  { setting: 'scalars', noun: 'a scalar', includes: isScalarType },
];

/** The types that one setting of `makeSchema` configures, each with its entry. Other names are problems. */
export function configuredTypes<TType extends GraphQLNamedType, TEntry extends object>(
  schema: GraphQLSchema,
  setting: TypeSetting,
  entries: Readonly<Record<string, TEntry>> | undefined,
  problems: SchemaProblems,
): ReadonlyArray<readonly [type: TType, entry: TEntry]> {
  if (entries === undefined) return [];
  const configured: [TType, TEntry][] = [];
  if (!isRecord(entries)) {
    problems.add(null, `"${setting}" must be an object with an entry for each type, but is ${inspect(entries)}.`);
    return configured;
  }
  for (const [name, entry] of Object.entries(entries)) {
    const type = typeOfSetting(schema, setting, name, problems);
    if (type === null) continue;
    if (isRecord(entry)) configured.push([type as TType, entry]);
    else problems.add(name, `Its entry under "${setting}" must be an object, but is ${inspect(entry)}.`);
  }
  return configured;
}

function typeOfSetting(
  schema: GraphQLSchema,
  setting: TypeSetting,
  name: string,
  problems: SchemaProblems,
): GraphQLNamedType | null {
  const type = schema.getType(name);
  if (type === undefined) {
    problems.add(name, `The schema has no type "${name}".${didYouMean(name, configurableNames(schema, setting))}`);
    return null;
  }
  if (isBuiltIn(type)) {
    problems.add(name, `"${name}" is built into GraphQL and cannot be configured.`);
    return null;
  }
  const kind = kinds.find(({ includes }) => includes(type));
  if (kind === undefined || kind.setting === setting) return type;
  problems.add(name, `"${name}" is ${kind.noun}, configure it under "${kind.setting}".`);
  return null;
}

/** Names of the setting's own kind come first; where there is none, any type may have been meant. */
function configurableNames(schema: GraphQLSchema, setting: TypeSetting): string[] {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isBuiltIn(type));
  const own = types.filter((type) => kinds.some((kind) => kind.setting === setting && kind.includes(type)));
  return (own.length > 0 ? own : types).map((type) => type.name);
}

export function isBuiltIn(type: GraphQLNamedType): boolean {
  return isIntrospectionType(type) || isSpecifiedScalarType(type);
}

/** A sentence for each key of `entry` that is none of `known`. */
export function unknownKeys(owner: string, entry: object, known: Readonly<Record<string, true>>): string[] {
  return Object.keys(entry)
    .filter((key) => !Object.hasOwn(known, key))
    .map((key) => `${owner} has no setting "${key}".${didYouMean(key, Object.keys(known))}`);
}

/** Adds a problem for each setting of `entry` that is there and no function. Tells whether there was none. */
export function checkFunctions(
  coordinate: string,
  entry: object,
  names: readonly string[],
  problems: SchemaProblems,
): boolean {
  const wrong = names.filter((name) => Object.hasOwn(entry, name) && typeof Reflect.get(entry, name) !== 'function');
  for (const name of wrong) {
    problems.add(coordinate, `"${name}" must be a function, but is ${inspect(Reflect.get(entry, name))}.`);
  }
  return wrong.length === 0;
}

/** Adds a problem for each setting of `entry` that cannot be a plan resolver, since calling it gives no step. */
export function checkPlans(
  coordinate: string,
  entry: object,
  names: readonly string[],
  problems: SchemaProblems,
): void {
  for (const name of names) {
    const kind = unfitKind(Reflect.get(entry, name));
    if (kind === null) continue;
    const remedy = 'but a plan resolver returns at once. Load inside a step.';
    problems.add(coordinate, `"${name}" is ${kind}, ${remedy}`);
  }
}

/** By tag rather than by constructor: the function may come from another realm. */
function unfitKind(plan: unknown): string | null {
  switch (Object.prototype.toString.call(plan)) {
    case '[object AsyncFunction]':
      return 'an async function';
    case '[object GeneratorFunction]':
    case '[object AsyncGeneratorFunction]':
      return 'a generator function';
    default:
      return null;
  }
}

/** The same extensions, with `planql` holding those of `hooks` that are there. */
export function withHooks(
  extensions: Readonly<Record<string, unknown>> | null | undefined,
  hooks: object,
): Record<string, unknown> {
  const present = Object.entries(hooks).filter(([, hook]) => hook !== undefined);
  return present.length === 0 ? { ...extensions } : { ...extensions, planql: Object.fromEntries(present) };
}
