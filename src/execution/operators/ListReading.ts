import type { LayerNode } from '../../plan/Plan.ts';
import type { AsyncCollection, CollectOptions } from '../../utils/asyncIterables.ts';
import type { Decides } from '../../utils/collectItems.ts';
import type { RunState } from '../state/RunState.ts';
import type { Outcome } from './Pending.ts';

/** How a run reads lists that are no arrays, and which lists it does not open whole. */
export interface ListReading {
  /** The items of a list that is not async, up to the one that decides. Throws the list's error. */
  all(state: RunState, list: Iterable<unknown>, decides: Decides | null): readonly unknown[];
  collect(state: RunState, list: AsyncIterable<unknown>, options: CollectOptions): AsyncCollection;
  /** Opens a list layer in a way of its own; `undefined` where it is opened as all are. */
  open(state: RunState, layer: number, node: LayerNode): Outcome | undefined;
}

/** Reads every list whole and at once. */
export const wholeLists: ListReading = {
  all: (state, list, decides) => state.lists.read(list, state.untilOverdue(decides)),
  collect: ({ lists }, list, options) => lists.collect(list, options),
  open: () => undefined,
};
