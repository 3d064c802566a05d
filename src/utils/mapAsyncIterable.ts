import type { MaybePromise } from './MaybePromise.ts';

interface Waiting<TResult> {
  readonly resolve: (result: IteratorResult<TResult, void>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * What `source` yields, each item mapped, one after the other and in order. Closing it closes the source, exactly
 * once, and answers whoever waits at once. Nothing is kept from one item to the next.
 */
export function mapAsyncIterable<TItem, TResult>(
  source: AsyncIterable<TItem>,
  map: (item: TItem) => MaybePromise<TResult>,
  onClose: () => void = () => {},
): AsyncGenerator<TResult, void, void> {
  const iterator = source[Symbol.asyncIterator]();
  const waiting: Waiting<TResult>[] = [];
  let isBusy = false;
  let isClosed = false;

  const endAll = (): void => {
    isClosed = true;
    onClose();
    for (const { resolve } of waiting.splice(0)) resolve({ value: undefined, done: true });
  };
  const advance = async (): Promise<void> => {
    const item = await iterator.next();
    if (isClosed) return;
    if (item.done) return endAll();
    const value = await map(item.value);
    if (!isClosed) waiting.shift()?.resolve({ value, done: false });
  };
  const pump = (): void => {
    if (isBusy || isClosed || waiting.length === 0) return;
    isBusy = true;
    advance()
      .catch((error: unknown) => {
        waiting.shift()?.reject(error);
        endAll();
      })
      .then(() => {
        isBusy = false;
        pump();
      });
  };
  const close = async (end = async () => iterator.return?.()): Promise<void> => {
    if (isClosed) return;
    endAll();
    try {
      await end();
    } catch {
      // The consumer is gone: there is nobody to tell that the source failed to close.
    }
  };

  const generator = {
    next(): Promise<IteratorResult<TResult, void>> {
      if (isClosed) return Promise.resolve({ value: undefined, done: true });
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        pump();
      });
    },
    async return(): Promise<IteratorResult<TResult, void>> {
      await close();
      return { value: undefined, done: true };
    },
    async throw(error: unknown): Promise<IteratorResult<TResult, void>> {
      await close(async () => (iterator.throw === undefined ? iterator.return?.() : iterator.throw(error)));
      throw error;
    },
    [Symbol.asyncIterator](): AsyncGenerator<TResult, void, void> {
      return generator;
    },
    async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')](): Promise<void> {
      await close();
    },
  } as unknown as AsyncGenerator<TResult, void, void>;
  return generator;
}
