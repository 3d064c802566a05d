import type { ExecuteExtra } from './ExecuteExtra.ts';
import type { Entry } from './Step.ts';
import { fail } from './signals.ts';

/**
 * Whether the deadline of the request has passed. Then the rows from `row` on fail. For steps that call code of the
 * application for each row: the timer of a run does not fire while they do. To be asked only where there is a deadline.
 */
export function failOverdue<TData>(results: Entry<TData>[], row: number, extra: ExecuteExtra): boolean {
  if (!extra.isOver) return false;
  results.fill(fail(extra.signal.reason), row);
  return true;
}
