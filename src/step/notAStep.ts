import { PlanqlError } from '../errors/PlanqlError.ts';
import { inspect } from '../utils/inspect.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import { version } from '../utils/version.ts';
import { hintOfCopies, versionOfStep } from './copies.ts';

/**
 * The error for a value in the place of a step.
 *
 * @param user - the step or step function that was given it.
 * @param part - where in a tuple or record of steps it stood; empty where it stood alone.
 */
export function notAStep(user: string, value: unknown, part = ''): PlanqlError {
  const place = part === '' ? '' : ` as "${part}"`;
  const made = versionOfStep(value);
  if (made !== null) {
    const message = `${user} was given a step of planql ${made}${place} where it needs one of planql ${version}.`;
    return new PlanqlError('NOT_A_STEP', `${message}${hintOfCopies()}`);
  }
  const [seen, remedy] = isPromiseLike(value) ? ['a promise', ''] : [inspect(value), remedyFor(value)];
  return new PlanqlError('NOT_A_STEP', `${user} was given ${seen}${place} where it needs a step${remedy}.`);
}

/** A value in the place of a step may be meant; where it is missing, nothing is. */
export function remedyFor(value: unknown): string {
  return value === undefined ? '' : '; constant(value) makes one';
}
