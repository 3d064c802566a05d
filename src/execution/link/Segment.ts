import type { PlainLoad } from '../../step/PlainLoad.ts';
import type { Task } from '../schedule/TaskGraph.ts';
import type { LinkedStep } from './LinkedStep.ts';

/** The operations that run, in order, when the values of a call are there; the first one when the run begins. */
export interface Segment {
  /** The call's task; null for the first segment. */
  readonly begins: Task | null;
  readonly operations: Operation[];
}

/** The entries of a load in a list of its own; none of them is an error or a promise. */
export interface CheckedEntries {
  readonly column: readonly unknown[];
  readonly hasSignals: boolean;
  readonly hasNulls: boolean;
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
}
