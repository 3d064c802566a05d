import type { LayerNode } from '../../plan/Plan.ts';
import { Failure, isSignal } from '../../step/signals.ts';
import { type AsyncCollection, closeAsync, isAsyncIterable } from '../../utils/asyncIterables.ts';
import type { Decides } from '../../utils/collectItems.ts';
import { isIterableObject } from '../../utils/isIterableObject.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { rowAt } from '../../utils/rowAt.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { RunState } from '../state/RunState.ts';
import { columnIn } from '../state/rows.ts';
import { fillEntry } from './fillEntry.ts';
import type { ListReading } from './ListReading.ts';
import type { Outcome } from './Pending.ts';

/** The items of all lists, one after the other: those of one parent row stay together. */
export function openList(state: RunState, linked: LinkedPlan, layer: number, reading: ListReading): Outcome {
  const node = nodeAt(state.plan.layers, layer);
  const values = columnIn(state, node.source, node.parent);
  const lists = new Array<readonly unknown[]>(values.length);
  let collected: Map<object, AsyncCollection> | null = null;
  const decides = state.request.onError === 'NULL' ? null : linked.deciding.ofLayer(layer);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (Array.isArray(value)) lists[row] = value;
    else if (isAsyncIterable(value)) {
      if (state.aborted !== null) {
        closeAsync(value);
        lists[row] = listFailed(state, layer, value, state.aborted.error);
        continue;
      }
      collected ??= new Map();
      if (collected.has(value)) continue;
      const onItem = (item: unknown): void => {
        state.unwatched.column(node.entry, [item]);
        state.clock?.tick();
      };
      collected.set(value, reading.collect(state, value, { onItem, decides }));
    } else lists[row] = toItems(state, layer, value, reading, decides);
  }
  return collected === null
    ? openArrays(state, layer, node, lists)
    : openCollected(state, layer, node, lists, collected);
}

/** Opens lists, some of them async iterables, when all of these have ended. */
function openCollected(
  state: RunState,
  layer: number,
  node: LayerNode,
  lists: (readonly unknown[])[],
  collected: ReadonlyMap<object, AsyncCollection>,
): Outcome {
  const values = columnIn(state, node.source, node.parent);
  const outcomes = new Map<unknown, readonly unknown[]>();
  const all = [...collected].map(([list, { items }]) =>
    items.then(
      (found) => outcomes.set(list, found),
      (error: unknown) => outcomes.set(list, listFailed(state, layer, list, error)),
    ),
  );
  const end = (): Outcome => {
    for (let row = 0; row < lists.length; row++) lists[row] ??= outcomes.get(values[row]) ?? NO_ITEMS;
    return openArrays(state, layer, node, lists);
  };
  return {
    promise: Promise.all(all),
    onValue: end,
    onError(error) {
      for (const [list, collection] of collected) {
        collection.close();
        if (!outcomes.has(list)) outcomes.set(list, listFailed(state, layer, list, error));
      }
      return end();
    },
  };
}

/** Gives the layer a row for each item of each array. */
export function openArrays(
  state: RunState,
  layer: number,
  node: LayerNode,
  lists: readonly (readonly unknown[])[],
): Outcome {
  try {
    return openItems(state, layer, node, lists);
  } catch {
    // A list, a proxy or one with getters, threw when an item was read: that list has none.
    return openItems(
      state,
      layer,
      node,
      lists.map((list) => copied(state, layer, list)),
    );
  }
}

function openItems(state: RunState, layer: number, node: LayerNode, lists: readonly (readonly unknown[])[]): Outcome {
  const offsets = new Int32Array(lists.length + 1);
  const items = lists.length === 1 ? alone(nodeAt(lists, 0), offsets) : concatenate(lists, offsets);
  state.request.budget?.spendRows(items.length);
  state.offsets[layer] = offsets;
  state.sizes[layer] = rowAt(offsets, lists.length);
  return fillEntry(state, node, items);
}

function copied(state: RunState, layer: number, list: readonly unknown[]): readonly unknown[] {
  try {
    return Array.from(list);
  } catch (error) {
    return listFailed(state, layer, list, error);
  }
}

/** A list is handed on as it is (rule R10). A proxy may tell a length that is none. */
function alone(list: readonly unknown[], offsets: Int32Array): readonly unknown[] {
  const { length } = list;
  offsets[1] = length;
  return rowAt(offsets, 1) === length && length >= 0 ? list : concatenate([Array.from(list)], offsets);
}

/** `offsets` gets where the items of each list begin. Getters may change the lengths of lists. */
function concatenate(lists: readonly (readonly unknown[])[], offsets: Int32Array): unknown[] {
  const items: unknown[] = [];
  for (const [row, list] of lists.entries()) {
    for (let index = 0; index < list.length; index++) items.push(list[index]);
    offsets[row + 1] = items.length;
  }
  return items;
}

const NO_ITEMS: readonly unknown[] = [];

/** The items of a value that is no array. A value that is no list has none; the output reports it. */
function toItems(
  state: RunState,
  layer: number,
  value: unknown,
  reading: ListReading,
  decides: Decides | null,
): readonly unknown[] {
  if (typeof value !== 'object' || value === null || isSignal(value)) return NO_ITEMS;
  try {
    return isIterableObject(value) ? reading.all(state, value, decides) : NO_ITEMS;
  } catch (error) {
    return listFailed(state, layer, value, error);
  }
}

/**
 * Notes that a list failed while it was read for a layer. Returns its items: none. Another layer may read less of the list,
 * and not meet the failure.
 */
export function listFailed(state: RunState, layer: number, list: object, error: unknown): readonly unknown[] {
  state.listFailures ??= [];
  state.listFailures[layer] ??= new Map();
  state.listFailures[layer].set(list, new Failure(error));
  return NO_ITEMS;
}
