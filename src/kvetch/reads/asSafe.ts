import { SafeError } from '../../errors/SafeError.ts';
import { BadCursorError, BadPageError } from '../errors.ts';

/** A wrong page is the client's mistake, which it may read. */
export function asSafe(error: Error): Error {
  const isClients = error instanceof BadPageError || error instanceof BadCursorError;
  return isClients ? new SafeError(error.message, { code: error.code }, { cause: error }) : error;
}
