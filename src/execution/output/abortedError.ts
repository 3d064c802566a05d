import * as graphql from 'graphql';
import type { Request } from '../state/Request.ts';

type AbortedError = new (reason: unknown, abortedResult: unknown) => Error;

/** graphql-js 17 has it, and 16 has not. */
const { AbortedGraphQLExecutionError } = graphql as { readonly AbortedGraphQLExecutionError?: AbortedError };

/** Whether a request is to reject, since its signal was aborted before the response was there. */
export function isRejected({ onAbort, abortSignal }: Request): boolean {
  return onAbort === 'REJECT' && abortSignal?.aborted === true;
}

/** What an aborted request rejects with: graphql-js 17's error, or where that is not installed one like it. */
export function abortedError(reason: unknown, abortedResult: unknown): Error {
  if (AbortedGraphQLExecutionError !== undefined) return new AbortedGraphQLExecutionError(reason, abortedResult);
  const error = new Error(reason instanceof Error ? reason.message : String(reason), { cause: reason });
  return Object.assign(error, { name: 'AbortedGraphQLExecutionError', abortedResult });
}
