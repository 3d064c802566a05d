import { type ExecutionResult, GraphQLError } from 'graphql';
import { isForClients } from '../../errors/isForClients.ts';
import { PlanqlError } from '../../errors/PlanqlError.ts';

/** A result of nothing but an error. Clients may read its message: messages of other code are not passed on. */
export function errorResult(error: unknown): ExecutionResult & { readonly errors: readonly GraphQLError[] } {
  if (error instanceof GraphQLError) return { errors: [error] };
  if (isForClients(error) && error instanceof PlanqlError) return { errors: [refusal(error.code, error.message)] };
  return { errors: [new GraphQLError('Unexpected error.', { extensions: { code: 'INTERNAL_SERVER_ERROR' } })] };
}

/** An error that a client recognizes by its code. */
export function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
