import { Failure, isSignal } from '../../step/signals.ts';
import { Eventual } from '../../utils/Eventual.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { watchList } from '../../utils/watchPromise.ts';
import type { Arrivals } from '../state/Arrivals.ts';

/** A list of values in which nothing is a promise any more, and errors are failures. */
export class SettledColumn {
  readonly column: readonly unknown[];
  /** Whether some of the values are failures or exits. */
  readonly hasSignals: boolean;
  /** Whether some of the values are null or undefined. */
  readonly hasNulls: boolean;

  constructor(column: readonly unknown[], hasSignals: boolean, hasNulls = false) {
    this.column = column;
    this.hasSignals = hasSignals;
    this.hasNulls = hasNulls;
  }
}

/** A list with promises in it. Their values take their places as they come. */
export class SettlingColumn extends Eventual<SettledColumn> {
  readonly column: unknown[];
  /** Hears of the values that come before the last one. */
  arrivals: Arrivals | null = null;

  constructor(count: number) {
    super();
    this.column = new Array<unknown>(count);
  }
}

/** A list that is settled, or that will be when all promises in it are. */
export type Settling = SettledColumn | SettlingColumn;

/**
 * Looks once at each entry that a step returned. The list is handed on as it is where it can be (rule R10): it is
 * copied only when it holds errors or promises. Promises in entries that are lists are watched here, whatever takes these or
 * drops them (rule R27). `arePassed`: they are values of other steps, which were looked at.
 */
export function settleColumn(values: readonly unknown[], arePassed = false): Settling {
  try {
    return look(values, arePassed);
  } catch {
    // A proxy, or a getter called `then`, does not let itself be looked at: that is its row's failure.
    return look(Array.from(values, failIfHostile), arePassed);
  }
}

function failIfHostile(value: unknown): unknown {
  try {
    look([value], false);
    return value;
  } catch (error) {
    return new Failure(error);
  }
}

function look(values: readonly unknown[], arePassed: boolean): Settling {
  const count = values.length;
  let hasSignals = false;
  let hasNulls = false;
  let known: object | null = Object.prototype; // that of no error
  for (let row = 0; row < count; row++) {
    const value = values[row];
    if (typeof value !== 'object' || value === null) {
      if (value === null || value === undefined) hasNulls = true;
      else if (typeof value === 'function' && isThenable(value)) return settlePromises(values, arePassed);
      continue;
    }
    // In the order in which graphql-js asks, which a proxy can tell.
    if (isThenable(value)) return settlePromises(values, arePassed);
    const prototype: object | null = Object.getPrototypeOf(value);
    if (prototype === known) continue;
    if (isSignal(value)) hasSignals = true;
    else if (!arePassed && value instanceof Error) return look(values.map(withoutError), false);
    else if (arePassed || !watchList(value)) known = prototype;
  }
  return new SettledColumn(values, hasSignals, hasNulls);
}

function isThenable(value: object): boolean {
  return typeof (value as { then?: unknown }).then === 'function';
}

/** A value that does not let itself be looked at is a failure, too. */
function withoutError(value: unknown): unknown {
  try {
    return value instanceof Error ? new Failure(value) : value;
  } catch (error) {
    return new Failure(error);
  }
}

/** Undefined where a value does not tell. */
function prototypeOf(value: object): object | null | undefined {
  try {
    return Object.getPrototypeOf(value);
  } catch {
    return undefined;
  }
}

/** One promise a value and none for the list: rows put their values into their places, and the last one ends it. */
function settlePromises(values: readonly unknown[], arePassed: boolean): SettlingColumn {
  const settling = new SettlingColumn(values.length);
  const { column } = settling;
  let hasSignals = false;
  let hasNulls = false;
  let missing = values.length;
  let known: object | null | undefined = Object.prototype; // that of no error
  const put = (row: number, outcome: unknown): void => {
    let value = outcome;
    if (outcome === null || outcome === undefined) hasNulls = true;
    else if (typeof outcome === 'object' || typeof outcome === 'function') {
      const prototype = prototypeOf(outcome);
      if (prototype !== known) {
        if (!arePassed) value = withoutError(outcome);
        if (!isSignal(value) && !watchList(outcome)) known = prototype;
      }
      if (isSignal(value)) hasSignals = true;
      else settling.arrivals?.add(outcome);
    }
    column[row] = value;
    if (--missing === 0) settling.come(new SettledColumn(column, hasSignals, hasNulls));
  };
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (!isPromiseLike(value)) put(row, value);
    else {
      Promise.resolve(value).then(
        (outcome) => put(row, outcome),
        (error: unknown) => put(row, new Failure(error)),
      );
    }
  }
  return settling;
}
