import type { SelectionSetNode } from 'graphql';
import type { SelectionEntry } from './collectFields.ts';
import type { PositionContext, ResponsePath } from './OutputTree.ts';

/** Texts that are equal for equal selections, so that these are planned once (rule R2). */
export class SelectionKeys {
  readonly #numbers = new Map<unknown, number>();

  of(entries: readonly SelectionEntry[]): string {
    let key = '';
    for (const { selectionSet, guard, usage } of entries) {
      key += `${this.number(selectionSet)}:${guard}${usage === null ? '' : `/${usage.id}`},`;
    }
    return key;
  }

  /** Equal for the same thing only. */
  number(thing: SelectionSetNode | ResponsePath | PositionContext['authorize']['hidden']): number {
    let number = this.#numbers.get(thing);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(thing, number);
    }
    return number;
  }
}
