import { InternalError } from '../../errors/InternalError.ts';
import type { LayerNode, StepNode } from '../../plan/Plan.ts';
import type { RunState } from './RunState.ts';

/** For each row of a layer, its row in the parent layer; null where the two have the same rows. */
export function parentRowsOf(state: RunState, layer: number): Int32Array | null {
  const node = state.plan.layers[layer] as LayerNode;
  if (node.kind !== 'list') return state.parentRows[layer] ?? null;
  const known = state.parentRows[layer];
  if (known != null) return known;
  const offsets = state.offsets[layer];
  const rows = new Int32Array(state.sizes[layer] as number);
  if (offsets != null) {
    for (let parent = 0; parent + 1 < offsets.length; parent++) {
      rows.fill(parent, offsets[parent], offsets[parent + 1]);
    }
  }
  state.parentRows[layer] = rows;
  return rows;
}

/** For each row of `from`, its row in `to`, a layer that it lies in; null where they are the same. */
export function rowMap(state: RunState, from: number, to: number): Int32Array | null {
  let map: Int32Array | null = null;
  const { layers } = state.plan;
  for (let layer = from; layer !== to; layer = (layers[layer] as LayerNode).parent) {
    if (layer === -1) throw new InternalError(`Layer ${from} does not lie in layer ${to}.`);
    const rows = parentRowsOf(state, layer);
    if (rows === null) continue;
    map = map === null ? rows : map.map((row) => rows[row] as number);
  }
  return map;
}

/** The row in another layer that a map of rows has for a row. */
export function mappedRow(map: Int32Array | null, row: number): number {
  return map === null ? row : (map[row] as number);
}

/** For each row of the parent layer, its row in `layer`, or -1; null where the two have the same rows. */
export function inverseRows(state: RunState, layer: number): Int32Array | null {
  const rows = state.parentRows[layer];
  if (rows == null) return null;
  let inverse = state.inverses[layer];
  if (inverse == null) {
    const { parent } = state.plan.layers[layer] as LayerNode;
    inverse = new Int32Array(state.sizes[parent] as number).fill(-1);
    for (let row = 0; row < rows.length; row++) inverse[rows[row] as number] = row;
    state.inverses[layer] = inverse;
  }
  return inverse;
}

/** A column of one layer as seen from the rows of another that lies in it. */
export function gather(column: readonly unknown[], map: Int32Array | null): readonly unknown[] {
  if (map === null) return column;
  const gathered = new Array<unknown>(map.length);
  for (let row = 0; row < map.length; row++) gathered[row] = column[map[row] as number];
  return gathered;
}

/** The register of a step whose layer is not singular: one entry a row. */
export function columnOf({ registers }: RunState, step: number): readonly unknown[] {
  return registers[step] as readonly unknown[];
}

/** Where the rows of each parent row begin in a list layer that is open. */
export function offsetsOf({ offsets }: RunState, layer: number): Int32Array {
  const own = offsets[layer];
  if (own == null) throw new InternalError(`List layer ${layer} is not open.`);
  return own;
}

/** The values of a step, one entry for each row of `layer`. */
export function columnIn(state: RunState, step: number, layer: number): readonly unknown[] {
  const register = state.registers[step];
  const own = (state.plan.steps[step] as StepNode).layer;
  if ((state.plan.layers[own] as LayerNode).singular) {
    const size = state.sizes[layer] as number;
    return size === 1 ? [register] : new Array<unknown>(size).fill(register);
  }
  const column = columnOf(state, step);
  return own === layer ? column : gather(column, rowMap(state, layer, own));
}
