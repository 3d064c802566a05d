import type { Eventual } from '../../utils/Eventual.ts';

/**
 * Work of an operator that goes on later. The driver waits for `promise`, then calls one of the other methods, which
 * return the work that is still pending, or null when the operator is done.
 */
export interface Pending {
  readonly promise: Promise<unknown> | Eventual<unknown>;
  onValue(value: never): Outcome;
  /** The promise was rejected, or the run was aborted. Must not wait for anything that may never come. */
  onError(error: unknown): Outcome;
  /** The value came after the run was aborted. */
  onLate?(value: never): void;
}

/** How an operator ends: null when it is done. */
export type Outcome = Pending | null;

export const DONE: Outcome = null;
