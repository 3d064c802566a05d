import type { PlainLoad } from '../../step/PlainLoad.ts';
import type { Task } from '../schedule/TaskGraph.ts';
import type { RunState } from '../state/RunState.ts';
import type { LinkedStep } from './LinkedStep.ts';
import type { PlanShare } from './PlanShare.ts';

/** The operations that run, in order, when the values of a call are there; the first one when the run begins. */
export interface Segment {
  /** The call's task; null for the first segment. */
  readonly begins: Task | null;
  readonly operations: Operation[];
  /** Code for the first operations; null where there is none. */
  round: Round | null;
}

/**
 * Does the first operations of a segment, as long as nothing is unusual. Returns the number of those that are done. If values
 * of the next one need a closer look, `odd` has its column.
 */
export type Round = (state: RunState, odd: UncheckedColumn) => number;

/** Looks at the entries of a loader for `count` keys, which begin at an index of a list. */
export type CheckEntries = (list: readonly unknown[], from: number, count: number) => CheckedEntries | null;

/** The entries of a load in a list of its own; none of them is an error or a promise. */
export interface CheckedEntries {
  readonly column: readonly unknown[];
  readonly hasSignals: boolean;
  readonly hasNulls: boolean;
}

/** The values of a pure step that need a closer look. */
export interface UncheckedColumn {
  column: readonly unknown[] | null;
}

/** A task of a segment. */
export interface Operation {
  readonly task: Task;
  /** The step to execute. Null: the task opens a layer, or sees which types were met. */
  readonly step: LinkedStep | null;
  /** Whether the step reads off its dependencies and does nothing else. */
  readonly isPure: boolean;
  /** Of steps that may take their time. Null: later operations of the segment may need the values. */
  readonly call: SegmentCall | null;
}

/** A step that may take its time. */
export interface SegmentCall {
  /** The operations that wait for it alone. */
  readonly next: Segment;
  /** Of a load that may be called without a look at earlier loads. */
  readonly load: PlainLoad | null;
  /** Code that looks at its entries; null where there is none. */
  entries: CheckEntries | null;
  /** Equal for loads that may ask for the same keys; -1 for one whose keys no other load asks for. */
  readonly family: number;
  /** Whether it waits until nothing else can run at once, since calls of the plan may be shared then (4.6.2). */
  readonly waits: boolean;
}

/** The segments of a plan when it had so many tasks. */
export interface Segments {
  readonly tasks: number;
  /** Null where only the driver can run the plan. */
  readonly first: Segment | null;
  /** Counts runs until code is generated for segments; null: it is, or will be at once. */
  share: PlanShare | null;
}
