import { Failure } from '../../step/signals.ts';
import { UNFINISHED } from '../state/errors.ts';
import type { Complete, ResponseState } from './ResponseState.ts';

/** How a position is completed when the run has continued. */
interface Unfinished {
  /** Reads the value again, from the value that the position belongs to. */
  readonly redo: Complete;
  /** Completes the value that was read. */
  readonly complete: Complete;
}

/**
 * Leaves a pending position at a position for which the run does not have all values yet. `found` was read from `own`. It is read again
 * only if it is the missing value itself.
 */
export function leaveUnfinished(
  state: ResponseState,
  { redo, complete }: Unfinished,
  own: unknown,
  found: unknown,
  row: number,
): null {
  const isMissing = found instanceof Failure && found.error === UNFINISHED;
  return isMissing ? state.leaveUnfinished(redo, own, row) : state.leaveUnfinished(complete, found, row);
}
