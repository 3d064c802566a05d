import { getOrCreate } from '../../utils/getOrCreate.ts';
import type { DependencyColumn, Owned, PositionColumns } from './columns.ts';
import { collected, type VisitObject } from './objectsIn.ts';
import type { Position } from './Place.ts';

/** The keys of a position that concern its data below single objects. */
export class OwnedColumns {
  /** The position of these objects. */
  readonly above: Position;
  readonly #columns: { readonly column: DependencyColumn; readonly owned: Owned }[] = [];
  /** The response keys of their ids. */
  readonly #keys = new Set<string>();
  #isFilled = false;

  constructor(above: Position) {
    this.above = above;
  }

  add(column: DependencyColumn, owned: Owned, isFilled: boolean): void {
    this.#columns.push({ column, owned });
    this.#keys.add(owned.key);
    if (isFilled) this.#isFilled = true;
  }

  /**
   * The names of each object that the response shows, in their order; and in `rest` those of no such object. `part`: the
   * objects that alone are of interest.
   */
  finish(
    objects: (visit: VisitObject) => boolean,
    part: ((visit: VisitObject) => boolean) | null,
  ): {
    readonly columns: readonly DependencyColumn[];
    readonly rest: readonly DependencyColumn[];
    readonly under: NonNullable<PositionColumns['under']>;
  } {
    const shown = new Map(this.#idsOf(objects).map((id) => [id, new Map<string, Set<string>>()]));
    const rest = new Map<string, string[]>();
    for (const { column, owned } of this.#columns) {
      const { prefix } = column;
      let place = 0;
      for (const name of column.names) {
        const ids = owned.idsOf(place++);
        if (ids === null || !ids.every((id) => shown.has(id))) getOrCreate(rest, prefix, () => []).push(name);
        else for (const id of ids) getOrCreate(shown.get(id) ?? new Map(), prefix, () => new Set()).add(name);
      }
    }
    const columns: { readonly prefix: string; readonly names: string[] }[] = [];
    const each: number[] = [];
    for (const id of part === null ? shown.keys() : new Set(this.#idsOf(part))) {
      let count = 0;
      for (const [prefix, names] of shown.get(id) ?? []) {
        count += names.size;
        const last = columns.at(-1);
        if (last?.prefix === prefix) for (const name of names) last.names.push(name);
        else columns.push({ prefix, names: [...names] });
      }
      each.push(count);
    }
    return {
      columns,
      rest: [...rest].map(([prefix, names]) => ({ prefix, names })),
      under: { at: this.above, each, isFilled: this.#isFilled },
    };
  }

  #idsOf(objects: (visit: VisitObject) => boolean): readonly string[] {
    return collected(objects).flatMap((object) => {
      const id = [...this.#keys].map((key) => object[key]).find((one) => one !== null && one !== undefined);
      return typeof id === 'string' || typeof id === 'number' ? [String(id)] : [];
    });
  }
}
