import { closableGenerator, closeIterator } from '../utils/closableGenerator.ts';

/**
 * The items of the iterable of `open`, which is called when the first one is asked for. Closing the generator before its
 * end aborts the signal that `open` was given, and closes its iterator. The signal also follows `parent`.
 */
export function abortedWhenClosed<TItem>(
  parent: AbortSignal | null,
  open: (signal: AbortSignal) => Promise<AsyncIterable<TItem> | Iterable<TItem>>,
): AsyncGenerator<TItem, void, void> {
  const controller = new AbortController();
  let iterator: AsyncIterator<TItem> | Iterator<TItem> | null = null;
  let isPulling = false;
  const onParentAbort = (): void => controller.abort(parent?.reason);
  const begin = async (): Promise<AsyncIterator<TItem> | Iterator<TItem>> => {
    if (parent?.aborted) onParentAbort();
    else parent?.addEventListener('abort', onParentAbort);
    const opened = await open(controller.signal);
    const begun = Symbol.asyncIterator in opened ? opened[Symbol.asyncIterator]() : opened[Symbol.iterator]();
    if (isClosed) closeIterator(begun as AsyncIterator<TItem>, false);
    return begun;
  };
  let isClosed = false;
  return closableGenerator<TItem>({
    async pull() {
      isPulling = true;
      try {
        iterator ??= await begin();
        return await iterator.next();
      } finally {
        isPulling = false;
      }
    },
    close() {
      isClosed = true;
      const closing = iterator === null ? undefined : closeIterator(iterator as AsyncIterator<TItem>, isPulling);
      controller.abort(new Error('The consumer of the response closed it.'));
      return closing;
    },
    onEnd: () => parent?.removeEventListener('abort', onParentAbort),
  });
}
