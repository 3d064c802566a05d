import { GraphQLScalarType, type GraphQLScalarTypeConfig, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { checkFunctions, unknownKeys } from './configuredTypes.ts';
import type { ScalarBehaviours, ScalarConfig } from './SchemaConfig.ts';
import type { SchemaProblems } from './SchemaError.ts';

const functions: readonly string[] = [
  'serialize',
  'parseValue',
  'parseLiteral',
  'coerceOutputValue',
  'coerceInputValue',
  'coerceInputLiteral',
  'valueToLiteral',
] satisfies (keyof ScalarBehaviours)[];

const settings = Object.fromEntries(
  [...functions, 'description', 'specifiedByURL', 'extensions'].map((name): [string, true] => [name, true]),
);

/** The same scalar, reading and writing values as `config` says, whichever version's names it uses. */
export function scalarWithBehaviour(
  type: GraphQLScalarType,
  config: ScalarConfig,
  problems: SchemaProblems,
): GraphQLScalarType {
  const isType = 'toConfig' in config && typeof config.toConfig === 'function';
  const behaviours: ScalarBehaviours = isType ? present(config.toConfig()) : (config as ScalarBehaviours);
  if (!isType) {
    for (const message of unknownKeys(`"${type.name}"`, behaviours, settings)) problems.add(type.name, message);
    if (!checkFunctions(type.name, behaviours, functions, problems)) return type;
  }
  const input = behaviours.coerceInputValue ?? behaviours.parseValue;
  for (const name of ['parseLiteral', 'coerceInputLiteral'] as const) {
    if (behaviours[name] === undefined || input !== undefined) continue;
    const pair = name === 'parseLiteral' ? 'parseValue' : 'coerceInputValue';
    problems.add(type.name, `It has "${name}" without "${pair}": a variable would be read differently from a literal.`);
    return type;
  }
  const { name, description, specifiedByURL, extensions, astNode, extensionASTNodes } = type.toConfig();
  const scalarConfig = {
    name,
    description: description ?? behaviours.description,
    specifiedByURL: specifiedByURL ?? behaviours.specifiedByURL,
    extensions: { ...behaviours.extensions, ...extensions },
    astNode,
    extensionASTNodes,
    ...bothNames(behaviours),
  };
  // The names of graphql 17 are not in the types of graphql 16, which passes over them.
  return new GraphQLScalarType(scalarConfig as GraphQLScalarTypeConfig<unknown, unknown>);
}

/** Each behaviour under the names of graphql 16 and of graphql 17. */
function bothNames(behaviours: ScalarBehaviours): ScalarBehaviours {
  const { coerceInputLiteral, valueToLiteral } = behaviours;
  const serialize = behaviours.serialize ?? behaviours.coerceOutputValue;
  const parseValue = behaviours.parseValue ?? behaviours.coerceInputValue;
  return present({
    serialize,
    parseValue,
    parseLiteral: behaviours.parseLiteral ?? literalParser(coerceInputLiteral, parseValue),
    coerceOutputValue: behaviours.coerceOutputValue ?? serialize,
    coerceInputValue: behaviours.coerceInputValue ?? parseValue,
    coerceInputLiteral,
    valueToLiteral,
  });
}

/**
 * `coerceInputLiteral` is given constants only. A literal that holds variables is read as the value that it comes to,
 * which by the contract of scalars means the same.
 */
function literalParser(
  coerceInputLiteral: ScalarBehaviours['coerceInputLiteral'],
  parseValue: ScalarBehaviours['parseValue'],
): ScalarBehaviours['parseLiteral'] {
  if (coerceInputLiteral === undefined || parseValue === undefined) return undefined;
  return (node: ValueNode, variables) =>
    hasVariables(node) ? parseValue(valueFromASTUntyped(node, variables)) : coerceInputLiteral(node);
}

function hasVariables(node: ValueNode): boolean {
  switch (node.kind) {
    case Kind.VARIABLE:
      return true;
    case Kind.LIST:
      return node.values.some(hasVariables);
    case Kind.OBJECT:
      return node.fields.some((field) => hasVariables(field.value));
    default:
      return false;
  }
}

function present<TObject extends object>(object: TObject): TObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as TObject;
}
