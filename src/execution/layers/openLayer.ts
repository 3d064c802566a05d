import type { LayerNode } from '../../plan/Plan.ts';
import { Failure, isSignal } from '../../step/signals.ts';
import { type AsyncCollection, collectAsync, isAsyncIterable } from '../../utils/asyncIterables.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { Later } from '../../utils/Later.ts';
import type { Task } from '../link/LinkedPlan.ts';
import type { LaterItems, Run } from '../Run.ts';
import { SettledColumn, settleColumn } from '../settleColumn.ts';
import { type FirstItems, isStreamed, readFirstItems } from './openStreamed.ts';
import { columnIn, mappedRow, rowMap } from './rows.ts';

/** Determines the rows of a layer, and fills the register of its entry. */
export function openLayer(run: Run, task: Task): void {
  const layer = task.of;
  const node = run.linked.plan.layers[layer] as LayerNode;
  if (node.kind === 'mutation' || node.kind === 'event') {
    run.sizes[layer] = 1;
    // As the event's source gave it, like a root value: an error or a promise is an object whose fields are read.
    if (node.entry !== -1) run.registers[node.entry] = run.event;
    return run.finish(task);
  }
  if ((run.sizes[node.parent] as number) === 0 || isSkipped(run, node)) {
    openEmpty(run, layer, node);
    return run.finish(task);
  }
  switch (node.kind) {
    case 'list':
      if (run.later?.layer === layer) return openLater(run, task, node, run.later);
      return isStreamed(run, node) ? openStreamed(run, task, node) : openList(run, task, node);
    case 'present':
      openSelection(run, layer, node, run.hasSignals[node.source] === true ? isPresent : isNotNull);
      return run.finish(task);
    case 'type':
      openSelection(run, layer, node, (value) => value === node.type);
      return run.finish(task);
    case 'combine':
      return openCombined(run, task, node);
    case 'root':
      return run.finish(task);
  }
}

/** The step that decides on the rows did not run, since no output needs it in this request. */
function isSkipped(run: Run, node: LayerNode): boolean {
  return node.source !== -1 && !run.holds(run.linked.plan.steps[node.source]?.guard ?? 0);
}

function openEmpty(run: Run, layer: number, node: LayerNode): void {
  run.sizes[layer] = 0;
  if (node.kind === 'list') {
    run.offsets[layer] = new Int32Array((run.sizes[node.parent] as number) + 1);
  } else {
    run.parentRows[layer] = EMPTY_ROWS;
  }
  if (node.entry !== -1) run.registers[node.entry] = node.singular ? undefined : [];
}

const EMPTY_ROWS = new Int32Array(0);

function isNotNull(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function isPresent(value: unknown): boolean {
  return isNotNull(value) && !isSignal(value);
}

/** The parent's rows in which a value is as wanted. All of them: the layer has the parent's rows, nothing is copied. */
function openSelection(run: Run, layer: number, node: LayerNode, isWanted: (value: unknown) => boolean): void {
  const values = columnIn(run, node.source, node.parent);
  const { length } = values;
  let wanted = 0;
  while (wanted < length && isWanted(values[wanted])) wanted++;
  if (wanted === length) {
    run.parentRows[layer] = null;
  } else {
    const rows = new Int32Array(length);
    for (let row = 0; row < wanted; row++) rows[row] = row;
    for (let row = wanted + 1; row < length; row++) if (isWanted(values[row])) rows[wanted++] = row;
    run.parentRows[layer] = rows.slice(0, wanted);
  }
  run.sizes[layer] = wanted;
}

/** The items of all lists, one after the other: those of one parent row stay together. */
function openList(run: Run, task: Task, node: LayerNode): void {
  const values = columnIn(run, node.source, node.parent);
  const lists = new Array<readonly unknown[]>(values.length);
  let collected: Map<object, AsyncCollection> | null = null;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (Array.isArray(value)) lists[row] = value;
    else if (isAsyncIterable(value)) {
      collected ??= new Map();
      collected.set(value, run.readers?.collect(value) ?? collectAsync(value));
    } else lists[row] = toItems(run, value);
  }
  if (collected === null) openArrays(run, task, node, lists);
  else openCollected(run, task, node, values, lists, collected);
}

/** Opens lists of which some are async iterables, when these have come to their end. */
function openCollected(
  run: Run,
  task: Task,
  node: LayerNode,
  values: readonly unknown[],
  lists: (readonly unknown[])[],
  collected: ReadonlyMap<object, AsyncCollection>,
): void {
  const outcomes = new Map<unknown, readonly unknown[]>();
  const all = [...collected].map(([list, { items }]) =>
    items.then(
      (found) => outcomes.set(list, found),
      (error: unknown) => outcomes.set(list, listFailed(run, list, error)),
    ),
  );
  const end = (): void => {
    for (let row = 0; row < lists.length; row++) lists[row] ??= outcomes.get(values[row]) ?? NO_ITEMS;
    openArrays(run, task, node, lists);
    run.end(null);
  };
  run.wait(Promise.all(all), {
    onValue: end,
    onError(error) {
      for (const [list, collection] of collected) {
        collection.close();
        if (!outcomes.has(list)) outcomes.set(list, listFailed(run, list, error));
      }
      end();
    },
  });
}

