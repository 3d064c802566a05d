import type { StepOrigin } from '../../src/step/ahead/StepOrigin.ts';
import { access } from '../../src/step/builtin/AccessStep.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { FORWARDED, ITEM, isItem, type ReadPath } from '../../src/step/reads.ts';
import { type MaxRows, Step } from '../../src/step/Step.ts';
import type { StepData } from '../StepData.ts';

/** Represents a list of the values of some steps. Yields, in each row, a new list with one value for each of them. */
export class ListStep<TItem = unknown> extends Step<readonly TItem[]> {
  static override readonly op = 'list';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor($items: ReadonlyArray<Step<TItem>>) {
    super();
    for (const $item of $items) this.addDependency($item, FORWARDED);
  }

  override noteRead([head, ...rest]: ReadPath): void {
    const isAny = head === undefined || head === ITEM;
    if (!isAny && !isItem(head)) return;
    for (let index = 0; index < this.dependencies.length; index++) {
      if (isAny || String(head) === String(index)) this.dependency(index).noteRead(rest);
    }
  }

  get(name: string): Step {
    return /^\d+$/.test(name) ? this.at(Number(name)) : access(this, name);
  }

  /** The step at a place of the list, counted from the end when negative. */
  at(index: number): Step {
    const place = index < 0 ? this.dependencies.length + index : index;
    return this.dependencies[place] === undefined ? access(this, index) : this.dependency(place);
  }

  override get origin(): StepOrigin {
    return { kind: 'parts', names: null };
  }

  override get isPure(): boolean {
    return true;
  }

  override maxRows([head, ...rest]: ReadPath): MaxRows {
    const { length } = this.dependencies;
    if (head === undefined) return length;
    const of = Array.from({ length }, (_, index) => this.dependency(index).maxRows(rest));
    return { kind: 'largest', of };
  }

  override execute(count: number, values: ReadonlyArray<readonly TItem[]>): ReadonlyArray<readonly TItem[]> {
    const length = values.length;
    const lists = new Array<readonly TItem[]>(count);
    for (let row = 0; row < count; row++) {
      const list = new Array<TItem>(length);
      for (let at = 0; at < length; at++) list[at] = values[at]?.[row] as TItem;
      lists[row] = list;
    }
    return lists;
  }
}

/**
 * Represents a tuple of the values of `$items`.
 *
 * ```ts
 * loadOne(list([get($record, 'organisationId'), get($record, 'number')]), registrationByKey)
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: inferred from the steps
export function list<const TSteps extends readonly Step<any>[]>(
  $items: TSteps,
): Step<{ -readonly [TIndex in keyof TSteps]: StepData<TSteps[TIndex]> }> {
  return new ListStep($items) as never;
}
