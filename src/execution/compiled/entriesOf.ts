import type { PlainLoad } from '../../step/PlainLoad.ts';
import { isSignal } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { SharedAnswer } from '../../utils/SharedAnswer.ts';
import { watchList } from '../../utils/watchPromise.ts';
import type { CheckedEntries } from '../link/Segment.ts';
import { SettledColumn } from '../operators/settleColumn.ts';

/**
 * The entries of a loader's answer for some keys, as a step yields them, in a list of its own. Null where they need more
 * than a look: an entry is a promise, an error or no list where it has to be one, or there is no list of them.
 */
export function takeEntries({ yieldsLists }: PlainLoad, count: number, answer: unknown): CheckedEntries | null {
  const { list, from } = answer instanceof SharedAnswer ? answer : { list: answer, from: 0 };
  try {
    if (!Array.isArray(list) || (list === answer && list.length !== count)) return null;
    return entriesOf(list, from, count, yieldsLists);
  } catch {
    return null; // A proxy, or a getter.
  }
}

/** Looks at `count` entries from an index on. Throws where they do not let themselves be looked at. */
function entriesOf(list: readonly unknown[], from: number, count: number, yieldsLists: boolean): SettledColumn | null {
  const column = new Array<unknown>(count);
  let hasNulls = false;
  let known: object | null = Object.prototype; // that of no error
  for (let row = 0; row < count; row++) {
    const entry: unknown = list[from + row];
    if (entry === null || entry === undefined) {
      hasNulls = true;
      column[row] = null;
      continue;
    }
    if (isPromiseLike(entry) || (yieldsLists && !Array.isArray(entry))) return null;
    column[row] = entry;
    if (typeof entry !== 'object') continue;
    const prototype: object | null = Object.getPrototypeOf(entry);
    if (prototype === known) continue;
    if (isSignal(entry) || entry instanceof Error) return null;
    if (!watchList(entry)) known = prototype;
  }
  return new SettledColumn(column, false, hasNulls);
}

/** Whether all values of a column are texts, numbers and the like: there is nothing to look at, or to wait for. */
export function arePlain(column: unknown, count: number): column is readonly unknown[] {
  if (!Array.isArray(column) || column.length !== count) return false;
  for (let row = 0; row < count; row++) {
    const value: unknown = column[row];
    if (value === undefined || typeof value === 'object' || typeof value === 'function') return false;
  }
  return true;
}
