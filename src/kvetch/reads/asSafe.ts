import { SafeError } from '../../errors/SafeError.ts';
import { BadPageError } from '../errors.ts';

/** A wrong page is the client's mistake, which it may read. */
export function asSafe(error: Error): Error {
  return error instanceof BadPageError ? new SafeError(error.message, { code: 'BAD_PAGE' }, { cause: error }) : error;
}
