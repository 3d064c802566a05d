import { Failure } from '../../step/signals.ts';
import { type AsyncCollection, type CollectOptions, collectAsync } from '../../utils/asyncIterables.ts';
import { collectItems, type Decides } from '../../utils/collectItems.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';

/**
 * The items that were read of a run's lists that are no arrays. A list that gives its items only once, as generators do, is
 * read once: each position gets the items of the first reader. A list that was read before its position was written, since
 * promises had to be watched in it, is not read again for that.
 */
export class ListReadings {
  /** Of lists that give their items once. */
  readonly #shared = new Map<object, readonly unknown[] | Failure>();
  readonly #early = new Map<object, readonly unknown[] | Failure>();
  /** The last items of each list, so that it is not read again to watch its promises. */
  readonly #last = new WeakMap<object, readonly unknown[] | Failure>();
  /** Reads a list before anything of it was written. */
  readAhead: (list: Iterable<unknown>, decides: Decides | null) => readonly unknown[] | Failure = (list, decides) =>
    readNow(list, decides).found;
  readonly #collections = new Map<object, AsyncCollection>();

  /** The items of a list. Throws the list's error. */
  read(list: Iterable<unknown>, decides: Decides | null): readonly unknown[] {
    const shared = this.#shared.get(list);
    if (shared !== undefined) return itemsOf(shared);
    const early = this.#early.get(list);
    this.#early.delete(list);
    const { found, isOnce } = early === undefined ? readNow(list, decides) : { found: early, isOnce: true };
    if (isOnce) this.#shared.set(list, found);
    this.note(list, found);
    return itemsOf(found);
  }

  /** Reads a list that the output will read, as far as the output will. */
  readEarly(list: Iterable<unknown>, decides: Decides | null): readonly unknown[] {
    const found = this.#last.get(list) ?? getOrCreate(this.#early, list, () => this.readAhead(list, decides));
    return found instanceof Failure ? [] : found;
  }

  /** A position was given these items of a list. */
  note(list: object, found: readonly unknown[] | Failure): void {
    this.#last.set(list, found);
  }

  /** The items of an async list. */
  collect(list: AsyncIterable<unknown>, options: CollectOptions): AsyncCollection {
    const known = this.#collections.get(list);
    if (known !== undefined) return known;
    const collection = collectAsync(list, options);
    if (collection.isOnce) this.#collections.set(list, collection);
    return collection;
  }
}

/** The items that were read. Throws the list's error. */
export function itemsOf(found: readonly unknown[] | Failure): readonly unknown[] {
  if (found instanceof Failure) throw found.error;
  return found;
}

interface Reading {
  readonly found: readonly unknown[] | Failure;
  /** Whether the list is its own iterator: it gives its items once. */
  readonly isOnce: boolean;
}

function readNow(list: Iterable<unknown>, decides: Decides | null): Reading {
  let isOnce = false;
  try {
    const iterator = list[Symbol.iterator]();
    isOnce = (iterator as unknown) === list;
    return { found: collectItems(iterator, decides), isOnce };
  } catch (error) {
    return { found: new Failure(error), isOnce };
  }
}
