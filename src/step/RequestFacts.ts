import type { ExecuteExtra } from './ExecuteExtra.ts';

/** The facts of the request that graphql-js gives to resolvers. Typed loosely, for steps know no GraphQL. */
export interface RequestFacts {
  readonly schema: object;
  readonly operation: object;
  readonly fragments: object;
  readonly rootValue: unknown;
  readonly variableValues: unknown;
  readonly fieldResolver: unknown;
  readonly typeResolver: unknown;
  readonly subscribeFieldResolver: unknown;
}

/** The `extra` of steps that stand for resolvers: these need the place of each row in the response. */
export interface PlacedExtra extends ExecuteExtra {
  readonly request: RequestFacts;
  /** The fragments of the document by name: a record of the run's own, since resolvers may write to it. */
  readonly fragments: object;
  /** The response path of a row of this call at a place of the plan. */
  pathAt(place: number, row: number): unknown;
  guardHolds(guard: number): boolean;
}
