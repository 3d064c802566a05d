import { PlanqlError } from './PlanqlError.ts';
import { RefusedError } from './RefusedError.ts';
import { SafeError } from './SafeError.ts';

/** Whether clients may read the message of this error (docs/errors.md). Every mask asks here. */
export function isForClients(error: unknown): boolean {
  if (error instanceof SafeError || error instanceof RefusedError) return true;
  return error instanceof PlanqlError && 'isForClients' in error && error.isForClients === true;
}
