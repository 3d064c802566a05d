import type { EngineArgs } from './ReactiveEngine.ts';

/** A request that may ask for the dependencies of its response. */
export interface ReactiveArgs extends EngineArgs {
  /** The `extensions` of the request: `{ reactive: { v: 1 } }` asks for dependencies, `refetch: [{ at }]` in it for some positions. */
  readonly extensions?: unknown;
  /** The subject of the request: only requests of the same subject can use the keys. Null: the response has none. Default: everybody. */
  readonly subject?: string | null;
  /** The user who is signed in: requests that a client has made for another user are refused. Default: `subject`. */
  readonly user?: string | null;
  /** Of a further run of a live query: the last batch of changes that the run before it is known to have. @internal */
  readonly liveAfter?: number;
}

/** The arguments of a live query. */
export interface LiveOptions {
  /** The least time between the starts of two runs, in milliseconds. Default 0. */
  readonly throttleMs?: number;
  /** A run is repeated after so many milliseconds also without news of a change; 0: never. Default 0. */
  readonly maxAgeMs?: number;
}

/** A query that runs again when its data has changed. */
export interface LiveArgs extends ReactiveArgs, LiveOptions {
  /** Makes the context of each run: caches and permissions of one run are not those of the next. Default: `contextValue`. */
  readonly context?: () => unknown;
  /** The subject of the query: only requests of the same subject can use its keys, and share its runs. Default: everybody. */
  readonly subject?: string;
}
