export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function'
  );
}

/** The items of an async iterable as they come; `close` ends it before its end. */
export interface AsyncCollection {
  /** Rejects with what the iterable throws. */
  readonly items: Promise<unknown[]>;
  close(): void;
}

/** After how many items a list lets the event loop turn: else timers never come while it is read. */
const ITEMS_A_TURN = 1_000;

/** To be waited for before item `count` of a list is read. */
export function turnBefore(count: number): Promise<void> | null {
  return count === 0 || count % ITEMS_A_TURN !== 0 ? null : new Promise((resolve) => setImmediate(resolve));
}

/** Collects all that an async iterable yields. */
export function collectAsync(iterable: AsyncIterable<unknown>): AsyncCollection {
  let iterator: AsyncIterator<unknown> | null = null;
  let isClosed = false;
  const collect = async (): Promise<unknown[]> => {
    const items: unknown[] = [];
    iterator = iterable[Symbol.asyncIterator]();
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      items.push(next.value);
      const turn = turnBefore(items.length);
      if (turn !== null) await turn;
      if (isClosed) break; // it need not say that it is done
    }
    return items;
  };
  const close = (): void => {
    isClosed = true;
    closeIterator(iterator);
  };
  return { items: collect(), close };
}

/** Closes an async iterable that nobody will read. */
export function closeAsync(iterable: AsyncIterable<unknown>): void {
  try {
    closeIterator(iterable[Symbol.asyncIterator]());
  } catch {
    // It cannot be opened, so it is not open.
  }
}

/** Nobody waits for an iterator that is given up: whether it closes well concerns only itself. */
function closeIterator(iterator: AsyncIterator<unknown> | null): void {
  try {
    iterator?.return?.()?.then(undefined, () => {});
  } catch {
    // As above.
  }
}
