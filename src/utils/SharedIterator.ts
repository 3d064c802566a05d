import { closeIterator } from './collectItems.ts';
import { isPromiseLike } from './isPromiseLike.ts';

export type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;
type Result = IteratorResult<unknown>;

/** Whether an object gives its items once, as generators do. */
export function isIterator(value: object): value is AnyIterator {
  try {
    const {
      next,
      [Symbol.iterator]: iterate,
      [Symbol.asyncIterator]: iterateLater,
    } = value as Partial<Generator> & Partial<AsyncGenerator>;
    return typeof next === 'function' && (typeof iterate === 'function' || typeof iterateLater === 'function');
  } catch {
    return false; // A getter or a proxy threw.
  }
}

/** An iterator that several read: it is asked for each item once, and closed when all have closed it. */
export class SharedIterator {
  readonly #iterator: AnyIterator;
  readonly #copy: (item: unknown) => unknown;
  /** What it gave for each call of `next`, or threw. */
  readonly #given: ({ readonly result: unknown } | { readonly error: unknown })[] = [];
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

  at(index: number): unknown {
    while (this.#given.length <= index) this.#given.push(this.#ask());
    const given = this.#given[index] as { readonly result: unknown };
    if ('error' in given) throw given.error;
    const { result } = given;
    return isPromiseLike(result) ? Promise.resolve(result).then((one) => this.#own(one)) : this.#own(result);
  }

  #ask(): { readonly result: unknown } | { readonly error: unknown } {
    try {
      return { result: this.#iterator.next() };
    } catch (error) {
      return { error };
    }
  }

  #own(result: unknown): unknown {
    const { done, value } = result as Result;
    return done ? result : { done, value: this.#copy(value) };
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
