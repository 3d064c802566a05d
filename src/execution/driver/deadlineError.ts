import { RefusedError } from '../../errors/RefusedError.ts';

/** The error of fields that were not ready when a request ran out of time. */
export function deadlineError(): Error {
  return new RefusedError('DEADLINE', 'The deadline of this request has passed.');
}
