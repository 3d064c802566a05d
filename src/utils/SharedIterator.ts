import { closeIterator } from './collectItems.ts';
import { isPromiseLike } from './isPromiseLike.ts';
import { itemAt } from './itemAt.ts';
import { iteratorResult } from './iteratorResult.ts';
import type { MaybePromise } from './MaybePromise.ts';

export type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;
type Result = IteratorResult<unknown>;
/** What an iterator gave for a call of `next`, or threw. */
type Given = { readonly result: MaybePromise<Result> } | { readonly error: unknown };

/** Whether an object gives its items once, as generators do. */
export function isIterator(value: object): value is AnyIterator {
  try {
    const has = (name: PropertyKey): boolean => typeof Reflect.get(value, name) === 'function';
    return has('next') && (has(Symbol.iterator) || has(Symbol.asyncIterator));
  } catch {
    return false; // A getter or a proxy threw.
  }
}

/** An iterator that several read: it is asked for each item once, and closed when all have closed it. */
export class SharedIterator {
  readonly #iterator: AnyIterator;
  readonly #copy: (item: unknown) => unknown;
  readonly #given: Given[] = [];
  #readers = 0;

  /** `copy` makes an item for each reader. */
  constructor(iterator: AnyIterator, copy: (item: unknown) => unknown) {
    this.#iterator = iterator;
    this.#copy = copy;
  }

  /** Another iterator over all items. */
  reader(): object {
    this.#readers++;
    return new Reader(this, Symbol.iterator in this.#iterator ? Symbol.iterator : Symbol.asyncIterator);
  }

  at(index: number): MaybePromise<Result> {
    while (this.#given.length <= index) this.#given.push(this.#ask());
    const given = itemAt(this.#given, index);
    if ('error' in given) throw given.error;
    const { result } = given;
    return isPromiseLike(result) ? Promise.resolve(result).then((one) => this.#own(one)) : this.#own(result);
  }

  #ask(): Given {
    try {
      return { result: this.#iterator.next() };
    } catch (error) {
      return { error };
    }
  }

  #own(result: Result): Result {
    const { done, value } = iteratorResult(result);
    return done === true ? result : { done: false, value: this.#copy(value) };
  }

  close(): void {
    if (--this.#readers === 0) closeIterator(this.#iterator);
  }
}

class Reader {
  readonly #source: SharedIterator;
  #at = 0;
  #isClosed = false;

  constructor(source: SharedIterator, symbol: typeof Symbol.iterator | typeof Symbol.asyncIterator) {
    this.#source = source;
    Object.defineProperty(this, symbol, { value: () => this });
  }

  next(): unknown {
    return this.#source.at(this.#at++);
  }

  return(): object {
    if (!this.#isClosed) this.#source.close();
    this.#isClosed = true;
    return { done: true, value: undefined };
  }
}
