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

/** Collects all that an async iterable yields. */
export function collectAsync(iterable: AsyncIterable<unknown>): AsyncCollection {
  let iterator: AsyncIterator<unknown> | null = null;
  const collect = async (): Promise<unknown[]> => {
    const items: unknown[] = [];
    iterator = iterable[Symbol.asyncIterator]();
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) items.push(next.value);
    return items;
  };
  return { items: collect(), close: () => closeIterator(iterator) };
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
