import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { type Failure, fail } from '../../src/step/signals.ts';
import { isAsyncIterable } from '../../src/utils/asyncIterables.ts';
import { inspect } from '../../src/utils/inspect.ts';
import { isIterableObject } from '../../src/utils/isIterableObject.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';

/** The items of a list; null where there is none, undefined for any other value. */
function itemsIn(value: unknown, extra: ExecuteExtra): ReturnType<ExecuteExtra['itemsOf']> | null | undefined {
  if (Array.isArray(value)) return value;
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object' || !(isIterableObject(value) || isAsyncIterable(value))) return undefined;
  return extra.itemsOf(value);
}

/**
 * Applies `f` to each list of a column. Null stays null, async iterables are collected, to their end or that of the
 * request, anything else fails its row.
 */
export function mapLists<TResult>(
  op: string,
  values: readonly unknown[],
  f: (list: readonly unknown[]) => TResult,
  extra: ExecuteExtra,
): ReadonlyArray<MaybePromise<TResult | Failure | null>> {
  const results = new Array<MaybePromise<TResult | Failure | null>>(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    try {
      const items = itemsIn(value, extra);
      if (items === null) results[row] = null;
      else if (items === undefined) results[row] = fail(notAList(op, value));
      else results[row] = items instanceof Promise ? items.then(f) : f(items);
    } catch (error) {
      results[row] = fail(error);
    }
  }
  return results;
}

function notAList(op: string, value: unknown): PlanqlError {
  return new PlanqlError('NOT_A_LIST', `${op}() was given ${inspect(value)} where it needs a list.`);
}

/** Whether a row with this source has items in the list layer over it; null passes, any other non-list is a failure. */
export function listProblem(op: string, value: unknown): Failure | null | undefined {
  if (value === null || value === undefined) return null;
  const isList =
    Array.isArray(value) || (typeof value === 'object' && (Symbol.iterator in value || Symbol.asyncIterator in value));
  return isList ? undefined : fail(notAList(op, value));
}
