import type { LayerNode } from '../../plan/Plan.ts';
import { Failure } from '../../step/signals.ts';
import { UNFINISHED } from '../state/errors.ts';
import type { RunState } from '../state/RunState.ts';
import { columnIn, mappedRow, rowMap } from '../state/rows.ts';
import { fillEntry } from './fillEntry.ts';
import type { Outcome } from './Pending.ts';

/** Brings together the rows of sibling `type` layers, each with the value that its branch contributes. */
export function openCombined(state: RunState, layer: number, node: LayerNode): Outcome {
  const parentSize = state.sizes[node.parent] as number;
  const byParentRow = new Array<unknown>(parentSize);
  const isThere = new Array<boolean>(parentSize).fill(false);
  for (const { layer: from, step } of node.contributions ?? []) {
    const size = state.sizes[from];
    if (size === undefined || size === 0) continue;
    const values = columnIn(state, step, from);
    const map = rowMap(state, from, node.parent);
    for (let row = 0; row < size; row++) {
      const parentRow = mappedRow(map, row);
      byParentRow[parentRow] = values[row];
      isThere[parentRow] = true;
    }
  }
  const rows: number[] = [];
  const values: unknown[] = [];
  for (let row = 0; row < parentSize; row++) {
    if (!isThere[row]) continue;
    rows.push(row);
    values.push(byParentRow[row]);
  }
  state.sizes[layer] = rows.length;
  state.parentRows[layer] = rows.length === parentSize ? null : Int32Array.from(rows);
  // A snapshot has the values of a step all together, or none of them. The same holds for an entry.
  const isMissing = (value: unknown): boolean => value instanceof Failure && value.error === UNFINISHED;
  const missing = state.aborted?.error === UNFINISHED ? values.find(isMissing) : undefined;
  return fillEntry(state, node, missing === undefined ? values : values.map(() => missing), true);
}
