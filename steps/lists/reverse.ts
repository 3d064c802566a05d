import type { StepOrigin } from '../../src/step/ahead/StepOrigin.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { ITEM, isItem, PLACE, type ReadPath } from '../../src/step/reads.ts';
import { type Entry, type MaxRows, Step } from '../../src/step/Step.ts';
import type { StepLoad } from '../../src/step/StepLoad.ts';
import { mapLists } from './toList.ts';

/** Represents a list from its end to its beginning. Yields new lists; null where there is none. */
export class ReverseStep<TItem = unknown> extends Step<readonly TItem[]> {
  static override readonly op = 'reverse';
  static override readonly paramShapes: ParamShapes = {};

  constructor($list: Step) {
    super();
    this.addDependency($list, PLACE);
  }

  override get origin(): StepOrigin {
    return { kind: 'someItems', of: 0 };
  }

  override noteRead([head, ...rest]: ReadPath): void {
    if (head === undefined) this.dependency(0).noteRead([]);
    else if (isItem(head)) this.dependency(0).noteRead([ITEM, ...rest]);
  }

  override optimize(): Step {
    const $list = this.dependency(0);
    return $list instanceof ReverseStep ? $list.dependency(0) : this;
  }

  override maxRows(path: ReadPath): MaxRows {
    return this.dependency(0).maxRows(path);
  }

  override get load(): StepLoad | null {
    return null;
  }

  override execute(
    _count: number,
    [lists]: readonly [readonly unknown[]],
    extra: ExecuteExtra,
  ): ReadonlyArray<Entry<readonly TItem[]>> {
    return mapLists('reverse', lists, (list) => [...list].reverse() as TItem[], extra);
  }
}

/**
 * Represents `$list` in reverse order.
 *
 * ```ts
 * plans: { newestFirst: ($room) => reverse(loadMany(get($room, 'id'), messagesOf)) }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: items of a list that is not typed may be anything
export function reverse<TItem = any>(
  $list: Step<readonly TItem[] | null | undefined> | Step<readonly TItem[]>,
): Step<readonly TItem[]> {
  return new ReverseStep<TItem>($list);
}
