import * as graphql from 'graphql';
import type { Request } from '../state/Request.ts';

type AbortedError = new (reason: unknown, abortedResult: unknown) => Error;

/** graphql-js 17 exports it; 16 does not. */
const { AbortedGraphQLExecutionError } = graphql as { readonly AbortedGraphQLExecutionError?: AbortedError };

/** Whether a request must reject: its signal was aborted before the response was complete. */
export function isRejected({ onAbort, abortSignal }: Request): boolean {
  return onAbort === 'REJECT' && abortSignal?.aborted === true;
}

/** The error of an aborted request that rejects: graphql-js 17's, or one like it if graphql 17 is not installed. */
export function abortedError(reason: unknown, abortedResult: unknown): Error {
  if (AbortedGraphQLExecutionError !== undefined) return new AbortedGraphQLExecutionError(reason, abortedResult);
  const error = new Error(reason instanceof Error ? reason.message : String(reason), { cause: reason });
  return Object.assign(error, { name: 'AbortedGraphQLExecutionError', abortedResult });
}
