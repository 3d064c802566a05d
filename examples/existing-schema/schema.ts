/** The schema on its way from resolvers to plans. */
import { buildSchema, type GraphQLSchema, isAbstractType, isObjectType } from 'graphql';
import { makeSchema } from 'planql';
import { plans } from './plans.ts';
import { resolvers, resolveType, typeDefs } from './resolvers.ts';

/** The stages of the move: which fields have plans. All others keep the resolvers that they had. */
export const stages: Readonly<Record<string, readonly string[]>> = {
  'all resolvers': [],
  half: ['Human.friends', 'Droid.friends'],
  'all plans': [
    'Query.hero',
    'Query.human',
    'Query.droid',
    'Query.search',
    'Human.friends',
    'Human.starships',
    'Droid.friends',
  ],
};

/** planql runs resolvers as they are, so that a schema can be moved field by field, and shipped after every field. */
export function schemaWith(moved: readonly string[]): GraphQLSchema {
  const objects = Object.keys(resolvers).map((type) => [
    type,
    {
      plans: pick(plans[type], (field) => moved.includes(`${type}.${field}`)),
      resolvers: pick(resolvers[type], (field) => !moved.includes(`${type}.${field}`)),
    },
  ]);
  return makeSchema({
    typeDefs,
    objects: Object.fromEntries(objects),
    interfaces: { Character: { resolveType } },
    unions: { SearchResult: { resolveType } },
  });
}

/** The schema as graphql-js runs it, with nothing of planql: what every stage must agree with. */
export function originalSchema(): GraphQLSchema {
  const schema = buildSchema(typeDefs);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) type.resolveType = resolveType;
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const resolve = resolvers[type.name]?.[field.name];
      if (resolve !== undefined) field.resolve = resolve;
    }
  }
  return schema;
}

function pick<T>(fields: Readonly<Record<string, T>> = {}, choose: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => choose(name)));
}
