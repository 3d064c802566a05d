import type { LayerNode } from '../../plan/Plan.ts';
import { Failure } from '../../step/signals.ts';
import { closeAsync, collectAsync, isAsyncIterable } from '../../utils/asyncIterables.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { Run } from '../Run.ts';
import type { OutputState, PENDING } from './OutputState.ts';
import { rowMapper } from './rowMappers.ts';

/**
 * Where the output finds the items of a list: `values(...)[start(...)]` up to the item before `end(...)`. In the rows
 * of its layer, or, where nothing runs for the items, in the list itself.
 */
export interface ListItems {
  /** What is wrong with the list, or null. Asked first. */
  problem(state: OutputState, list: unknown, notIterable: () => Error): Failure | null;
  /** `PENDING` where the items are still to come. */
  values(state: OutputState, list: unknown): readonly unknown[] | typeof PENDING;
  start(state: OutputState, row: number): number;
  end(state: OutputState, row: number, values: readonly unknown[]): number;
}

export function listItems(linked: LinkedPlan, listLayer: number, layer: number): ListItems {
  return listLayer === -1 ? itemsInList : itemsInRows(linked, listLayer, layer);
}

function itemsInRows({ plan }: LinkedPlan, listLayer: number, layer: number): ListItems {
  const { parent, entry } = plan.layers[listLayer] as LayerNode;
  const map = rowMapper(plan, layer, parent);
  const offset = ({ run }: OutputState, row: number, after: 0 | 1): number => {
    const parentRow = map === null ? row : map(run, row);
    return (run.offsets[listLayer] as Int32Array)[parentRow + after] as number;
  };
  return {
    problem({ run }, list, notIterable) {
      const problem = Array.isArray(list) ? null : iterationProblem(list, notIterable);
      return problem ?? run.listFailures?.get(list as object) ?? null;
    },
    values: ({ run }) => run.registers[entry] as readonly unknown[],
    start: (state, row) => offset(state, row, 0),
    end: (state, row) => offset(state, row, 1),
  };
}

const itemsInList: ListItems = {
  problem(state, list, notIterable) {
    if (Array.isArray(list)) return null;
    const problem = iterationProblem(list, notIterable);
    if (problem !== null) return problem;
    const items = iterateOnce(state, list);
    return items instanceof Failure ? items : null;
  },
  values: (state, list) => (Array.isArray(list) ? list : (iterateOnce(state, list) as readonly unknown[])),
  start: () => 0,
  end: (_state, _row, values) => values.length,
};

/** Iterables may give their items only once, and the response may be written more than once. */
function iterateOnce(state: OutputState, list: unknown): unknown {
  return state.once(() => itemsOf(state.live, list as Iterable<unknown> | AsyncIterable<unknown>), true, 'items');
}

/** A list of which another position streams the items is read once for both. */
function itemsOf(run: Run, list: Iterable<unknown> | AsyncIterable<unknown>): MaybePromise<readonly unknown[]> {
  const { readers } = run;
  if (isIterable(list)) return readers === null ? Array.from(list) : readers.all(list);
  if (run.aborted !== null) {
    closeAsync(list);
    throw run.aborted.error;
  }
  const { items, close } = readers === null ? collectAsync(list) : readers.collect(list);
  const stop = run.onAbort(close);
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
