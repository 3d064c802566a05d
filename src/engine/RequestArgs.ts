import type { ExecutionArgs, GraphQLError, GraphQLSchema } from 'graphql';
import type { IncrementalFormatName } from '../execution/later/responseFormats.ts';
import type { AbortMode, ErrorMode, RecordStepDependencies } from '../execution/state/Request.ts';

/** graphql-js' arguments, and those of planql. */
export interface RequestArgs extends Omit<ExecutionArgs, 'schema'> {
  /** For functions that take graphql-js' arguments; an engine executes its own schema. */
  readonly schema?: GraphQLSchema;
  /** Ends the request when it is aborted. Spec 4.10. */
  readonly abortSignal?: AbortSignal | null | undefined;
  /**
   * The effect of aborting `abortSignal`. `REJECT`: the promise rejects with graphql-js 17's `AbortedGraphQLExecutionError`
   * (its `cause` is the reason, its `abortedResult` the partial response), and `next()` of events and later parts with
   * the reason. `RESPOND`: the response holds all data that was ready, and the reason as error elsewhere; events end with a
   * last result that has the error. Default: `REJECT` on graphql 17, as graphql-js does; `RESPOND` on 16, whose
   * functions know no abort. A deadline always responds.
   */
  readonly onAbort?: AbortMode | undefined;
  /** The effect of a field error: `PROPAGATE` (the default) is that of the GraphQL specification. */
  readonly onError?: ErrorMode;
  /**
   * Makes the error that the response has out of one that occurred, as masks do. Called once for each error when the
   * response is written; must not throw. Of `execute`, `executeToBuffer`, `executeToChunks` and `executeToString`.
   */
  readonly mapError?: ((error: GraphQLError) => GraphQLError) | undefined;
  /** When to give up, in milliseconds of `Date.now()`. */
  readonly deadline?: number;
  readonly hideSuggestions?: boolean | null | undefined;
  /** The format of `executeIncrementally`: that of graphql-js 17 (the default), or that of 2022. */
  readonly incrementalFormat?: IncrementalFormatName;
  /**
   * Of `executeIncrementally`: whether later parts are begun before the client asks for them. Deferred fragments of
   * queries then run beside the initial response, and share calls with it; lists are read up to 100 items ahead of the
   * consumer. Default: false, as in graphql-js 17.
   */
  readonly enableEarlyExecution?: boolean | null | undefined;
  /** Called with each dependency of the response, and the step of the plan that recorded it. */
  readonly recordDependency?: ((key: string, step: number, run: object) => void) | undefined;
  /** The same for many keys that begin alike. Where it is given, it is called instead. */
  readonly recordDependencies?: RecordStepDependencies | undefined;
  /** Calls each step's `execute`, for example inside an AsyncLocalStorage of the request. */
  readonly around?: (<T>(step: number, call: () => T) => T) | undefined;
}