/** Only the first items have rows; what reads the others is kept. */
function openStreamed(run: Run, task: Task, node: LayerNode): void {
  const failed = (list: object, error: unknown): readonly unknown[] => listFailed(run, list, error);
  const open = ({ lists, rests }: FirstItems): void => {
    run.rests[task.of] = rests;
    openArrays(run, task, node, lists);
  };
  const first = readFirstItems(run, node, columnIn(run, node.source, node.parent), failed);
  if (!('promise' in first)) return open(first);
  const end = (items: FirstItems): void => {
    open(items);
    run.end(null);
  };
  run.wait(first.promise, {
    onValue: end,
    onError(error) {
      first.close();
      const values = columnIn(run, node.source, node.parent);
      for (const value of values) if (typeof value === 'object' && value !== null) failed(value, error);
      end({ lists: values.map(() => NO_ITEMS), rests: values.map(() => null) });
    },
  });
}

/** The items that came later than the first have rows of their own, in a run of their own. */
function openLater(run: Run, task: Task, node: LayerNode, { items, parentRows }: LaterItems): void {
  run.sizes[task.of] = items.length;
  run.parentRows[task.of] = parentRows;
  fillEntry(run, task, node, items);
}

function openArrays(run: Run, task: Task, node: LayerNode, lists: readonly (readonly unknown[])[]): void {
  try {
    openItems(run, task, node, lists);
  } catch {
    // A list, a proxy or one with getters, threw when an item was read: that list has none.
    openItems(
      run,
      task,
      node,
      lists.map((list) => copied(run, list)),
    );
  }
}

function openItems(run: Run, task: Task, node: LayerNode, lists: readonly (readonly unknown[])[]): void {
  const layer = task.of;
  const offsets = new Int32Array(lists.length + 1);
  let items: readonly unknown[] = NO_ITEMS;
  if (lists.length === 1) items = lists[0] as readonly unknown[];
  else if (lists.length > 1) items = concatenate(lists);
  for (let row = 0; row < lists.length; row++) {
    offsets[row + 1] = (offsets[row] as number) + (lists[row] as readonly unknown[]).length;
  }
  run.offsets[layer] = offsets;
  run.sizes[layer] = items.length;
  fillEntry(run, task, node, items);
}

function copied(run: Run, list: readonly unknown[]): readonly unknown[] {
  try {
    return Array.from(list);
  } catch (error) {
    return listFailed(run, list, error);
  }
}

function concatenate(lists: readonly (readonly unknown[])[]): unknown[] {
  const items: unknown[] = [];
  for (const list of lists) for (let index = 0; index < list.length; index++) items.push(list[index]);
  return items;
}

const NO_ITEMS: readonly unknown[] = [];

/** The items of a value that is no array. What is no list has none; the output says what is wrong with it. */
function toItems(run: Run, value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null || isSignal(value)) return NO_ITEMS;
  try {
    const iterate = (value as Partial<Iterable<unknown>>)[Symbol.iterator];
    if (typeof iterate !== 'function') return NO_ITEMS;
    const list = value as Iterable<unknown>;
    return run.readers === null ? Array.from(list) : run.readers.all(list);
  } catch (error) {
    return listFailed(run, value, error);
  }
}

function listFailed(run: Run, list: object, error: unknown): readonly unknown[] {
  run.listFailures ??= new Map();
  run.listFailures.set(list, new Failure(error));
  return NO_ITEMS;
}

function openCombined(run: Run, task: Task, node: LayerNode): void {
  const layer = task.of;
  const parentSize = run.sizes[node.parent] as number;
  const byParentRow = new Array<unknown>(parentSize);
  const isThere = new Array<boolean>(parentSize).fill(false);
  for (const { layer: from, step } of node.contributions ?? []) {
    const size = run.sizes[from];
    if (size === undefined || size === 0) continue;
    const values = columnIn(run, step, from);
    const map = rowMap(run, from, node.parent);
    for (let row = 0; row < size; row++) {
      const parentRow = mappedRow(map, row);
      byParentRow[parentRow] = values[row];
      isThere[parentRow] = true;
    }
  }
  const rows: number[] = [];
  const values: unknown[] = [];
  for (let row = 0; row < parentSize; row++) {
    if (!isThere[row]) continue;
    rows.push(row);
    values.push(byParentRow[row]);
  }
  run.sizes[layer] = rows.length;
  run.parentRows[layer] = rows.length === parentSize ? null : Int32Array.from(rows);
  fillEntry(run, task, node, values);
}

function fillEntry(run: Run, task: Task, node: LayerNode, values: readonly unknown[]): void {
  const settled = settleColumn(values);
  const store = ({ column, hasSignals, hasNulls }: SettledColumn): void => {
    run.registers[node.entry] = node.singular ? column[0] : column;
    if (hasSignals || hasNulls) run.noteLoss(node.entry);
    if (hasSignals) run.hasSignals[node.entry] = true;
  };
  if (!(settled instanceof Later)) {
    store(settled);
    return run.finish(task);
  }
  const end = (column: SettledColumn): void => {
    store(column);
    run.end(task);
  };
  run.wait(settled, {
    onValue: end,
    onError(error) {
      const column = values.map((value) => (isPromiseLike(value) ? new Failure(error) : value));
      end(new SettledColumn(column, true));
    },
  });
}
