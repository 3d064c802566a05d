import { originsOf } from '../../plan/originsOf.ts';
import type { LayerNode } from '../../plan/Plan.ts';
import type { AsyncCollection, CollectOptions } from '../../utils/asyncIterables.ts';
import type { Decides } from '../../utils/collectItems.ts';
import type { RunState } from '../state/RunState.ts';
import type { Outcome } from './Pending.ts';

/**
 * How a run reads lists that are no arrays, and which lists it does not open whole. `step` yields the list: other
 * positions may read it too. -1: none does.
 */
export interface ListReading {
  /** The items of a list that is not async, up to the one that decides. Throws the list's error. */
  all(state: RunState, list: Iterable<unknown>, decides: Decides | null, step: number): readonly unknown[];
  collect(state: RunState, list: AsyncIterable<unknown>, options: CollectOptions, step: number): AsyncCollection;
  /** Opens a list layer in a way of its own; `undefined` where it is opened as all are. */
  open(state: RunState, layer: number, node: LayerNode): Outcome | undefined;
}

/** Reads every list whole and at once. */
export const wholeLists: ListReading = {
  all: ({ lists, plan }, list, decides, step) => lists.read(list, decides, originsOf(plan, step)),
  collect: ({ lists, plan }, list, options, step) => lists.collect(list, options, originsOf(plan, step)),
  open: () => undefined,
};
