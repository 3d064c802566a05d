import { closeIterator, type Decides } from './collectItems.ts';
import { iteratorResult } from './iteratorResult.ts';
import { nextTurn } from './nextTurn.ts';
import { watchNested } from './watchPromise.ts';

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.asyncIterator in value &&
    typeof value[Symbol.asyncIterator] === 'function'
  );
}

/** The items of an async iterable as they come; `close` ends it before its end. */
export interface AsyncCollection {
  /** Rejects with the error of the iterable. */
  readonly items: Promise<unknown[]>;
  /** Whether the iterable is its own iterator, like a generator: it gives its items once. */
  readonly isOnce: boolean;
  close(): void;
}

/** After how many items a list lets the event loop turn: else timers never come while it is read. */
const ITEMS_A_TURN = 1_000;

/** To be waited for before item `count` of a list is read. */
export function turnBefore(count: number): Promise<void> | null {
  return count === 0 || count % ITEMS_A_TURN !== 0 ? null : new Promise((resolve) => nextTurn(resolve));
}

/** How an async iterable is collected. */
export interface CollectOptions {
  /** Called with each item as it comes. */
  readonly onItem?: (item: unknown) => void;
  /** After an item that decides the iterable is closed. */
  readonly decides?: Decides | null;
}

/** Collects the items of an async iterable. */
export function collectAsync(
  iterable: AsyncIterable<unknown>,
  { onItem = () => {}, decides = null }: CollectOptions = {},
): AsyncCollection {
  let iterator: AsyncIterator<unknown> | null = null;
  let isClosed = false;
  const collect = async (): Promise<unknown[]> => {
    const items: unknown[] = [];
    iterator = iterable[Symbol.asyncIterator]();
    for (;;) {
      const next = iteratorResult(await iterator.next());
      if (next.done) break;
      items.push(next.value);
      watchNested(next.value);
      onItem(next.value);
      if (decides?.(next.value) === true) {
        closeIterator(iterator);
        break;
      }
      const turn = turnBefore(items.length);
      if (turn !== null) await turn;
      if (isClosed) break; // it need not end by itself
    }
    return items;
  };
  const close = (): void => {
    isClosed = true;
    closeIterator(iterator);
  };
  const items = collect();
  return { items, close, isOnce: iterator === iterable };
}

/** Closes an async iterable that nobody will read. */
export function closeAsync(iterable: AsyncIterable<unknown>): void {
  try {
    closeIterator(iterable[Symbol.asyncIterator]());
  } catch {
    // It cannot be opened, so it is not open.
  }
}
