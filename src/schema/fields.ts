import {
  defaultFieldResolver,
  type GraphQLField,
  GraphQLObjectType,
  type GraphQLSchema,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { PlanqlError } from '../errors/PlanqlError.ts';

/** The definition of a field on an object type, the meta fields included. */
export function fieldDefinition(
  schema: GraphQLSchema,
  parentType: GraphQLObjectType,
  fieldName: string,
): GraphQLField<unknown, unknown> | undefined {
  if (fieldName === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (parentType === schema.getQueryType()) {
    if (fieldName === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (fieldName === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  const fields = parentType.getFields();
  return Object.hasOwn(fields, fieldName) ? fields[fieldName] : undefined;
}

/** Whether a field has a resolver of its own. graphql-js' default, which Nexus and Pothos put onto fields, is none. */
export function hasResolver({ resolve }: GraphQLField<unknown, unknown>): boolean {
  return resolve !== undefined && resolve !== null && resolve !== defaultFieldResolver;
}

/** The definition of a field, by name, for plans that come from elsewhere. */
export function findField(
  schema: GraphQLSchema,
  parentName: string,
  fieldName: string,
): { parentType: GraphQLObjectType; field: GraphQLField<unknown, unknown> } {
  const parentType = schema.getType(parentName);
  const field = parentType instanceof GraphQLObjectType ? fieldDefinition(schema, parentType, fieldName) : undefined;
  if (field === undefined) {
    throw new PlanqlError(
      'UNKNOWN_FIELD',
      `The plan uses the field "${parentName}.${fieldName}", which this schema has not.`,
    );
  }
  return { parentType: parentType as GraphQLObjectType, field };
}
