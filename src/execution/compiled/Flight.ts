import type { PlainLoad } from '../../step/PlainLoad.ts';
import type { CallSite } from '../link/Segment.ts';
import type { Outcome, Pending } from '../operators/Pending.ts';
import type { CallGroup, StepCall } from '../operators/StepCall.ts';
import type { Task } from '../schedule/TaskGraph.ts';

/** A call that is under way. */
export interface Flight {
  readonly site: CallSite;
  readonly call: StepCall;
  readonly promise: PromiseLike<unknown>;
  /** The load that was asked without a look at earlier loads; null: another call, which left `pending`. */
  readonly load: PlainLoad | null;
  readonly pending: Pending | null;
}

/** How a call goes on that the operator left pending. */
export interface Landing {
  onValue(value: unknown): Outcome;
  onError(error: unknown): Outcome;
}

/** The keys and answers of a load, for another one that may ask for the same. */
export interface Asked {
  readonly load: PlainLoad;
  readonly family: number;
  readonly values: readonly unknown[];
  readonly entries: readonly unknown[];
}

/** Work under way, with the tasks that end with it. */
export type Begun = readonly [Task | CallGroup, Outcome];
