import { PlanqlError } from './PlanqlError.ts';

/** An error that only a bug in planql can cause. */
export class InternalError extends PlanqlError<'INTERNAL'> {
  constructor(message: string) {
    super('INTERNAL', `${message} This is a bug in planql; please report it.`);
  }
}

/** Asserts what planql itself guarantees. Never use it on what a user gave. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}

/** Makes a `switch` over a union exhaustive: it stops compiling when a member is forgotten. */
export function unreachable(value: never): never {
  throw new InternalError(`Unexpected value ${JSON.stringify(value)}.`);
}
