import { PlanqlError } from '../errors/PlanqlError.ts';
import { inspect } from '../utils/inspect.ts';

/** The entry of a batch that failed: its row ends with this error, and nothing that depends on it runs. */
export class Failure {
  readonly error: unknown;
  readonly #isFailure = true;

  constructor(error: unknown) {
    this.error = error;
  }

  // Every value is asked for. To go up the chain of prototypes is slow where one of them is a proxy, as that of Pents is.
  static [Symbol.hasInstance](value: unknown): value is Failure {
    return typeof value === 'object' && value !== null && #isFailure in value;
  }
}

/** The entry of a batch that ended early: its row ends with `value`, and nothing that depends on it runs. */
export class Exit {
  readonly value: unknown;
  readonly #isExit = true;

  constructor(value: unknown) {
    this.value = value;
  }

  static [Symbol.hasInstance](value: unknown): value is Exit {
    return typeof value === 'object' && value !== null && #isExit in value;
  }
}

/** The entry of a row that failed. An `Error` instance as an entry means the same. */
export function fail(error: unknown): Failure {
  return new Failure(error);
}

/** The entry of a row that ends early with `null` (rule R12). */
export const exit: Exit = new Exit(null);

/** The entry of a row that ends early with `value`: `null` or an empty list. */
export function exitWith(value: null | readonly never[]): Exit {
  if (value === null) return exit;
  if (Array.isArray(value) && value.length === 0) return new Exit(value);
  throw new PlanqlError(
    'EXIT_VALUE',
    `A row cannot end early with ${inspect(value)}. It may end with null, an empty list or fail(error).`,
  );
}

/** Whether a register's entry stands for a row that is over. */
export function isSignal(value: unknown): value is Failure | Exit {
  return value instanceof Failure || value instanceof Exit;
}
