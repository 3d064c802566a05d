import type { LayerNode } from '../../plan/Plan.ts';
import { Failure } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { Arrivals } from '../state/Arrivals.ts';
import type { RunState } from '../state/RunState.ts';
import { DONE, type Outcome } from './Pending.ts';
import { SettledColumn, settleColumn } from './settleColumn.ts';

/** Fills the register of a layer's entry: the values that its rows begin with. `arePassed`: as in `settleColumn`. */
export function fillEntry(
  state: RunState,
  node: LayerNode,
  values: readonly unknown[],
  arePassed: boolean = false,
): Outcome {
  const store = ({ column, hasSignals, hasNulls }: SettledColumn): Outcome => {
    state.registers[node.entry] = node.singular ? column[0] : column;
    state.unwatched.step(node.entry);
    if (hasSignals || hasNulls) state.notePossibleBubble(node.entry);
    if (hasSignals) state.hasSignals[node.entry] = true;
    return DONE;
  };
  const settled = settleColumn(values, arePassed);
  if (settled instanceof SettledColumn) return store(settled);
  const arrivals = new Arrivals(state.unwatched, [node.entry], settled.column);
  settled.arrivals = arrivals;
  return {
    promise: settled,
    onValue(column: SettledColumn) {
      arrivals.forget();
      return store(column);
    },
    onError(error) {
      const column = values.map((value) => (isPromiseLike(value) ? new Failure(error) : value));
      return store(new SettledColumn(column, true));
    },
  };
}
