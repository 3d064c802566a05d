import { GraphQLError } from 'graphql';

/** What was thrown, as an error that a response can hold. */
export function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  const message = isStackOverflow(originalError) ? 'This request is nested too deeply.' : originalError.message;
  return new GraphQLError(message, { originalError });
}

function isStackOverflow({ name, message }: Error): boolean {
  return name === 'RangeError' && message.includes('call stack');
}
