import type { RowsOfName } from '../utils/RecordDependencies.ts';

/** The third argument of every `execute`. Each call has its own, which may be read after an `await`. */
export interface ExecuteExtra {
  /** The request's `contextValue`. */
  // biome-ignore lint/suspicious/noExplicitAny: an application's context has the application's type
  readonly context: any;
  /** The request's `rootValue`. */
  readonly rootValue: unknown;
  /** The coerced variables, as the installed graphql-js gives them to resolvers. */
  readonly variableValues: unknown;
  /** Aborted when the request is aborted or its deadline passes. Created when it is first read. */
  readonly signal: AbortSignal;
  /**
   * Calls `listener` with the reason when the request is aborted or its deadline passes: at once, if that is so. Returns how
   * to stop listening. Use `signal` for functions that take one: it costs more.
   */
  onAbort(listener: (reason: unknown) => void): () => void;
  /** The time, in milliseconds of `Date.now()`, at which the request gives up, or `null`. */
  readonly deadline: number | null;
  /** Whether the request was aborted or ran out of time: work that waits for its turn need not begin. */
  readonly isOver: boolean;
  /**
   * Reports a count or a note on this step to `explain({ analyze: true })`. Does nothing otherwise. May be read and called
   * at any time, also after an `await`.
   */
  readonly trace: (name: string, value: number | string) => void;
  /** Whether dependencies are recorded: else there is no need to name them. */
  readonly recordsDependencies: boolean;
  /** Records that the result of this step depends on `key`: in all rows, or in one of this call. */
  recordDependency(key: string, row?: number): void;
  /**
   * Records that the result depends on many keys that begin alike: `prefix` before each name. `rowsOf` gives the rows of this
   * call that the name at a place concerns; null, and by default: all rows. It may be called late, or never.
   */
  recordDependencies(prefix: string, names: readonly string[], rowsOf?: RowsOfName): void;
  /** Whether several steps share this call, each with rows of its own. */
  readonly isShared: boolean;
  /** Where loads wait for ids in the loaded values: takes the ids, by key, before the values are there. */
  readonly onIds?: ((found: (key: unknown) => unknown) => void) | null;
  /** A value that lives as long as one request (one mutation field, one subscription event), made at the first call. */
  shared<T>(key: unknown, create: () => T): T;
  /**
   * The items of a list that may be no array. One that gives its items once, as generators do, is read once for all that
   * reads it in a request. Throws the list's error, or rejects with it.
   */
  itemsOf(list: Iterable<unknown> | AsyncIterable<unknown>): readonly unknown[] | Promise<readonly unknown[]>;
}
