import { buildSchema, type GraphQLFieldResolver, type GraphQLSchema, isAbstractType, isObjectType } from 'graphql';
import type { Relation, Workload } from '../Workload.ts';

// biome-ignore lint/suspicious/noExplicitAny: rows and contexts are each workload's own
export type Resolver = GraphQLFieldResolver<any, any>;

/** The workload's schema with a graphql-js resolver for each relation. */
export function resolverSchema(
  { typeDefs, relations }: Workload,
  resolverFor: (relation: Relation) => Resolver | null,
): GraphQLSchema {
  const schema = buildSchema(typeDefs);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) type.resolveType = (value: { readonly __typename: string }) => value.__typename;
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const relation = relations[`${type.name}.${field.name}`];
      const resolve = relation === undefined ? null : resolverFor(relation);
      if (resolve !== null) field.resolve = resolve;
    }
  }
  return schema;
}

/** Reads the key of a relation from what a resolver is given. */
export function keyOf({ by }: Relation): (source: unknown, args: unknown) => unknown {
  if ('argument' in by) return (_source, args) => (args as Record<string, unknown>)[by.argument];
  return (source) => (source as Record<string, unknown>)[by.attribute];
}
