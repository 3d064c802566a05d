import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { type Entry, Step } from '../../src/step/Step.ts';
import { isSignal } from '../../src/step/signals.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { type ItemPlan, planItems } from './itemLayer.ts';
import { listProblem } from './toList.ts';

/** Represents the items of a list by key. Yields a `Map` from each key to its items, in the order of the list. */
export class GroupByStep<TKey = unknown, TItem = unknown> extends Step<ReadonlyMap<TKey, readonly TItem[]>> {
  static override readonly op = 'groupBy';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor({ $list, $item, $result, layer }: ItemPlan) {
    super();
    this.addDependency($list);
    this.addCollectedDependency($item, layer);
    this.addCollectedDependency($result, layer);
  }

  override execute(
    count: number,
    [lists, items, keys]: readonly [readonly unknown[], readonly TItem[][], readonly TKey[][]],
  ): ReadonlyArray<Entry<ReadonlyMap<TKey, readonly TItem[]>>> {
    const results = new Array<Entry<ReadonlyMap<TKey, readonly TItem[]>>>(count);
    for (let row = 0; row < count; row++) {
      const problem = listProblem('groupBy', lists[row]);
      results[row] = problem !== undefined ? problem : grouped(itemAt(items, row), itemAt(keys, row));
    }
    return results;
  }
}

/** A key that failed or exited has no place in a map: it ends the row. */
function grouped<TKey, TItem>(items: TItem[], keys: TKey[]): Entry<Map<TKey, TItem[]>> {
  if (isSignal(items)) return items;
  const groups = new Map<TKey, TItem[]>();
  let index = 0;
  for (const item of items) {
    const key = itemAt(keys, index++);
    if (isSignal(key)) return key;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/**
 * Represents a `Map` of the items of `$list`, by the values that `callback` plans for each.
 *
 * ```ts
 * const $byStatus = groupBy($items, ($item) => get($item, 'status'));
 * return lambda($byStatus, openFirst);
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: items of a list that is not typed may be anything
export function groupBy<TItem = any, TKey = unknown>(
  $list: Step<readonly TItem[] | null | undefined> | Step<readonly TItem[]>,
  callback: ($item: Step<TItem>) => Step<TKey>,
): Step<ReadonlyMap<TKey, readonly TItem[]>> {
  const items = planItems('groupBy', $list, callback as ($item: Step) => Step);
  return new GroupByStep<TKey, TItem>(items);
}
