import type { StepOrigin } from '../../src/step/ahead/StepOrigin.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { integer, type ParamShapes } from '../../src/step/paramShapes.ts';
import { ITEM, PLACE, type ReadPath } from '../../src/step/reads.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import { type Entry, type MaxRows, Step } from '../../src/step/Step.ts';
import { ListStep } from '../values/list.ts';
import { mapLists } from './toList.ts';

/** Represents the item at one place of a list, from its end when negative. Yields null where there is none. */
export class AtStep<TItem = unknown> extends Step<TItem | null> {
  static override readonly op: string = 'at';
  static override readonly paramShapes: ParamShapes = { index: integer };
  override readonly isSync: boolean = false; // async iterables are collected
  declare params: { readonly index: number };

  constructor($list: Step, index: number) {
    super();
    this.addDependency($list, PLACE);
    this.params = { index };
  }

  override get origin(): StepOrigin {
    return { kind: 'part', of: 0, path: [this.params.index] };
  }

  override get mayWait(): boolean {
    return false;
  }

  override noteRead(path: ReadPath): void {
    this.dependency(0).noteRead([ITEM, ...path]);
  }

  override maxRows(path: ReadPath): MaxRows {
    return this.dependency(0).maxRows([ITEM, ...path]);
  }

  override execute(
    _count: number,
    [lists]: readonly [readonly unknown[]],
    extra: ExecuteExtra,
  ): ReadonlyArray<Entry<TItem | null>> {
    const index = this.params.index;
    return mapLists('at', lists, (list) => (list.at(index) ?? null) as TItem | null, extra);
  }
}

/**
 * Represents the item of `$list` at `index`; `-1` is the last.
 *
 * ```ts
 * plans: { runnerUp: ($race) => at(get($race, 'results'), 1) }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: items of a list that is not typed may be anything
export function at<TItem = any>(
  $list: Step<readonly TItem[] | null | undefined> | Step<readonly TItem[]>,
  index: number,
): Step<TItem | null> {
  return itemOf('at', $list, index);
}

/** The item that `at` represents. `user`: the step function that was called, for messages. */
export function itemOf<TItem>(user: string, $list: unknown, index: number): Step<TItem | null> {
  const $resolved = resolveStep(user, $list);
  if (
    $resolved instanceof ListStep &&
    index < $resolved.dependencies.length &&
    -index <= $resolved.dependencies.length
  ) {
    return $resolved.at(index) as Step<TItem | null>;
  }
  return new AtStep<TItem>($resolved, index);
}
