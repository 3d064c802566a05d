import type { Answer } from './Answer.ts';
import type { Dependencies } from './Dependencies.ts';
import type { Operation, Variables } from './document.ts';
import type { Wanted } from './wanted.ts';

/**
 * Why a query is fetched. `watched`: somebody shows it. `told`: the server told of changed keys. `mutation`: a mutation of this page
 * has changed keys, or has changed nothing where it was expected to. `reset`, `expired`, `refused`: messages of the server.
 * `online`: the network is back. `age`: `maxAgeMs` have passed. `live`: the live query has ended. `missing`: the store lacks data
 * that it shows. `stale`: the answer before was not up to date, or cannot be watched. `errors`: the answer to a part had errors, or
 * missed an object. `failed`: the attempt before failed.
 */
export type Cause =
  | ('watched' | 'told' | 'mutation' | 'reset' | 'expired' | 'refused' | 'online' | 'age' | 'live')
  | ('missing' | 'stale' | 'errors' | 'failed');

/** The same object for the same query. */
export interface FetchedQuery {
  readonly operation: Operation;
  readonly variables: Variables;
}

/** The part of `fetchPanel` that a client needs. */
export interface FetchPlug {
  /** A query is fetched: parts of it, or (null) the whole operation. Takes the causes, and leaves none. @internal */
  asks(
    query: FetchedQuery,
    dependencies: Dependencies,
    causes: Set<Cause>,
    wanted: Wanted | null,
    answered: Promise<Answer>,
  ): void;
}
