import type { GraphQLInputObjectType, GraphQLSchema } from 'graphql';
import { didYouMean } from '../utils/didYouMean.ts';
import { inspect } from '../utils/inspect.ts';
import { isRecord } from '../utils/isRecord.ts';
import { checkFunctions, configuredTypes, unknownKeys, withHooks } from './configuredTypes.ts';
import type { InputObjectConfig } from './SchemaConfig.ts';
import type { SchemaProblems } from './SchemaError.ts';

const settings: Readonly<Record<keyof InputObjectConfig, true>> = { apply: true, baked: true };

/** Attaches the `applyInput` hooks to input object types and their fields. */
export function attachInputObjects(
  schema: GraphQLSchema,
  inputObjects: Readonly<Record<string, InputObjectConfig>> | undefined,
  problems: SchemaProblems,
): void {
  const types = configuredTypes<GraphQLInputObjectType, InputObjectConfig>(
    schema,
    'inputObjects',
    inputObjects,
    problems,
  );
  for (const [type, config] of types) {
    for (const message of unknownKeys(`"${type.name}"`, config, settings)) problems.add(type.name, message);
    checkFunctions(type.name, config, ['baked'], problems);
    type.extensions = withHooks(type.extensions, { baked: config.baked });
    attachApply(type, config.apply, problems);
  }
}

function attachApply(type: GraphQLInputObjectType, entries: unknown, problems: SchemaProblems): void {
  if (entries === undefined) return;
  if (!isRecord(entries)) {
    problems.add(type.name, `"apply" must be an object with an entry for each field, but is ${inspect(entries)}.`);
    return;
  }
  const fields = type.getFields();
  for (const [name, apply] of Object.entries(entries)) {
    const field = fields[name];
    if (field === undefined) {
      const guess = didYouMean(name, Object.keys(fields));
      problems.add(`${type.name}.${name}`, `The input type "${type.name}" has no field "${name}".${guess}`);
      continue;
    }
    checkFunctions(`${type.name}.${name}`, { apply }, ['apply'], problems);
    field.extensions = withHooks(field.extensions, { apply });
  }
}
