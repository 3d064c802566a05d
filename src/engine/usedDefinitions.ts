import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  print,
  type ValueNode,
} from 'graphql';
import type { Plan } from '../plan/Plan.ts';

/**
 * The parts of a schema that a plan was made from, each as text: fields with their arguments and defaults, the input
 * types of these, the object types of abstract positions. What has another text in another schema may need another plan.
 */
export function usedDefinitions(schema: GraphQLSchema, plan: Plan): Record<string, string> {
  const used: Record<string, string> = {};
  for (const output of plan.outputs) {
    if (output.kind === 'object') {
      for (const { coordinate } of output.fields) addField(schema, coordinate, used);
    } else if (output.kind === 'abstract') {
      const type = schema.getType(output.type);
      if (isAbstractType(type)) used[type.name] = possibleNames(schema, type);
    }
  }
  return used;
}

function addField(schema: GraphQLSchema, coordinate: string, used: Record<string, string>): void {
  const [typeName = '', fieldName = ''] = coordinate.split('.');
  const type = schema.getType(typeName);
  if (Object.hasOwn(used, coordinate) || !isObjectType(type) || !Object.hasOwn(type.getFields(), fieldName)) return;
  const field = type.getFields()[fieldName];
  if (field === undefined) return;
  const given = field.args.map(inputText).join(', ');
  used[coordinate] = `${given === '' ? '' : `(${given})`}: ${String(field.type)}`;
  for (const argument of field.args) addInputType(getNamedType(argument.type), used);
}

function addInputType(type: GraphQLNamedType, used: Record<string, string>): void {
  if (Object.hasOwn(used, type.name)) return;
  if (isEnumType(type)) {
    used[type.name] = type
      .getValues()
      .map(({ name }) => name)
      .join(' | ');
  } else if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    used[type.name] = `{ ${fields.map(inputText).join(', ')} }`;
    for (const field of fields) addInputType(getNamedType(field.type), used);
  }
}

function possibleNames(schema: GraphQLSchema, type: Parameters<GraphQLSchema['getPossibleTypes']>[0]): string {
  return schema
    .getPossibleTypes(type)
    .map(({ name }) => name)
    .sort()
    .join(' | ');
}

function inputText(input: GraphQLArgument | GraphQLInputField): string {
  const given = defaultText(input);
  return `${input.name}: ${String(input.type)}${given === null ? '' : ` = ${given}`}`;
}

/** graphql 16 keeps a default as the value that resolvers get, 17 as it was given. */
function defaultText(input: GraphQLArgument | GraphQLInputField): string | null {
  const { default: given } = input as { default?: { readonly literal?: ValueNode; readonly value?: unknown } };
  if (given?.literal !== undefined) return print(given.literal);
  const value = given === undefined ? input.defaultValue : given.value;
  if (value === undefined) return null;
  try {
    const literal = astFromValue(value, input.type as GraphQLInputType);
    return literal == null ? 'null' : print(literal);
  } catch {
    // The default of a custom scalar that has no literal.
    return 'a value';
  }
}
