import { type ExecutionResult, GraphQLError } from 'graphql';
import { propertiesOf } from '../utils/propertiesOf.ts';
import type { ReactiveArgs } from './ReactiveArgs.ts';

/**
 * The answer to a request of another user than the one who is signed in now; null: it is none.
 * Implements spec 12.9.6 and 12.10.3.
 */
export function refuseOtherUser({ extensions, subject, user = subject }: ReactiveArgs): ExecutionResult | null {
  const { user: meant } = propertiesOf(propertiesOf(extensions).planql);
  if (meant === undefined || meant === user) return null;
  const message = 'This request was made for another user than the one who is signed in. It was not run.';
  return { errors: [new GraphQLError(message, { extensions: { code: 'OTHER_USER' } })] };
}
