import type { MaybePromise } from '../utils/MaybePromise.ts';
import type { PlanDocument } from './PlanDocument.ts';

/**
 * A store for the plans of one release, shared by a fleet: one process plans, the others run (spec/3-plan-document.md,
 * 3.10). The engine makes the keys. The engine verifies every plan that it gets from a store, so that a damaged plan
 * does no harm; but anybody with write access decides which plans run.
 */
export interface PlanStore {
  /** The plan that was set under a key; null when there is none. */
  get(key: string): MaybePromise<unknown>;
  /** Keeps a plan. The latest wins; all that are set under one key do the same. */
  set(key: string, plan: PlanDocument): MaybePromise<void>;
  /** All plans, in any order: for warm-up. */
  all(): AsyncIterable<unknown>;
}
