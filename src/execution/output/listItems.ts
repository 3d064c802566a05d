import { originOf } from '../../plan/originOf.ts';
import type { LayerNode, ListOutput } from '../../plan/Plan.ts';
import { Failure } from '../../step/signals.ts';
import { type CollectOptions, closeAsync, isAsyncIterable } from '../../utils/asyncIterables.ts';
import { watchItems } from '../../utils/watchPromise.ts';
import type { Driver } from '../driver/Driver.ts';
import { decidingItem } from '../link/decidingItem.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { OutputState } from './OutputState.ts';
import { rowMapper } from './rowMappers.ts';

/**
 * Where the output finds the items of a list: `values(...)[start(...)]` up to the item before `end(...)`. In the rows
 * of its layer, or, where nothing runs for the items, in the list itself.
 */
export interface ListItems {
  /** A `Failure` where the list cannot be read, and a promise where its items are still to come. */
  values(
    state: OutputState,
    list: unknown,
    notIterable: () => Error,
  ): readonly unknown[] | Failure | Promise<readonly unknown[]>;
  start(state: OutputState, row: number): number;
  end(state: OutputState, row: number, values: readonly unknown[], list: unknown): number;
  /** The items are those that the list has while it is written: reading one may change it. */
  readonly isLive: boolean;
}

/** `layer` has the rows where the list stands. `step` yields it, or lists that it lies in; or -1. */
export function listItems(linked: LinkedPlan, list: number, layer: number, step: number): ListItems {
  const { layer: listLayer } = linked.plan.outputs[list] as ListOutput;
  return listLayer === -1 ? itemsInList(linked, list, step) : itemsInRows(linked, listLayer, layer);
}

function itemsInRows({ plan }: LinkedPlan, listLayer: number, layer: number): ListItems {
  const { parent, entry } = plan.layers[listLayer] as LayerNode;
  const map = rowMapper(plan, layer, parent);
  const offset = ({ run }: OutputState, row: number, after: 0 | 1): number => {
    const parentRow = map === null ? row : map(run, row);
    return (run.offsets[listLayer] as Int32Array)[parentRow + after] as number;
  };
  return {
    values({ run }, list, notIterable) {
      const problem = Array.isArray(list) ? null : iterationProblem(list, notIterable);
      return problem ?? run.listFailures?.get(list as object) ?? (run.registers[entry] as readonly unknown[]);
    },
    start: (state, row) => offset(state, row, 0),
    end(state, row, _values, list) {
      const end = offset(state, row, 1);
      // Items that resolvers took out of it are there no more.
      return Array.isArray(list) ? Math.min(end, offset(state, row, 0) + list.length) : end;
    },
    isLive: false,
  };
}

function itemsInList(linked: LinkedPlan, output: number, step: number): ListItems {
  const { item } = linked.plan.outputs[output] as ListOutput;
  const decides = decidingItem(linked, item);
  return {
    values(state, list, notIterable) {
      if (Array.isArray(list)) return list;
      const problem = iterationProblem(list, notIterable);
      if (problem !== null) return problem;
      const { request, unwatched } = state.driver.state;
      try {
        return itemsOf(state.driver, list as Iterable<unknown>, originOf(linked.plan, step), {
          decides: request.onError === 'NULL' ? null : decides,
          onItem: (value) => (item.read.step === -1 ? unwatched.value(item.output, value) : undefined),
        });
      } catch (error) {
        return new Failure(error);
      }
    },
    start: () => 0,
    end: (_state, _row, values) => values.length,
    isLive: true,
  };
}

/** A list of which another position streams the items is read once for both. */
function itemsOf(
  { state, scope, lists }: Driver,
  list: Iterable<unknown> | AsyncIterable<unknown>,
  step: number,
  options: CollectOptions,
): readonly unknown[] | Promise<readonly unknown[]> {
  if (isIterable(list)) {
    const items = lists.all(state, list, options.decides ?? null, step);
    watchItems(items);
    return items;
  }
  if (state.aborted !== null) {
    closeAsync(list);
    throw state.aborted.error;
  }
  const { items, close } = lists.collect(state, list, options, step);
  const stop = scope.onAbort(close);
  items.then(stop, stop);
  return items;
}

function iterationProblem(list: unknown, notIterable: () => Error): Failure | null {
  try {
    return isIterable(list) || isAsyncIterable(list) ? null : new Failure(notIterable());
  } catch (error) {
    // A getter or proxy of the list threw.
    return new Failure(error);
  }
}

/** What graphql-js takes for a list: an array or another object that can be iterated, but no text. */
function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function'
  );
}
