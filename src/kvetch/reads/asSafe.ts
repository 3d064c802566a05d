import { SafeError } from '../../errors/SafeError.ts';
import { BadCursorError, BadPageError, BadValueError } from '../errors.ts';

/** A wrong page, and a value that no index can hold, is the client's mistake, which it may read. */
export function asSafe(error: Error): Error {
  if (error instanceof BadPageError) return toClient(error, error.forClients);
  return error instanceof BadCursorError || error instanceof BadValueError ? toClient(error, error.message) : error;
}

function toClient(error: BadPageError | BadCursorError | BadValueError, message: string): SafeError {
  return new SafeError(message, { code: error.code }, { cause: error });
}
