/** What every `execute` is given beside its values. One object serves a whole request; do not keep it. */
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
  /** The time, in milliseconds of `Date.now()`, at which the request gives up, or `null`. */
  readonly deadline: number | null;
  /** Whether the request was aborted or ran out of time: what waits for its turn need not begin. */
  readonly isOver: boolean;
  /**
   * Reports a count or a note on the running step to `explain({ analyze: true })`. Does nothing otherwise. Take it before
   * `execute` returns; it may be called later.
   */
  readonly trace: (name: string, value: number | string) => void;
  /** Whether anybody hears of dependencies: else there is no need to name them. */
  readonly recordsDependencies: boolean;
  /** Says that the result of this step depends on what `key` names (see the reactive layer). */
  recordDependency(key: string): void;
  /** A value that lives as long as one request (one mutation field, one subscription event), made when first asked for. */
  shared<T>(key: unknown, create: () => T): T;
}
