import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { PLACE } from '../../src/step/reads.ts';
import { type Entry, Step } from '../../src/step/Step.ts';
import type { StepLoad } from '../../src/step/StepLoad.ts';
import { mapLists } from './toList.ts';

/** Represents how many items a list has. Yields a number; null where there is no list. */
export class ListLengthStep extends Step<number | null> {
  static override readonly op = 'listLength';
  static override readonly paramShapes: ParamShapes = {};

  constructor($list: Step) {
    super();
    this.addDependency($list, PLACE);
  }

  override get load(): StepLoad | null {
    return null;
  }

  override execute(
    _count: number,
    [lists]: readonly [readonly unknown[]],
    extra: ExecuteExtra,
  ): ReadonlyArray<Entry<number | null>> {
    return mapLists('listLength', lists, (list) => list.length, extra);
  }
}

/**
 * Represents the number of items in `$list`.
 *
 * ```ts
 * plans: { friendCount: ($user) => listLength(loadMany(get($user, 'id'), friendsOf)) }
 * ```
 */
export function listLength(
  $list: Step<readonly unknown[] | null | undefined> | Step<readonly unknown[]>,
): Step<number | null> {
  return new ListLengthStep($list);
}
