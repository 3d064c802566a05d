import type { ResponsePathNode } from '../../plan/Plan.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { rowAt } from '../../utils/rowAt.ts';
import type { RunState } from './RunState.ts';
import { mappedRow, rowMap } from './rows.ts';

export interface PathNode {
  readonly prev: PathNode | undefined;
  readonly key: string | number;
  readonly typename: string | undefined;
}

/** The response paths of the rows of one place. Those of rows that lie in one row share its path. */
export class RowPaths {
  readonly #state: RunState;
  readonly #node: ResponsePathNode;
  /** Those of the place above; null for the root, which has no path. */
  readonly #above: RowPaths | null;
  /** For each row the row of the place above; null where they are the same. */
  readonly #rowsAbove: Int32Array | null;
  readonly #known: (PathNode | undefined)[] = [];

  constructor(state: RunState, node: ResponsePathNode, above: RowPaths | null) {
    this.#state = state;
    this.#node = node;
    this.#above = above;
    this.#rowsAbove = above === null ? null : rowMap(state, node.layer, above.#node.layer);
  }

  at(row: number): PathNode | undefined {
    if (this.#above === null) return undefined;
    let path = this.#known[row];
    if (path === undefined) {
      const prev = this.#above.at(mappedRow(this.#rowsAbove, row));
      const typename = typenameAt(this.#state, this.#node, this.#node.layer, row);
      path = { prev, key: this.#node.key ?? this.#indexOf(row), typename };
      this.#known[row] = path;
    }
    return path;
  }

  /** The key of an item: its distance from the first row of its list. */
  #indexOf(row: number): number {
    const { layer } = this.#node;
    const indexes = this.#state.itemIndexes[layer];
    if (indexes !== undefined) return rowAt(indexes, row);
    const rowsOfLists = rowMap(this.#state, layer, this.#state.plan.layers[layer]?.parent ?? 0);
    const list = mappedRow(rowsOfLists, row);
    return row - (this.#state.offsets[layer]?.[list] ?? 0);
  }
}

/** The name of the type that has the field of a place, for a row of a layer that lies in the layer of its type. */
export function typenameAt(
  state: RunState,
  { key, typename, typenames }: ResponsePathNode,
  layer: number,
  row: number,
): string | undefined {
  if (key === null) return undefined;
  if (typename !== null || typenames === -1) return typename ?? undefined;
  const { registers, plan } = state;
  const own = nodeAt(plan.steps, typenames).layer;
  if (plan.layers[own]?.singular) return registers[typenames] as string;
  return (registers[typenames] as readonly string[])[mappedRow(rowMap(state, layer, own), row)];
}
