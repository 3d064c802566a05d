import {
  type ConstValueNode,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  print,
  validateSchema,
  versionInfo,
} from 'graphql';
import type { SchemaProblems } from './SchemaError.ts';

/** Adds the errors that graphql-js finds in the schema, and default values that do not fit their type. */
export function checkSchema(schema: GraphQLSchema, problems: SchemaProblems): void {
  for (const { message } of validateSchema(schema)) problems.add(null, message);
  // graphql 17 checks default values itself; graphql 16 drops those that it cannot coerce.
  if (versionInfo.major < 17) checkDefaultValues(schema, problems);
}

interface InputValue {
  readonly name: string;
  readonly type: unknown;
  readonly defaultValue?: unknown;
  readonly astNode?: { readonly defaultValue?: ConstValueNode | undefined } | null | undefined;
}

function checkDefaultValues(schema: GraphQLSchema, problems: SchemaProblems): void {
  const check = (coordinate: string, { type, defaultValue, astNode }: InputValue): void => {
    const literal = astNode?.defaultValue;
    if (literal === undefined || defaultValue !== undefined) return;
    problems.add(coordinate, `Its default value ${print(literal)} is not a value of type "${type}".`);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) check(`${type.name}.${field.name}`, field);
    } else if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        for (const argument of field.args) check(`${type.name}.${field.name}(${argument.name}:)`, argument);
      }
    }
  }
  for (const directive of schema.getDirectives()) {
    for (const argument of directive.args) check(`@${directive.name}(${argument.name}:)`, argument);
  }
}
