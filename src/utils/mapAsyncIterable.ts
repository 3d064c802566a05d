import { type AbortWay, closableGenerator, closeIterator } from './closableGenerator.ts';
import { iteratorResult } from './iteratorResult.ts';
import type { MaybePromise } from './MaybePromise.ts';

/** Items before and after the mapped ones. */
export interface MapEnds<TResult> {
  readonly first?: TResult;
  readonly last?: TResult;
  /** See `ItemSource`. */
  readonly abort?: AbortWay<TResult> | undefined;
  /** Called once, whichever way it ends. */
  onEnd?(): void;
}

/**
 * The items of `source`, each mapped, one after the other and in order. Closing it closes the source at once and
 * exactly once, and answers pending `next()` calls. Nothing is kept from one item to the next.
 */
export function mapAsyncIterable<TItem, TResult>(
  source: AsyncIterable<TItem>,
  map: (item: TItem) => MaybePromise<TResult>,
  ends: MapEnds<TResult> = {},
): AsyncGenerator<TResult, void, void> {
  const iterator = source[Symbol.asyncIterator]();
  let hasBegun = !('first' in ends);
  let hasEnded = false;
  let isNextPending = false;
  let isClosed = false;

  const nextItem = async (): Promise<IteratorResult<TItem, unknown>> => {
    isNextPending = true;
    try {
      return iteratorResult(await iterator.next());
    } finally {
      isNextPending = false;
    }
  };
  const close = (): unknown => {
    if (hasEnded || isClosed) return undefined;
    isClosed = true;
    return closeIterator(iterator, isNextPending);
  };
  return closableGenerator<TResult>({
    async pull() {
      if (!hasBegun) {
        hasBegun = true;
        return { value: ends.first as TResult, done: false };
      }
      const item = hasEnded ? null : await nextItem();
      if (item !== null && !item.done) return { value: await mapOrClose(item.value), done: false };
      if (hasEnded || !('last' in ends)) return { value: undefined, done: true };
      hasEnded = true;
      return { value: ends.last, done: false };
    },
    close,
    fail: (error) => (iterator.throw === undefined || isNextPending ? close() : iterator.throw(error)),
    abort: ends.abort,
    onEnd: () => ends.onEnd?.(),
  });

  async function mapOrClose(item: TItem): Promise<TResult> {
    try {
      return await map(item);
    } catch (error) {
      // The error is reported; nobody waits for the close of the source.
      (async () => close())().catch(() => {});
      throw error;
    }
  }
}
