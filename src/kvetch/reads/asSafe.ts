import { SafeError } from '../../errors/SafeError.ts';
import { BadCursorError, BadPageError } from '../errors.ts';

/** A wrong page is the client's mistake, which it may read. */
export function asSafe(error: Error): Error {
  if (error instanceof BadPageError) return toClient(error, error.forClients);
  return error instanceof BadCursorError ? toClient(error, error.message) : error;
}

function toClient(error: BadPageError | BadCursorError, message: string): SafeError {
  return new SafeError(message, { code: error.code }, { cause: error });
}
