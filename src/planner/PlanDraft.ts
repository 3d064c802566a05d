import type { Layer, Step } from '../step/Step.ts';
import type { StepGraph } from '../step/StepGraph.ts';
import type { GuardTable } from './construct/GuardTable.ts';
import type { AbstractBuild, ObjectBuild, Output, Position } from './construct/OutputTree.ts';

/** Something to write down: the root object, or a branch that was planned later. */
export interface DraftRoot {
  readonly object: ObjectBuild | null;
  readonly branch: { readonly abstract: AbstractBuild; readonly position: Position } | null;
  /** The guard under which it is reached. */
  readonly guard: number;
}

/** A plan between building and lowering, which passes read and rewrite. */
export interface PlanDraft {
  readonly graph: StepGraph;
  readonly guards: GuardTable;
  readonly roots: readonly DraftRoot[];
  readonly $stream: Step | null;
  /** All outputs below the roots: parents before children. */
  readonly outputs: readonly Output[];
  /** Steps that something needs, each with the guard under which it is needed; dependencies come before dependents. */
  needed: Map<Step, number>;
  /** The guards under which abstract positions are reached: branches planned later start from them. */
  readonly reached: Map<AbstractBuild, number>;
  /** Needed steps that get a register; the others are read by the output out of their dependency. */
  columns: Set<Step>;
  /** Layers that get rows. */
  layers: Set<Layer>;
}
