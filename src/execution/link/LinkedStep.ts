import type { DependencyNode, StepNode } from '../../plan/Plan.ts';
import type { Step } from '../../step/Step.ts';
import type { Task } from '../schedule/TaskGraph.ts';

/** A step of a plan with everything looked up that running it needs. */
export interface LinkedStep {
  readonly id: number;
  readonly node: StepNode;
  readonly instance: Step;
  readonly singular: boolean;
  readonly isEntry: boolean;
  /** The dependencies whose values `execute` gets: all but those that only run first. */
  readonly inputs: readonly DependencyNode[];
  /** The step whose register is the only value of `execute`, row by row, as long as it holds no failure; -1: there is none. */
  readonly direct: number;
  readonly batchKey: string | null;
  readonly task: Task;
}
