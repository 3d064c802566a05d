import type { LinkedStep } from '../link/LinkedPlan.ts';

/** One call of `execute` that is about to be made for one step. */
export interface StepCall {
  readonly step: LinkedStep;
  readonly count: number;
  readonly values: readonly unknown[];
  /** The rows that take part; null for all. */
  readonly rows: Int32Array | null;
  /** For rows that do not take part, why. */
  readonly signals: readonly unknown[] | null;
}

/** Calls that share one `execute`, at least one. */
export type CallGroup = readonly [StepCall, ...(readonly StepCall[])];
