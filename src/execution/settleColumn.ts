import { Exit, Failure } from '../step/signals.ts';

/** A list of values in which nothing is a promise any more, and errors are failures. */
export class SettledColumn {
  readonly column: readonly unknown[];
  /** Whether some of the values are failures or exits. */
  readonly hasSignals: boolean;

  constructor(column: readonly unknown[], hasSignals: boolean) {
    this.column = column;
    this.hasSignals = hasSignals;
  }
}

/**
 * Looks once at each entry that a step returned. The list is handed on as it is where it can be (rule R10): it is
 * copied only when it holds errors or promises. The promise, if there must be one, never rejects.
 */
export function settleColumn(values: readonly unknown[]): SettledColumn | Promise<SettledColumn> {
  try {
    return look(values);
  } catch {
    // A proxy, or a getter called `then`, does not let itself be looked at: that is its row's failure.
    return look(Array.from(values, failIfHostile));
  }
}

function failIfHostile(value: unknown): unknown {
  try {
    look([value]);
    return value;
  } catch (error) {
    return new Failure(error);
  }
}

function look(values: readonly unknown[]): SettledColumn | Promise<SettledColumn> {
  const count = values.length;
  let hasSignals = false;
  for (let row = 0; row < count; row++) {
    const value = values[row];
    if (typeof value !== 'object' || value === null) {
      if (typeof value === 'function' && isThenable(value)) return settlePromises(values);
      continue;
    }
    // In the order in which graphql-js asks, which a proxy can tell.
    if (isThenable(value)) return settlePromises(values);
    if (value instanceof Failure || value instanceof Exit) hasSignals = true;
    else if (value instanceof Error) return settleErrors(values);
  }
  return new SettledColumn(values, hasSignals);
}

function isThenable(value: object): boolean {
  return typeof (value as { then?: unknown }).then === 'function';
}

function settleErrors(values: readonly unknown[]): SettledColumn | Promise<SettledColumn> {
  return look(values.map((value) => (value instanceof Error ? new Failure(value) : value)));
}

async function settlePromises(values: readonly unknown[]): Promise<SettledColumn> {
  const outcomes = await Promise.all(Array.from(values, settleEntry));
  return new SettledColumn(
    outcomes,
    outcomes.some((value) => value instanceof Failure || value instanceof Exit),
  );
}

async function settleEntry(value: unknown): Promise<unknown> {
  try {
    const outcome = await value;
    return outcome instanceof Error ? new Failure(outcome) : outcome;
  } catch (error) {
    return new Failure(error);
  }
}
