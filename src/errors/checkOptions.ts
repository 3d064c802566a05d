import { didYouMean } from '../utils/didYouMean.ts';
import { inspect } from '../utils/inspect.ts';
import { errorOf } from './errorOf.ts';
import { PlanqlError } from './PlanqlError.ts';

/** An option that does not exist, or has a value that it cannot have. */
export class OptionError extends PlanqlError<'BAD_OPTION'> {
  constructor(message: string) {
    super('BAD_OPTION', message);
  }
}

/** The rest of the sentence `"limits.planMs" is -1 and …`, or null: the value is fine. */
type ValueCheck<T = unknown> = (value: T) => string | null;

/** The options of `T`, all of them, each with its check: an option that is forgotten here does not compile. */
export type OptionTable<T> = {
  readonly [K in keyof Required<T>]: ValueCheck<NonNullable<T[K]>> | OptionTable<Extract<NonNullable<T[K]>, object>>;
};

/** For options that are checked where they are used. */
export const anything: ValueCheck = () => null;

export function oneOf(...values: readonly unknown[]): ValueCheck {
  const list = values.map(inspect).join(' or ');
  return (value) => (values.includes(value) ? null : `must be ${list}`);
}

export function integer(least: number): ValueCheck {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least
      ? null
      : `must be an integer of ${least} or more`;
}

/** A number, infinite perhaps. */
export function atLeast(least: number): ValueCheck {
  return (value) => (typeof value === 'number' && value >= least ? null : `must be ${least} or more`);
}

export const positive: ValueCheck = (value) => (typeof value === 'number' && value > 0 ? null : 'must be above 0');

/**
 * Refuses an options object with an unknown key, or a value that its check refuses. Absent and undefined options are fine,
 * and so is no object at all.
 *
 * @param owner The function that was given the options, as its user writes it: `createEngine`.
 * @throws OptionError, or one of `ErrorClass`, with the option, its value and the remedy.
 */
export function checkOptions<T extends object>(
  owner: string,
  options: T | null | undefined,
  table: OptionTable<T>,
  ErrorClass: new (message: string) => Error = OptionError,
): void {
  const problem = problemOf(owner, options, table, '');
  if (problem !== null) throw new ErrorClass(problem);
}

/**
 * A copy of options whose values, and those of their lists, are read once: getters may give another value each time. Checks
 * them as `checkOptions` does.
 *
 * @throws OptionError
 */
export function ownOptions<T extends object>(owner: string, options: T, table: OptionTable<T>): T {
  const own: T = Object({});
  const given = Object(options);
  const keys = new Set(Object.keys(table));
  for (const key in given) keys.add(key);
  for (const key of keys) {
    try {
      const value: unknown = given[key];
      if (value !== undefined) Reflect.set(own, key, Array.isArray(value) ? [...value] : value);
    } catch (error) {
      throw new OptionError(`${owner}: "${key}" cannot be read: ${errorOf(error).message}`);
    }
  }
  checkOptions(owner, own, table);
  return own;
}

function problemOf(owner: string, options: unknown, table: object, path: string): string | null {
  if (typeof options !== 'object' || options === null) return null;
  for (const key in options) {
    if (!Object.hasOwn(table, key)) {
      return `${owner} has no option "${path}${key}".${didYouMean(key, Object.keys(table))}`;
    }
    let value: unknown;
    try {
      value = Reflect.get(options, key);
    } catch (error) {
      return `${owner}: "${path}${key}" cannot be read: ${errorOf(error).message}`;
    }
    const problem = problemOfValue(owner, value, Reflect.get(table, key), `${path}${key}`);
    if (problem !== null) return problem;
  }
  return null;
}

/** `check`: a `ValueCheck`, or the table of a nested object. */
function problemOfValue(owner: string, value: unknown, check: object, name: string): string | null {
  if (value === undefined || check === anything) return null;
  if (typeof check !== 'function') return problemOf(owner, value, check, `${name}.`);
  const wrong: string | null = check(value);
  return wrong === null ? null : `${owner}: "${name}" is ${inspect(value)} and ${wrong}.`;
}
