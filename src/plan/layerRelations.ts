import { itemAt } from '../utils/itemAt.ts';
import type { Plan } from './Plan.ts';

/** Whether `layer` is `ancestor` or lies in it. Parents come before their layers: this ends. */
export function liesIn({ layers }: Plan, layer: number, ancestor: number): boolean {
  for (let current = layer; current >= ancestor; current = itemAt(layers, current).parent) {
    if (current === ancestor) return true;
  }
  return false;
}

/** Whether each row of `from` has at most one row of `to`: up, or from there down to a selection of rows. */
export function hasRowsIn(plan: Plan, from: number, to: number): boolean {
  if (liesIn(plan, from, to)) return true;
  const { kind, parent } = itemAt(plan.layers, to);
  return kind !== 'list' && parent !== -1 && hasRowsIn(plan, from, parent);
}
