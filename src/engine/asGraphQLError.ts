import { GraphQLError } from 'graphql';
import { RefusedError } from '../errors/RefusedError.ts';

/** A thrown value, as an error that a response can hold. */
export function asGraphQLError(thrown: unknown): GraphQLError {
  // graphql 17 has made a GraphQLError of an error that was thrown while it coerced variables.
  const cause = thrown instanceof GraphQLError ? (thrown.originalError ?? thrown) : thrown;
  const originalError = cause instanceof Error ? cause : new Error(String(cause));
  if (isStackOverflow(originalError)) return tooDeep(originalError);
  return thrown instanceof GraphQLError ? thrown : new GraphQLError(originalError.message, { originalError });
}

function isStackOverflow({ name, message }: Error): boolean {
  return name === 'RangeError' && message.includes('call stack');
}

function tooDeep(cause: Error): GraphQLError {
  const message = 'This request is nested too deeply.';
  return new GraphQLError(message, { originalError: new RefusedError('TOO_DEEP', message, { cause }) });
}
