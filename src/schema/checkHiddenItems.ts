import {
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { fieldPlans } from './fieldPlans.ts';
import { objectPlans } from './planResolvers.ts';
import type { SchemaProblems } from './SchemaError.ts';

/** Adds the fields with lists of non-null items that one hidden item would null as a whole. */
export function checkHiddenItems(schema: GraphQLSchema, problems: SchemaProblems): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (!hasNonNullItems(field.type)) continue;
      const { hidden } = fieldPlans(field);
      const hiding = possibleTypes(schema, getNamedType(field.type)).find((itemType) => {
        const plans = objectPlans(itemType);
        return plans.authorize !== undefined && (hidden ?? plans.hidden) !== 'leaveOut';
      });
      if (hiding === undefined) continue;
      problems.add(
        `${type.name}.${field.name}`,
        `It is "${String(field.type)}", and one hidden "${hiding.name}" would null the whole list. Set hidden: 'leaveOut' on the field or on "${hiding.name}", or let items be null.`,
      );
    }
  }
}

function hasNonNullItems(type: GraphQLOutputType): boolean {
  if (isNonNullType(type)) return hasNonNullItems(type.ofType);
  if (!isListType(type)) return false;
  return isNonNullType(type.ofType)
    ? !isListType(type.ofType.ofType) || hasNonNullItems(type.ofType)
    : hasNonNullItems(type.ofType);
}

function possibleTypes(schema: GraphQLSchema, type: GraphQLNamedType): ReturnType<GraphQLSchema['getPossibleTypes']> {
  if (isObjectType(type)) return [type];
  return isAbstractType(type) || isInterfaceType(type) ? schema.getPossibleTypes(type) : [];
}
