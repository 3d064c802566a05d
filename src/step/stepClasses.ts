import type { StepClass } from './Step.ts';

const classes = new Map<string, StepClass>();

/** Makes step classes known by their `op`, so that imported plans that hold it can be linked. The latest wins. */
export function registerSteps(...stepClasses: ReadonlyArray<StepClass>): void {
  for (const stepClass of stepClasses) classes.set(stepClass.op, stepClass);
}

/** The version of the step class of this op; 1 unless it says otherwise. */
export function opVersion(op: string): number {
  return classes.get(op)?.version ?? 1;
}

export function findStepClass(op: string): StepClass | undefined {
  return classes.get(op);
}
