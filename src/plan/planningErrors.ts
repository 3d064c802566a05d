import { PlanqlError } from '../errors/PlanqlError.ts';
import type { ErrorOutput } from './Plan.ts';

/** The `originalError` of a field that could not be planned. `cause` is the error that its plan resolver threw. */
export class PlanningError extends PlanqlError<'NOT_PLANNED'> {
  /** The field, as `Type.field`. */
  readonly coordinate: string;

  constructor(message: string, coordinate: string, cause: unknown) {
    super('NOT_PLANNED', message, cause === undefined ? undefined : { cause });
    this.coordinate = coordinate;
    // An author needs the frames of the plan resolver.
    if (cause instanceof Error && cause.stack !== undefined) this.stack = cause.stack;
  }
}

const causes = new WeakMap<ErrorOutput, unknown>();

/** Remembers the error of a plan resolver, in the process that planned. An imported plan has the message alone. */
export function noteCause(output: ErrorOutput, cause: unknown): ErrorOutput {
  causes.set(output, cause);
  return output;
}

/** The error of a field that stands as an error in its plan. */
export function planningError(output: ErrorOutput, coordinate: string): PlanningError {
  return new PlanningError(output.message, coordinate, causes.get(output));
}

/** How long planning may take, in milliseconds, where nothing else is said. */
export const DEFAULT_PLAN_MS = 5_000;
