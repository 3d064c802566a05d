import { listOutput } from '../../plan/outputAt.ts';
import { Failure } from '../../step/signals.ts';
import { isAsyncIterable } from '../../utils/asyncIterables.ts';
import { isIterableObject } from '../../utils/isIterableObject.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { rowAt } from '../../utils/rowAt.ts';
import { decidingItem } from '../link/decidingItem.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { readList } from '../operators/ListReading.ts';
import { UNFINISHED } from '../state/errors.ts';
import { columnOf, offsetsOf } from '../state/rows.ts';
import type { ResponseState } from './ResponseState.ts';
import { rowMapper } from './rowMappers.ts';

/**
 * The items of a list, from `values(...)[start(...)]` up to the item before `end(...)`. They are the rows of the list's layer,
 * or the list itself if no step runs for the items.
 */
export interface ListItems {
  /** A `Failure` if the list cannot be read; a promise if its items are asynchronous. */
  values(
    state: ResponseState,
    list: unknown,
    notIterable: () => Error,
  ): readonly unknown[] | Failure | Promise<readonly unknown[]>;
  start(state: ResponseState, row: number): number;
  end(state: ResponseState, row: number, values: readonly unknown[], list: unknown): number;
  /** Whether the list may change while its items are read. */
  readonly isLive: boolean;
}

/** `layer` is the layer of the list's position. */
export function listItems(linked: LinkedPlan, list: number, layer: number): ListItems {
  const { layer: listLayer } = listOutput(linked.plan, list);
  return listLayer === -1 ? itemsInList(linked, list) : itemsInRows(linked, listLayer, layer);
}

function itemsInRows({ plan }: LinkedPlan, listLayer: number, layer: number): ListItems {
  const { parent, entry } = nodeAt(plan.layers, listLayer);
  const map = rowMapper(plan, layer, parent);
  const offset = ({ run }: ResponseState, row: number, after: 0 | 1): number => {
    const parentRow = map === null ? row : map(run, row);
    return rowAt(offsetsOf(run, listLayer), parentRow + after);
  };
  return {
    values({ run }, list, notIterable) {
      const problem = Array.isArray(list) ? null : iterationProblem(list, notIterable);
      if (problem === null && run.unopened?.has(listLayer)) return new Failure(UNFINISHED);
      return problem ?? run.listFailures?.[listLayer]?.get(list as object) ?? columnOf(run, entry);
    },
    start: (state, row) => offset(state, row, 0),
    end(state, row, _values, list) {
      const end = offset(state, row, 1);
      // Resolvers may have removed items.
      return Array.isArray(list) ? Math.min(end, offset(state, row, 0) + list.length) : end;
    },
    isLive: false,
  };
}

function itemsInList(linked: LinkedPlan, output: number): ListItems {
  const { item } = listOutput(linked.plan, output);
  const decides = decidingItem(linked.source, item);
  const iterate = (state: ResponseState, list: unknown, notIterable: () => Error): ReturnType<ListItems['values']> => {
    const problem = iterationProblem(list, notIterable);
    if (problem !== null) return problem;
    const { request, unwatched } = state.driver.state;
    try {
      return readList(state.driver, list as Iterable<unknown>, {
        decides: request.onError === 'NULL' ? null : decides,
        onItem: (value) => {
          if (item.read.step === -1) unwatched.value(item.output, value);
          state.driver.state.clock?.tick();
        },
      });
    } catch (error) {
      return new Failure(error);
    }
  };
  return {
    values(state, list, notIterable) {
      const values = Array.isArray(list) ? list : iterate(state, list, notIterable);
      if (Array.isArray(values)) state.driver.state.request.budget?.spendRows(values.length);
      return values;
    },
    start: () => 0,
    end: (_state, _row, values) => values.length,
    isLive: true,
  };
}

function iterationProblem(list: unknown, notIterable: () => Error): Failure | null {
  try {
    return isIterable(list) || isAsyncIterable(list) ? null : new Failure(notIterable());
  } catch (error) {
    // A getter or proxy of the list threw.
    return new Failure(error);
  }
}

/** A list as graphql-js sees it: an array or another iterable object, but not a string. */
function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && isIterableObject(value);
}
