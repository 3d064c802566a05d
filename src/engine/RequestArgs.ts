import type { ExecutionArgs, GraphQLSchema } from 'graphql';
import type { IncrementalFormatName } from '../execution/incremental/responseFormats.ts';
import type { ErrorMode } from '../execution/Request.ts';

/** graphql-js' arguments, and what planql adds. */
export interface RequestArgs extends Omit<ExecutionArgs, 'schema'> {
  readonly schema?: GraphQLSchema;
  readonly abortSignal?: AbortSignal | null | undefined;
  /** What a field error does: `PROPAGATE` (the default) is what the GraphQL specification says. */
  readonly onError?: ErrorMode;
  /** When to give up, in milliseconds of `Date.now()`. */
  readonly deadline?: number;
  readonly hideSuggestions?: boolean | null | undefined;
  /** How `executeIncrementally` tells of later parts: as graphql-js 17 does (the default), or as was usual in 2022. */
  readonly incrementalFormat?: IncrementalFormatName;
  /** Told of everything the response depends on. */
  readonly recordDependency?: (key: string) => void;
}
