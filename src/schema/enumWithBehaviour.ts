import { GraphQLEnumType, type GraphQLEnumValueConfigMap } from 'graphql';
import { didYouMean } from '../utils/didYouMean.ts';
import { isRecord } from '../utils/isRecord.ts';
import { checkFunctions, withHooks } from './configuredTypes.ts';
import type { EnumBehaviours, EnumConfig } from './SchemaConfig.ts';
import type { SchemaProblems } from './SchemaError.ts';

/** The same enum with internal values, and with the `applyInput` hooks of its values. */
export function enumWithBehaviour(
  type: GraphQLEnumType,
  config: EnumConfig,
  problems: SchemaProblems,
): GraphQLEnumType {
  const { values = {}, apply = {} } = isLongForm(config) ? config : { values: config };
  const names = new Set(type.getValues().map(({ name }) => name));
  for (const name of new Set([...Object.keys(values), ...Object.keys(apply)])) {
    if (names.has(name) || isReverseEntry(name, values)) continue;
    problems.add(`${type.name}.${name}`, `The enum "${type.name}" has no value "${name}".${didYouMean(name, names)}`);
  }
  for (const [name, hook] of Object.entries(apply)) {
    checkFunctions(`${type.name}.${name}`, { apply: hook }, ['apply'], problems);
  }
  const enumConfig = type.toConfig();
  const configured: GraphQLEnumValueConfigMap = {};
  for (const [name, value] of Object.entries(enumConfig.values)) {
    configured[name] = {
      ...value,
      value: Object.hasOwn(values, name) ? values[name] : value.value,
      extensions: withHooks(value.extensions, { apply: Object.hasOwn(apply, name) ? apply[name] : undefined }),
    };
  }
  return new GraphQLEnumType({ ...enumConfig, values: configured });
}

function isLongForm(config: EnumConfig): config is EnumBehaviours {
  const entries = Object.entries(config);
  return (
    entries.length > 0 && entries.every(([key, value]) => (key === 'values' || key === 'apply') && isRecord(value))
  );
}

/** TypeScript's numeric enums hold an entry from each number back to its name. */
function isReverseEntry(name: string, values: Readonly<Record<string, unknown>>): boolean {
  const target = values[name];
  return typeof target === 'string' && Object.hasOwn(values, target) && values[target] === Number(name);
}
