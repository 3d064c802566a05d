import type { LayerNode } from '../../plan/Plan.ts';
import { type AsyncCollection, type CollectOptions, closeAsync } from '../../utils/asyncIterables.ts';
import type { Decides } from '../../utils/collectItems.ts';
import { isIterableObject } from '../../utils/isIterableObject.ts';
import { watchNested } from '../../utils/watchPromise.ts';
import type { RunState } from '../state/RunState.ts';
import type { Outcome } from './Pending.ts';

/** How a run reads lists that are no arrays, and which lists it does not open whole. */
export interface ListReading {
  /** The items of a list that is not async, up to the one that decides. Throws the list's error. */
  all(state: RunState, list: Iterable<unknown>, decides: Decides | null): readonly unknown[];
  collect(state: RunState, list: AsyncIterable<unknown>, options: CollectOptions): AsyncCollection;
  /** Items of a list that waits for its turn, which are kept for it: promises in them have to be watched. */
  early(state: RunState, list: Iterable<unknown>): readonly unknown[];
  /** Opens a list layer in a way of its own; `undefined` where it is opened as all are. */
  open(state: RunState, layer: number, node: LayerNode): Outcome | undefined;
}

/** Reads every list whole and at once. */
export const wholeLists: ListReading = {
  all: (state, list, decides) => state.lists.read(list, state.untilOverdue(decides)),
  collect: ({ lists }, list, options) => lists.collect(list, options),
  early: (state, list) => state.lists.readEarly(list, state.untilOverdue(null)),
  open: () => undefined,
};

/** A run that reads lists. */
export interface ListReader {
  readonly state: RunState;
  /** Where reading ends when the run is aborted. */
  readonly scope: { onAbort(abort: () => void): () => void };
  readonly lists: ListReading;
}

/** The items of a list that is no array. If another step or position reads it too, and it gives its items once, it is read once for both. */
export function readList(
  { state, scope, lists }: ListReader,
  list: Iterable<unknown> | AsyncIterable<unknown>,
  options: CollectOptions,
): readonly unknown[] | Promise<readonly unknown[]> {
  if (isIterableObject(list)) {
    const items = lists.all(state, list, options.decides ?? null);
    watchNested(items);
    return items;
  }
  if (state.aborted !== null) {
    closeAsync(list);
    throw state.aborted.error;
  }
  const { items, close } = lists.collect(state, list, options);
  const stop = scope.onAbort(close);
  items.then(stop, stop);
  return items;
}
