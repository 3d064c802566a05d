import type { LayerNode } from '../../plan/Plan.ts';
import { isSignal } from '../../step/signals.ts';
import type { RunState } from '../state/RunState.ts';
import { columnIn } from '../state/rows.ts';

export function isNotNull(value: unknown): boolean {
  return value !== null && value !== undefined;
}

export function isPresent(value: unknown): boolean {
  return isNotNull(value) && !isSignal(value);
}

/** Selects the parent's rows with a wanted value. If that is all of them, the layer has the parent's rows: no copy. */
export function openSelection(
  state: RunState,
  layer: number,
  node: LayerNode,
  isWanted: (value: unknown) => boolean,
): void {
  const values = columnIn(state, node.source, node.parent);
  const { length } = values;
  let wanted = 0;
  while (wanted < length && isWanted(values[wanted])) wanted++;
  if (wanted === length) {
    state.parentRows[layer] = null;
  } else {
    const rows = new Int32Array(length);
    for (let row = 0; row < wanted; row++) rows[row] = row;
    for (let row = wanted + 1; row < length; row++) if (isWanted(values[row])) rows[wanted++] = row;
    state.parentRows[layer] = rows.slice(0, wanted);
  }
  state.sizes[layer] = wanted;
}
