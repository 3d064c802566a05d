import type { StepOrigin } from '../../src/step/ahead/StepOrigin.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { FORWARDED, ITEM, isItem, PLACE, type ReadPath } from '../../src/step/reads.ts';
import { type Entry, type MaxRows, Step } from '../../src/step/Step.ts';
import { Failure, isSignal } from '../../src/step/signals.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { type ItemPlan, planItems } from './itemLayer.ts';
import { listProblem } from './toList.ts';

/** Represents the items of a list for which a condition holds. Yields new lists in the same order; null where there is none. */
export class FilterStep<TItem = unknown> extends Step<readonly TItem[]> {
  static override readonly op = 'filter';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor({ $list, $item, $result, layer }: ItemPlan) {
    super();
    this.addDependency($list, PLACE);
    this.addCollectedDependency($item, layer, FORWARDED);
    this.addCollectedDependency($result, layer);
  }

  override get origin(): StepOrigin {
    return { kind: 'someItems', of: 0 };
  }

  override noteRead([head, ...rest]: ReadPath): void {
    if (head === undefined) this.dependency(0).noteRead([]);
    else if (isItem(head)) this.dependency(0).noteRead([ITEM, ...rest]);
  }

  override maxRows(path: ReadPath): MaxRows {
    return this.dependency(0).maxRows(path);
  }

  override execute(
    count: number,
    [lists, items, conditions]: readonly [readonly unknown[], ReadonlyArray<readonly TItem[]>, readonly unknown[][]],
  ): ReadonlyArray<Entry<readonly TItem[]>> {
    const filtered = new Array<Entry<readonly TItem[]>>(count);
    for (let row = 0; row < count; row++) {
      const problem = listProblem('filter', lists[row]);
      filtered[row] = problem !== undefined ? problem : kept(itemAt(items, row), itemAt(conditions, row));
    }
    return filtered;
  }
}

function kept<TItem>(items: readonly TItem[] | Failure, conditions: readonly unknown[]): Entry<readonly TItem[]> {
  if (items instanceof Failure) return items;
  const result: TItem[] = [];
  let index = 0;
  for (const item of items) {
    const condition = conditions[index++];
    // Whether the item belongs is not known: it stays as an error in its place, the others are served.
    if (condition instanceof Failure) result.push(condition as TItem);
    else if (!isSignal(condition) && condition) result.push(item);
  }
  return result;
}

/**
 * Represents the items of `$list` for which `callback` plans a truthy value. An early exit counts as false; where the
 * condition fails, the item is an error.
 *
 * ```ts
 * plans: { open: ($list) => filter(loadMany(get($list, 'id'), itemsOf), ($item) => condition('null', get($item, 'doneAt'))) }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: items of a list that is not typed may be anything
export function filter<TItem = any>(
  $list: Step<readonly TItem[] | null | undefined> | Step<readonly TItem[]>,
  callback: ($item: Step<TItem>) => Step<unknown>,
): Step<readonly TItem[]> {
  const items = planItems('filter', $list, callback as ($item: Step) => Step);
  return new FilterStep<TItem>(items);
}
