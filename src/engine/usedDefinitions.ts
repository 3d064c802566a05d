import {
  type GraphQLArgument,
  type GraphQLField,
  GraphQLID,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  Kind,
} from 'graphql';
import type { Plan } from '../plan/Plan.ts';
import { isJson } from '../utils/isJson.ts';
import { isRecord } from '../utils/isRecord.ts';
import { stableKey } from '../utils/stableKey.ts';

/**
 * The parts of a schema that a plan was made from, each as text: fields with their arguments and defaults, the input
 * types of these, the object types of abstract positions. A part with another text in another schema may need another plan.
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
  // The introspection types of graphql-js differ between versions, and each answers for itself.
  if (typeName.startsWith('__')) return;
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

/** A default as the value that it is coerced to: graphql 16 has nothing else, and 17 keeps it as it was given. */
function defaultText(input: GraphQLArgument | GraphQLInputField): string | null {
  const given = 'default' in input ? input.default : undefined;
  if (given === undefined && input.defaultValue === undefined) return null;
  try {
    const field = { args: [input] } as unknown as GraphQLField<unknown, unknown>;
    return valueText(input.type, getArgumentValues(field, WITHOUT_ARGUMENTS)[input.name]);
  } catch {
    return 'a value';
  }
}

const WITHOUT_ARGUMENTS = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'field' } } as const;

/** Equal for equal values of any version. */
function valueText(type: GraphQLInputType, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const itemType = nullable.ofType;
    const items = Array.isArray(value) ? value : [value];
    return `[${items.map((item) => valueText(itemType, item)).join(', ')}]`;
  }
  if (isEnumType(nullable)) return nullable.getValues().find((known) => known.value === value)?.name ?? 'a value';
  if (isInputObjectType(nullable) && isRecord(value)) {
    const fields = Object.values(nullable.getFields()).filter(({ name }) => value[name] !== undefined);
    return `{ ${fields.map(({ name, type }) => `${name}: ${valueText(type, value[name])}`).join(', ')} }`;
  }
  if (nullable === GraphQLID) return JSON.stringify(String(value));
  // Objects of graphql 17 have no prototype, and those of a custom scalar may be anything.
  return isJson(value) ? stableKey(value) : 'a value';
}
