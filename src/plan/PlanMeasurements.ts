/** Measurements of one step during a run of the plan. */
export interface StepMeasurement {
  /** The number of calls of its `execute`, alone or together with other steps. */
  readonly calls: number;
  /** How many rows it was called with. */
  readonly rows: number;
  /** When the first call began, in milliseconds after the run. */
  readonly start: number;
  /** From each call to the last of its values, in milliseconds, summed. */
  readonly milliseconds: number;
  /** Values came after `execute` had returned. */
  readonly waited: boolean;
  /** Steps whose calls it shared. */
  readonly sharedWith: readonly number[];
  /** The step's own notes, given to `extra.trace`. */
  readonly notes: Readonly<Record<string, number | string>>;
}

/** By step. Steps that did not run are not there. */
export type PlanMeasurements = ReadonlyMap<number, StepMeasurement>;
