import { Failure } from '../../../src/step/signals.ts';

/** What a promise gives, or anything else: a value or an `Exit`. Who does not look at it hears of no rejection. */
export function settled(given: unknown): Promise<unknown> {
  const promise = Promise.resolve(given).then((value) => {
    if (value instanceof Failure) throw value.error;
    if (value instanceof Error) throw value;
    return value;
  });
  promise.catch(() => {});
  return promise;
}

/** What a list or a tuple keeps of an outcome: a failure is an entry like others. */
export function kept(outcome: Promise<unknown>): Promise<unknown> {
  return outcome.catch((error: unknown) => new Failure(error));
}

/** The items of any list. */
export async function itemsOf(list: unknown): Promise<readonly unknown[]> {
  if (Array.isArray(list)) return list;
  if (Symbol.asyncIterator in (list as object)) {
    const items: unknown[] = [];
    for await (const item of list as AsyncIterable<unknown>) items.push(item);
    return items;
  }
  return [...(list as Iterable<unknown>)];
}
