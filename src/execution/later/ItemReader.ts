import { Failure } from '../../step/signals.ts';
import { type AsyncCollection, type CollectOptions, isAsyncIterable, turnBefore } from '../../utils/asyncIterables.ts';
import type { Decides } from '../../utils/collectItems.ts';
import { isIterableObject } from '../../utils/isIterableObject.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { iteratorResult } from '../../utils/iteratorResult.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { watchNested, watchRest } from '../../utils/watchPromise.ts';

/** Items that were read from a list. */
export interface Items {
  readonly items: readonly unknown[];
  /** Whether the list is known to have no more. */
  readonly isDone: boolean;
}

/** Reads a list in steps. Each of several readers of a list gets all of its items. */
export interface ItemReader {
  /** The index of the item that is read next. */
  readonly index: number;
  readonly isAsync: boolean;
  /**
   * Up to `count` items; fewer where the list is done or failed. Where it failed, the next reading gives its error: that of
   * an async list rejects and never throws, also when the error is known already.
   */
  read(count: number): MaybePromise<Items>;
  /** The items that a synchronous list would give next, which are kept. A failure is reported when the item is read. */
  peek(count: number): readonly unknown[];
  /** A function that peeks. It is called before the list ends, if nobody called it until then: an iterator may hold promises. */
  peekLater(count: number): () => readonly unknown[];
  /** Another reader of the list, starting at the next item of this one. */
  fork(): ItemReader;
  /** Ends the list if it has no other reader. Resolves when it has ended; never rejects. */
  close(): Promise<void> | null;
  /**
   * The same for a reader that gives up before the end of its list. If the list failed while it was read ahead, nobody
   * hears of that: its iterator is closed, as one that has not ended.
   */
  abandon(): void;
}

/** The lists that a request reads in steps. */
export class Readers {
  /** Items are kept when all readers have read them: another may begin a list. */
  keeps: boolean;
  readonly #iterations = new Map<object, Iteration>();

  constructor(keeps: boolean) {
    this.keeps = keeps;
  }

  /** A reader from the start of a list; null if the value is not a list. `onItem` gets each item, except those of arrays. */
  of(list: unknown, onItem: OnItem = () => {}): ItemReader | null {
    if (Array.isArray(list)) {
      watchNested(list);
      return new ArrayReader(list, 0);
    }
    if (typeof list !== 'object' || list === null) return null;
    const before = this.#iterations.get(list);
    if (before !== undefined && !before.isUsedUp) return new IterationReader(before, 0);
    const isAsync = isAsyncIterable(list);
    if (!isAsync && !isIterableObject(list)) return null;
    const iteration = new Iteration(list as never, isAsync, this, onItem);
    if (before?.isGivenUp === true && iteration.goesOn(before)) return new IterationReader(before, 0);
    this.#iterations.set(list, iteration);
    return new IterationReader(iteration, 0);
  }

  /** Reads all items of an async list, or those up to the deciding one. */
  collect(list: AsyncIterable<unknown>, { onItem, decides = null }: CollectOptions): AsyncCollection {
    let reader: IterationReader | null = null;
    const collect = async (): Promise<unknown[]> => {
      reader = this.of(list, onItem) as IterationReader;
      return [...(await reader.readAll(decides)).items];
    };
    return { items: collect(), isOnce: true, close: () => void reader?.close() };
  }

  /** The same for a synchronous list. Throws the list's error. */
  read(list: Iterable<unknown>, decides: Decides | null): readonly unknown[] {
    return ((this.of(list) as IterationReader).readAll(decides) as Items).items;
  }

  /** The first items of a list, which are kept for its readers. It may be without end. */
  peek(list: Iterable<unknown>, count: number): readonly unknown[] {
    const reader = this.of(list) as IterationReader;
    const items = reader.peek(count);
    reader.leave();
    return items;
  }

