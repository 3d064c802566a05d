import {
  type ConstValueNode,
  type GraphQLInputType,
  type GraphQLSchema,
  type InputValueDefinitionNode,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { parseId } from '../../kvetch/ids/parseId.ts';
import { isIsoDate } from '../../utils/isIsoDate.ts';
import type { Problems } from '../parse/Problems.ts';

/** The kinds of literals that scalars are written as. Others may be anything. */
const literals: Readonly<Record<string, readonly string[]>> = {
  Int: ['IntValue'],
  Float: ['IntValue', 'FloatValue'],
  String: ['StringValue'],
  Boolean: ['BooleanValue'],
  ID: ['IntValue', 'StringValue'],
  UUID: ['StringValue'],
  DateTime: ['StringValue'],
};

/** Literals of the right kind that are no values all the same: a server that reads them does not start. */
const ranges: Readonly<Record<string, (text: string) => boolean>> = {
  Int: (text) => Math.abs(Number(text) + 0.5) <= 2 ** 31,
  UUID: (text) => parseId(text) !== null,
  DateTime: isIsoDate,
};

interface Input {
  readonly type: GraphQLInputType;
  readonly astNode?: InputValueDefinitionNode | null | undefined;
}

/** Defaults of arguments and input fields must be values of their types: graphql-js drops others without a word. */
export function checkDefaults(schema: GraphQLSchema, problems: Problems): void {
  const check = (place: string, { type, astNode }: Input): void => {
    const value = astNode?.defaultValue;
    if (value === undefined || fits(value, type)) return;
    problems.at(value, `The default of ${place} is ${textOf(value)}, which is no ${type}. Write one, or take it away.`);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) check(`${type.name}.${field.name}`, field);
    } else if (isObjectType(type) || isInterfaceType(type)) {
      for (const { name, args } of Object.values(type.getFields())) {
        for (const arg of args) check(`"${arg.name}" in ${type.name}.${name}`, arg);
      }
    }
  }
}

function textOf({ loc }: ConstValueNode): string {
  return loc === undefined ? '' : loc.source.body.slice(loc.start, loc.end);
}

function fits(value: ConstValueNode, type: GraphQLInputType): boolean {
  if (isNonNullType(type)) return value.kind !== 'NullValue' && fits(value, type.ofType);
  if (value.kind === 'NullValue') return true;
  if (isListType(type)) {
    return value.kind === 'ListValue' ? value.values.every((one) => fits(one, type.ofType)) : fits(value, type.ofType);
  }
  if (isEnumType(type)) return value.kind === 'EnumValue' && type.getValue(value.value) != null;
  if (!isInputObjectType(type)) return isLiteral(value, type.name);
  if (value.kind !== 'ObjectValue') return false;
  const given = new Map(value.fields.map(({ name, value: own }) => [name.value, own]));
  const fields = type.getFields();
  return (
    [...given.keys()].every((name) => Object.hasOwn(fields, name)) &&
    Object.values(fields).every((field) => {
      const own = given.get(field.name);
      if (own !== undefined) return fits(own, field.type);
      return !isNonNullType(field.type) || field.astNode?.defaultValue !== undefined;
    })
  );
}

function isLiteral(value: ConstValueNode, type: string): boolean {
  if (!Object.hasOwn(literals, type)) return true;
  if (literals[type]?.includes(value.kind) !== true) return false;
  return !('value' in value) || (ranges[type]?.(String(value.value)) ?? true);
}
