import type { MaybePromise } from '../utils/MaybePromise.ts';
import type { PlanDocument } from './PlanDocument.ts';

/**
 * Where a fleet keeps the plans of one release: what one process planned, the others run (spec/3-plan-document.md,
 * 3.10). Plans are found by keys that the engine makes. What a store gives is verified; it need not be trusted to be
 * whole, but anybody who can write to it decides what runs.
 */
export interface PlanStore {
  /** The plan that was set under a key; null when there is none. */
  get(key: string): MaybePromise<unknown>;
  /** Keeps a plan. The latest wins; all that are set under one key do the same. */
  set(key: string, plan: PlanDocument): MaybePromise<void>;
  /** All plans, in any order: for warm-up. */
  all(): AsyncIterable<unknown>;
}
