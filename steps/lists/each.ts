import type { StepOrigin } from '../../src/step/ahead/StepOrigin.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import type { PlannedItems } from '../../src/step/planItems.ts';
import { FORWARDED, isItem, PLACE, type ReadPath } from '../../src/step/reads.ts';
import { type Entry, type MaxRows, Step } from '../../src/step/Step.ts';
import { type ItemPlan, planItems } from './itemLayer.ts';
import { listProblem } from './toList.ts';

/** Represents the list of values planned for each item of another list. Yields new lists; null where there is none. */
export class EachStep<TItem = unknown> extends Step<readonly TItem[]> {
  static override readonly op = 'each';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor({ $list, $result, layer }: ItemPlan) {
    super();
    this.addDependency($list, PLACE);
    this.addCollectedDependency($result, layer, FORWARDED);
  }

  override get origin(): StepOrigin {
    return { kind: 'collected', of: 1 };
  }

  override get hasPlannedParts(): boolean {
    return this.plannedItems !== null;
  }

  /** Connections, or lists of them: their parts are steps, made where they were planned. */
  get plannedItems(): PlannedItems | null {
    const layer = this.dependencies[1]?.layer ?? null;
    const $result = this.dependency(1);
    return layer !== null && $result.hasPlannedParts ? { layer, $result } : null;
  }

  override noteRead([head, ...rest]: ReadPath): void {
    if (head === undefined || isItem(head)) this.dependency(1).noteRead(rest);
  }

  override maxRows([head, ...rest]: ReadPath): MaxRows {
    return head === undefined ? this.dependency(0).maxRows([]) : this.dependency(1).maxRows(rest);
  }

  override execute(
    count: number,
    [lists, results]: readonly [readonly unknown[], ReadonlyArray<readonly TItem[]>],
  ): ReadonlyArray<Entry<readonly TItem[]>> {
    const mapped = new Array<Entry<readonly TItem[]>>(count);
    for (let row = 0; row < count; row++) {
      const problem = listProblem('each', lists[row]);
      mapped[row] = problem === undefined ? results[row] : problem;
    }
    return mapped;
  }
}

/**
 * Represents the list of the steps that `callback` plans for an item of `$list`. `callback` runs once, at plan time; the steps
 * it makes run once for all items of all lists. An item that fails is an error at that item, the others stay.
 *
 * ```ts
 * plans: { friends: ($user) => each(get($user, 'friendIds'), ($id) => loadOne($id, userById)) }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: items of a list that is not typed may be anything
export function each<TItem = any, TResult = unknown>(
  $list: Step<readonly TItem[] | null | undefined> | Step<readonly TItem[]>,
  callback: ($item: Step<TItem>) => Step<TResult>,
): Step<readonly TResult[]> {
  const items = planItems('each', $list, callback as ($item: Step) => Step);
  const isIdentity = items.$result === items.$item;
  return (isIdentity ? items.$list : new EachStep(items)) as Step<readonly TResult[]>;
}
