import type { GraphQLSchema } from 'graphql';
import { makeSchema } from 'planql';
import { plans } from './plans.ts';
import { resolverObjects } from './resolvers.ts';
import { connectionTypeDefs, typeDefs } from './typeDefs.ts';

/** The schema with plans, and the same one with resolvers and DataLoader. */
export const schema: GraphQLSchema = makeSchema({
  typeDefs: [typeDefs, connectionTypeDefs],
  objects: plans,
});
export const resolverSchema: GraphQLSchema = makeSchema({ typeDefs, objects: resolverObjects });
