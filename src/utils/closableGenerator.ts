import type { MaybePromise } from './MaybePromise.ts';

/** The source of a closable generator's items. */
export interface ItemSource<TItem> {
  /** Asked for one item after the other. After `done` or an error it is not asked again. */
  pull(): MaybePromise<IteratorResult<TItem, unknown>>;
  /** Called once when the consumer stops before the end. May be called while `pull` is pending. */
  close(): unknown;
  /** `throw(error)` of the generator, where that is more than closing. */
  fail?(error: unknown): unknown;
  /** When it is aborted, the source is closed and `next()` rejects with the reason from then on, or gives a last item. */
  readonly abort?: AbortWay<TItem> | undefined;
  /** Called once, whichever way the generator ends. */
  onEnd?(): void;
}

export interface AbortWay<TItem> {
  readonly signal: AbortSignal;
  /** Makes the last item after an abort; null: `next()` rejects. */
  readonly lastItem: ((reason: unknown) => TItem) | null;
}

/** How long `return()` waits for a source that is closing, in milliseconds. */
const CLOSING_MS = 1_000;

const DONE: IteratorResult<never, void> = { value: undefined, done: true };

interface Waiting<TItem> {
  readonly resolve: (result: IteratorResult<TItem, void>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * An async generator that closes at once: unlike that of an `async function*`, its `return()` does not wait behind a
 * pending `next()`. It closes the source, exactly once, and answers all pending `next()` calls.
 */
export function closableGenerator<TItem>(source: ItemSource<TItem>): AsyncGenerator<TItem, void, void> {
  const waiting: Waiting<TItem>[] = [];
  let isPulling = false;
  let isOver = false;

  /** The result of `next()` after the end: once the last item, where the end was an abort. */
  let afterEnd = (): Promise<IteratorResult<TItem, void>> => Promise.resolve(DONE);

  const end = (): void => {
    isOver = true;
    source.abort?.signal.removeEventListener('abort', onAbort);
    source.onEnd?.();
    for (const { resolve, reject } of waiting.splice(0)) afterEnd().then(resolve, reject);
  };
  const onAbort = (): void => {
    const { signal, lastItem } = source.abort as AbortWay<TItem>;
    afterEnd = () => {
      if (lastItem === null) return Promise.reject(signal.reason);
      afterEnd = () => Promise.resolve(DONE);
      return Promise.resolve({ value: lastItem(signal.reason), done: false });
    };
    close(() => source.close());
  };
  const pull = async (): Promise<void> => {
    isPulling = true;
    try {
      const item = await source.pull();
      if (isOver) return;
      if (item.done) end();
      else waiting.shift()?.resolve({ value: item.value, done: false });
    } catch (error) {
      if (isOver) return;
      waiting.shift()?.reject(error);
      end();
    } finally {
      isPulling = false;
    }
    if (waiting.length > 0) pull();
  };
  const close = async (closeSource: () => unknown): Promise<void> => {
    if (isOver) return;
    end();
    try {
      await inTime(closeSource());
    } catch {
      // The consumer is gone: nobody hears that the source failed to close.
    }
  };

  const generator = {
    next(): Promise<IteratorResult<TItem, void>> {
      if (isOver) return afterEnd();
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        if (!isPulling) pull();
      });
    },
    async return(): Promise<IteratorResult<TItem, void>> {
      await close(() => source.close());
      return DONE;
    },
    async throw(error: unknown): Promise<IteratorResult<TItem, void>> {
      await close(() => (source.fail === undefined ? source.close() : source.fail(error)));
      throw error;
    },
    [Symbol.asyncIterator](): AsyncGenerator<TItem, void, void> {
      return generator;
    },
    async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')](): Promise<void> {
      await close(() => source.close());
    },
  };
  if (source.abort?.signal.aborted) onAbort();
  else source.abort?.signal.addEventListener('abort', onAbort);
  return generator;
}

/**
 * Calls `return()` of an iterator. A native generator whose `next()` is pending can close only after that, which may be
 * never: nobody waits for it.
 */
export function closeIterator(iterator: AsyncIterator<unknown>, isNextPending: boolean): unknown {
  const closing = iterator.return?.();
  if (!isNextPending || !isNativeGenerator(iterator)) return closing;
  closing?.then(undefined, () => {});
  return undefined;
}

function isNativeGenerator(iterator: AsyncIterator<unknown>): boolean {
  return Object.prototype.toString.call(iterator) === '[object AsyncGenerator]';
}

/** Settles with `closing`, or after `CLOSING_MS`. */
async function inTime(closing: unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSING_MS).unref();
  });
  try {
    await Promise.race([closing, late]);
  } finally {
    clearTimeout(timer);
  }
}
