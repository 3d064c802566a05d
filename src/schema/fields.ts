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

/** The facts of a field in plans: the same objects in all plans of a schema. */
export interface FieldFacts {
  readonly field: GraphQLField<unknown, unknown>;
  readonly coordinate: string;
  /** How the output reads it, where it is a property of its object and nothing more. */
  readonly read: { readonly step: -1; readonly path: readonly string[]; readonly field: true };
}

const known = new WeakMap<GraphQLObjectType, Map<string, FieldFacts>>();

/** Undefined where the type has no such field. */
export function fieldFacts(schema: GraphQLSchema, type: GraphQLObjectType, fieldName: string): FieldFacts | undefined {
  let ofType = known.get(type);
  if (ofType === undefined) {
    ofType = new Map();
    known.set(type, ofType);
  }
  const facts = ofType.get(fieldName);
  if (facts !== undefined) return facts;
  const field = fieldDefinition(schema, type, fieldName);
  if (field === undefined) return undefined;
  const made: FieldFacts = {
    field,
    coordinate: `${type.name}.${fieldName}`,
    read: { step: -1, path: [fieldName], field: true },
  };
  // Meta fields are on a type as long as it is the root of the schema.
  if (!fieldName.startsWith('__')) ofType.set(fieldName, made);
  return made;
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
      `The plan uses the field "${parentName}.${fieldName}", which this schema does not have.`,
    );
  }
  return { parentType: parentType as GraphQLObjectType, field };
}
