import type { GraphQLObjectType } from 'graphql';
import type { ObjectPlans } from './planResolvers.ts';

/** The `authorize` of a type that has none of its own; undefined for most. */
export type ObjectGuard = (type: GraphQLObjectType) => ObjectPlans['authorize'];

const guards: ObjectGuard[] = [];

/** For object models that must look at what enters a plan. */
export function guardObjects(guard: ObjectGuard): void {
  guards.push(guard);
}

export function guardOf(type: GraphQLObjectType): ObjectPlans['authorize'] {
  for (const guard of guards) {
    const authorize = guard(type);
    if (authorize !== undefined) return authorize;
  }
  return undefined;
}
