import { PlanqlError } from '../errors/PlanqlError.ts';
import { inspect } from '../utils/inspect.ts';

/** An option with an amount: refused unless it is a number that is not negative. */
export function amount(option: string, value: number): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw new PlanqlError('BAD_OPTION', `${option} is ${inspect(value)}. Give it a number that is not negative.`);
}
