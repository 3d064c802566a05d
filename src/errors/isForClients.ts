import { PlanqlError } from './PlanqlError.ts';

/**
 * The codes of errors whose messages clients may read: those of `SafeError`, and those by which planql refuses a request
 * because of its bounds (docs/errors.md).
 */
const FOR_CLIENTS: ReadonlySet<string> = new Set(['SAFE', 'PLAN_LIMIT', 'MAX_STEPS', 'TOO_DEEP', 'DEADLINE']);

/** Whether clients may read the message of this error. Every mask asks here. */
export function isForClients(error: unknown): boolean {
  if (!(error instanceof PlanqlError)) return false;
  return FOR_CLIENTS.has(error.code) || (error.code === 'NOT_PLANNED' && isForClients(error.cause));
}
