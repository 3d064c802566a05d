import { watchRest } from './watchPromise.ts';

/** Whether an item decides the result of its list: no item after it is read. */
export type Decides = (item: unknown) => boolean;

/**
 * The items of an iterator, up to its end or to the item that decides: the iterator is closed there. `Array.from` reads,
 * since its errors are those of graphql-js 16.
 */
export function collectItems(iterator: Iterator<unknown>, decides: Decides | null): unknown[] {
  const list = { [Symbol.iterator]: () => iterator };
  if (decides === null) return Array.from(list);
  const items: unknown[] = [];
  const take = (item: unknown): null => {
    items.push(item);
    if (decides(item)) throw DECIDED;
    return null;
  };
  try {
    Array.from(list, take);
  } catch (error) {
    if (error !== DECIDED) throw error;
    watchRest(iterator);
  }
  return items;
}

const DECIDED: unique symbol = Symbol('decided');

/** Closes an iterator that is given up. Whether that succeeds concerns nobody. */
export function closeIterator(iterator: Iterator<unknown> | AsyncIterator<unknown> | null): void {
  try {
    const closed: unknown = iterator?.return?.();
    if (typeof closed === 'object' && closed !== null) Promise.resolve(closed).catch(() => {});
  } catch {
    // As above.
  }
}
