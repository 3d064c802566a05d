import { GraphQLError, type GraphQLSchema } from 'graphql';
import { makeSchema, type ObjectConfig } from 'planql';
import { parseId } from 'planql/kvetch';
import { mutations } from './mutations.ts';
import { plans } from './plans.ts';
import { resolvers } from './resolvers.ts';
import { typeDefs } from './typeDefs.ts';

/** The schema with plans, and the same one with resolvers only. */
export const schema: GraphQLSchema = withObjects({ ...plans, Mutation: { resolvers: mutations } });
export const naiveSchema: GraphQLSchema = withObjects(resolvers);

function withObjects(objects: Readonly<Record<string, ObjectConfig>>): GraphQLSchema {
  return makeSchema({ typeDefs, objects, scalars: { UUID: { parseValue: toId } } });
}

/** Ids are refused where they come in, with their place in the request. */
function toId(value: unknown): string {
  const id = parseId(value);
  if (id === null) throw new GraphQLError(`${JSON.stringify(value)} is not a UUID.`);
  return id;
}
