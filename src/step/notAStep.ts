import { PlanqlError } from '../errors/PlanqlError.ts';

/**
 * The error for a value in the place of a step.
 *
 * @param user - the step or step function that was given it.
 * @param part - where in a tuple or record of steps it stood; empty where it stood alone.
 */
export function notAStep(user: string, value: unknown, part = ''): PlanqlError {
  const place = part === '' ? '' : ` as "${part}"`;
  return new PlanqlError('NOT_A_STEP', `${user} was given ${describe(value)}${place} where it needs a step.`);
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return 'then' in value ? 'a promise' : 'an object';
}
