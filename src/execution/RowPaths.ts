import type { PlaceNode } from '../plan/Plan.ts';
import { mappedRow, rowMap } from './layers/rows.ts';
import type { Run } from './Run.ts';

export interface PathNode {
  readonly prev: PathNode | undefined;
  readonly key: string | number;
  readonly typename: string | undefined;
}

/** The response paths of the rows of one place. Those of rows that lie in one row share its path. */
export class RowPaths {
  readonly #run: Run;
  readonly #node: PlaceNode;
  /** Those of the place above; null for the root, which has no path. */
  readonly #above: RowPaths | null;
  /** For each row the row of the place above; null where they are the same. */
  readonly #rowsAbove: Int32Array | null;
  readonly #known: (PathNode | undefined)[] = [];

  constructor(run: Run, node: PlaceNode, above: RowPaths | null) {
    this.#run = run;
    this.#node = node;
    this.#above = above;
    this.#rowsAbove = above === null ? null : rowMap(run, node.layer, above.#node.layer);
  }

  at(row: number): PathNode | undefined {
    if (this.#above === null) return undefined;
    let path = this.#known[row];
    if (path === undefined) {
      const prev = this.#above.at(mappedRow(this.#rowsAbove, row));
      path = { prev, key: this.#node.key ?? this.#indexOf(row), typename: this.#typenameOf(row) };
      this.#known[row] = path;
    }
    return path;
  }

  /** The key of an item: its distance from the first row of its list. */
  #indexOf(row: number): number {
    const { layer } = this.#node;
    const later = this.#run.laterItems(layer);
    if (later !== null) return later.indexes[row] as number;
    const rowsOfLists = rowMap(this.#run, layer, this.#run.linked.plan.layers[layer]?.parent ?? 0);
    const list = mappedRow(rowsOfLists, row);
    return row - (this.#run.offsets[layer]?.[list] ?? 0);
  }

  #typenameOf(row: number): string | undefined {
    const { key, typename, typenames, layer } = this.#node;
    if (key === null) return undefined;
    if (typename !== null || typenames === -1) return typename ?? undefined;
    const { registers, linked } = this.#run;
    const { node, singular } = linked.steps[typenames] as { node: { layer: number }; singular: boolean };
    if (singular) return registers[typenames] as string;
    const map = rowMap(this.#run, layer, node.layer);
    return (registers[typenames] as readonly string[])[mappedRow(map, row)];
  }
}