  /** The same, for a list that nothing may be thrown for. */
  tryRead(list: Iterable<unknown>, decides: Decides | null): readonly unknown[] | Failure {
    try {
      return this.read(list, decides);
    } catch (error) {
      return new Failure(error);
    }
  }

  /** Ends all lists that have not ended. */
  async close(): Promise<void> {
    await Promise.all([...this.#iterations.values()].map((iteration) => iteration.end()));
  }
}

class ArrayReader implements ItemReader {
  readonly isAsync = false;
  readonly #list: readonly unknown[];
  index: number;

  constructor(list: readonly unknown[], index: number) {
    this.#list = list;
    this.index = index;
  }

  read(count: number): Items {
    // `Array.from`, since lists may have holes.
    const items = Array.from(this.#list.slice(this.index, this.index + count));
    this.index += items.length;
    return { items, isDone: items.length < count };
  }

  peek(count: number): readonly unknown[] {
    return Array.from(this.#list.slice(this.index, this.index + count));
  }

  peekLater(count: number): () => readonly unknown[] {
    return () => this.peek(count);
  }

  fork(): ItemReader {
    return new ArrayReader(this.#list, this.index);
  }

  close(): null {
    return null;
  }

  abandon(): void {}
}

type OnItem = (item: unknown) => void;
type Step = IteratorResult<unknown, unknown>;

/** One iteration over a list, shared by its readers. Items are kept until all readers have read them. */
class Iteration {
  readonly isAsync: boolean;
  readonly readers: Set<IterationReader> = new Set();
  /** A synchronous list was ended before its end. Sources of async lists mostly go on where another iteration ended. */
  isGivenUp = false;
  /** See `peekLater`. */
  peek: (() => unknown) | null = null;
  readonly #owner: Readers;
  readonly #onItem: OnItem;
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  #kept: unknown[] = [];
  #first = 0;
  #isOver = false;
  #isAbandoned = false;
  #failure: { readonly error: unknown } | null = null;
  #next: Promise<void> | null = null;

  constructor(list: Iterable<unknown> & AsyncIterable<unknown>, isAsync: boolean, owner: Readers, onItem: OnItem) {
    this.#onItem = onItem;
    this.isAsync = isAsync;
    this.#owner = owner;
    this.#iterator = isAsync ? list[Symbol.asyncIterator]() : list[Symbol.iterator]();
  }

  /** The item at an index. Null: it has not arrived; `undefined`: the list has ended. */
  at(index: number): { readonly item: unknown } | undefined | null {
    if (index - this.#first < this.#kept.length) return { item: this.#kept[index - this.#first] };
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#isOver) return undefined;
    return null;
  }

  /** Reads one more item. */
  advance(): Promise<void> | null {
    if (this.#next !== null) return this.#next;
    try {
      const step = this.#iterator.next();
      if (!isPromiseLike(step)) {
        this.#take(iteratorResult(step));
        return null;
      }
      this.#next = Promise.resolve(step)
        .then((taken) => this.#take(iteratorResult(taken)))
        .catch((error: unknown) => this.#fail(error));
      return this.#next;
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  #take(step: Step): void {
    this.#next = null;
    if (!step.done) {
      watchNested(step.value);
      this.#onItem(step.value);
    }
    if (this.#isOver) return;
    if (step.done) this.#isOver = true;
    else this.#kept.push(step.value);
  }

  #fail(error: unknown): void {
    this.#next = null;
    this.#isOver = true;
    this.#failure = { error };
    if (this.#isAbandoned) void this.#return();
  }

  abandon(): void {
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    if (this.#failure !== null) void this.#return();
  }

  /** Whether a new reader needs another iteration, if the list gives its items again: some were released, or never read. */
  get isUsedUp(): boolean {
    return this.#first > 0 || this.isGivenUp;
  }

  /** Whether it has the iterator of another iteration: the list gives its items once. */
  goesOn(other: Iteration): boolean {
    return this.#iterator === other.#iterator;
  }

  /** Releases items that all readers have read. */
  forget(): void {
    if (this.#owner.keeps) return;
    let index = Number.POSITIVE_INFINITY;
    for (const reader of this.readers) index = Math.min(index, reader.index);
    const count = Math.min(index - this.#first, this.#kept.length);
    this.#kept = this.#kept.slice(count);
    this.#first += count;
  }

  /** Closes an abandoned iterator. Nobody waits for it, so its errors are ignored. */
  async end(): Promise<void> {
    this.peek?.();
    if (this.#isOver) return;
    this.#isOver = true;
    this.isGivenUp = !this.isAsync;
    await this.#return();
  }

  async #return(): Promise<void> {
    try {
      watchRest(this.#iterator);
      await this.#iterator.return?.();
    } catch {
      // Ignored: see above.
    }
  }
}

const FAILED: unique symbol = Symbol('failed');

class IterationReader implements ItemReader {
  readonly isAsync: boolean;
  readonly #iteration: Iteration;
  index: number;

  constructor(iteration: Iteration, index: number) {
    this.#iteration = iteration;
    this.isAsync = iteration.isAsync;
    this.index = index;
    iteration.readers.add(this);
  }

  read(count: number): MaybePromise<Items> {
    return this.#read(count, null);
  }

  peek(count: number): readonly unknown[] {
    const ahead = this.fork();
    try {
      // Nothing is released: others may begin the list after this.
      const found = ahead.#readInto([], count, null);
      return 'items' in found ? found.items : [];
    } catch {
      return [];
    } finally {
      void ahead.close();
    }
  }

  peekLater(count: number): () => readonly unknown[] {
    const peek = (): readonly unknown[] => {
      this.#iteration.peek = null;
      return this.peek(count);
    };
    this.#iteration.peek = peek;
    return peek;
  }

  readAll(decides: Decides | null): MaybePromise<Items> {
    return this.#read(Number.POSITIVE_INFINITY, decides);
  }

  #read(count: number, decides: Decides | null): MaybePromise<Items> {
    // Only at the start: all readers exist before one of them reads further.
    this.#iteration.forget();
    if (!this.isAsync) return this.#readInto([], count, decides);
    try {
      return this.#readInto([], count, decides);
    } catch (error) {
      return Promise.reject(error); // another reader met it before
    }
  }

  #readInto(items: unknown[], count: number, decides: Decides | null): MaybePromise<Items> {
    while (items.length < count) {
      const found = this.#foundAfter(items, count);
      if (found === FAILED) return { items, isDone: false };
      if (found === undefined) return { items, isDone: true };
      if (found === null) {
        const advanced = this.#iteration.advance();
        if (advanced === null) continue;
        const turn = turnBefore(items.length);
        return (turn === null ? advanced : Promise.all([advanced, turn])).then(() =>
          this.#readInto(items, count, decides),
        );
      }
      items.push(found.item);
      this.index++;
      if (decides?.(found.item) === true) {
        this.close();
        return { items, isDone: true };
      }
    }
    return { items, isDone: false };
  }

  /** If the list failed after items that were asked for, those are returned, and the next read fails. */
  #foundAfter(items: readonly unknown[], count: number): ReturnType<Iteration['at']> | typeof FAILED {
    try {
      return this.#iteration.at(this.index);
    } catch (error) {
      if (items.length > 0 && count !== Number.POSITIVE_INFINITY) return FAILED;
      throw error;
    }
  }

  /** The list goes on without this reader, and without any: others will come. */
  leave(): void {
    this.#iteration.readers.delete(this);
  }

  fork(): IterationReader {
    return new IterationReader(this.#iteration, this.index);
  }

  close(): Promise<void> | null {
    const { readers } = this.#iteration;
    readers.delete(this);
    return readers.size === 0 ? this.#iteration.end() : null;
  }

  abandon(): void {
    void this.close();
    this.#iteration.abandon();
  }
}
