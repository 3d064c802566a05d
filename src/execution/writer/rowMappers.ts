import { InternalError } from '../../errors/InternalError.ts';
import { liesIn } from '../../plan/layerRelations.ts';
import type { LayerNode, Plan } from '../../plan/Plan.ts';
import type { RunState } from '../state/RunState.ts';
import { inverseRows, parentRowsOf } from '../state/rows.ts';

/** Maps a row of one layer to its row in another; -1 if there is none. */
export type RowMapper = (state: RunState, row: number) => number;

/**
 * Maps rows of `from` to rows of `to`: upwards to an enclosing layer, and from there down to a selection of its rows. Null
 * if the rows are the same.
 */
export function rowMapper(plan: Plan, from: number, to: number): RowMapper | null {
  if (from === to) return null;
  const target = plan.layers[to] as LayerNode;
  if (isSingular(plan, to) && liesIn(plan, from, to)) return () => 0;
  if (liesIn(plan, from, to)) return upwards(plan, from, to);
  if (target.kind === 'list' || target.parent === -1) {
    throw new InternalError(`No rows of layer ${to} belong to rows of layer ${from}.`);
  }
  const outer = rowMapper(plan, from, target.parent);
  return (state, row) => {
    const parentRow = outer === null ? row : outer(state, row);
    if (parentRow === -1) return -1;
    if ((state.sizes[to] as number) === 0) return -1;
    const inverse = inverseRows(state, to);
    return inverse === null ? parentRow : (inverse[parentRow] as number);
  };
}

function upwards(plan: Plan, from: number, to: number): RowMapper {
  const chain: number[] = [];
  for (let layer = from; layer !== to; layer = (plan.layers[layer] as LayerNode).parent) chain.push(layer);
  return (state, start) => {
    let row = start;
    for (let index = 0; index < chain.length; index++) {
      const rows = parentRowsOf(state, chain[index] as number);
      if (rows !== null) row = rows[row] as number;
    }
    return row;
  };
}

function isSingular(plan: Plan, layer: number): boolean {
  return (plan.layers[layer] as LayerNode).singular;
}
