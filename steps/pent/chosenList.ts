import { SafeError } from '../../src/errors/SafeError.ts';
import { access } from '../../src/step/builtin/AccessStep.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import { type Entry, Step } from '../../src/step/Step.ts';
import { fail } from '../../src/step/signals.ts';

interface Chosen {
  readonly name: string;
  readonly reverse: boolean;
}

/** Represents the list that a value stands for. Yields its name, and whether it is read from its end. */
export class ChosenListStep extends Step<Chosen> {
  static override readonly op = 'pent.chosenList';
  static override readonly paramShapes: ParamShapes = {
    lists: { type: 'object', additionalProperties: { type: 'string' } },
  };
  declare params: { readonly lists: Readonly<Record<string, string>> };
  override readonly isSync = true;

  constructor($value: Step, lists: Readonly<Record<string, string>>) {
    super();
    this.addDependency($value);
    this.params = { lists: { ...lists } };
  }

  /** Loads of the list may start with the request. */
  override get isPure(): boolean {
    return true;
  }

  override execute(_count: number, [values]: readonly [readonly unknown[]]): ReadonlyArray<Entry<Chosen>> {
    const { lists } = this.params;
    return values.map((value) => {
      const list = typeof value === 'string' && Object.hasOwn(lists, value) ? lists[value] : undefined;
      if (list === undefined) {
        const known = Object.keys(lists).join(', ');
        return fail(
          new SafeError(`There is no list "${String(value)}". Ask for one of ${known}.`, { code: 'BAD_PAGE' }),
        );
      }
      return { name: list.replace(/^-/, ''), reverse: list.startsWith('-') };
    });
  }
}

/** One of several lists, known when the operation runs. */
export interface ListChoice {
  /** The name of the edge or index. */
  readonly $name: Step<string>;
  /** Whether the list is read in the opposite order. */
  readonly $reverse: Step<boolean>;
  /** The names of all of them. */
  readonly names: readonly string[];
}

/**
 * Represents the choice of a client among lists, by a value such as that of an enum. A `-` before a name means: read
 * from its end.
 *
 * ```ts
 * search: (_$root, args) =>
 *   pentIndexConnection(Listing, chosenList(args.$order, { CHEAPEST: 'by_price', DEAREST: '-by_price' }), $of, page)
 * ```
 */
export function chosenList($value: Step<unknown>, lists: Readonly<Record<string, string>>): ListChoice {
  resolveStep('chosenList', $value);
  const $chosen = new ChosenListStep($value, lists);
  const names = [...new Set(Object.values(lists).map((list) => list.replace(/^-/, '')))].sort();
  return { $name: access<string>($chosen, 'name'), $reverse: access<boolean>($chosen, 'reverse'), names };
}

/** A list by its name, or one of several. */
export type ListRef = string | number | ListChoice;

export function isChoice(list: ListRef): list is ListChoice {
  return typeof list === 'object';
}
