import type { GraphQLSchema } from 'graphql';
import { makeSchema } from 'planql';
import { plans } from './plans.ts';
import { resolverObjects } from './resolvers.ts';
import { typeDefs } from './typeDefs.ts';

/** The schema with plans, and the same one with resolvers and DataLoader. */
export const schema: GraphQLSchema = makeSchema({ typeDefs, objects: plans });
export const resolverSchema: GraphQLSchema = makeSchema({ typeDefs, objects: resolverObjects });
