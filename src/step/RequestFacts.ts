import type { ExecuteExtra } from './ExecuteExtra.ts';

/** What graphql-js tells resolvers of the request. Typed loosely, for steps know no GraphQL. */
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

/** What steps that stand for resolvers are given: they need to know where in the response each row is. */
export interface PlacedExtra extends ExecuteExtra {
  readonly request: RequestFacts;
  /** The fragments of the document by name: a record of the run's own, since resolvers may write to it. */
  readonly fragments: object;
  /** The response path of a row of this call at a place of the plan. */
  pathAt(place: number, row: number): unknown;
  guardHolds(guard: number): boolean;
}
