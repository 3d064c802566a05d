import type { LinkedStep } from '../link/LinkedPlan.ts';
import type { RunState } from '../state/RunState.ts';
import type { StepCall } from './StepCall.ts';
import { SettledColumn } from './settleColumn.ts';

/** Puts the results of one call back to its steps and their rows. */
export function storeResults(state: RunState, group: readonly StepCall[], settled: SettledColumn): void {
  const { column, hasSignals, hasNulls } = settled;
  let start = 0;
  // An effect may have changed earlier loads (rule R19).
  if (group[0]?.step.node.hasSideEffects) state.renew();
  for (const { step, count, rows, signals } of group) {
    const own = group.length === 1 ? column : column.slice(start, start + count);
    start += count;
    if (rows === null || signals === null) {
      storeAlone(state, step, own === column ? settled : new SettledColumn(own, hasSignals, hasNulls));
      continue;
    }
    state.unwatched.step(step.id);
    state.notePossibleBubble(step.id);
    const full = signals.slice();
    for (let row = 0; row < count; row++) full[rows[row] as number] = own[row];
    state.registers[step.id] = full;
    state.hasSignals[step.id] = true;
  }
}

/** Puts the values of all rows of a step into its register. */
export function storeAlone(state: RunState, { id, singular }: LinkedStep, settled: SettledColumn): void {
  const { column, hasSignals, hasNulls } = settled;
  state.unwatched.step(id);
  if (hasSignals || hasNulls) state.notePossibleBubble(id);
  state.registers[id] = singular ? column[0] : column;
  if (hasSignals) state.hasSignals[id] = true;
}

/** Puts the same failure or exit in all rows of a step. */
export function storeAll(state: RunState, step: LinkedStep, size: number, signal: unknown): void {
  state.registers[step.id] = step.singular ? signal : new Array<unknown>(size).fill(signal);
  state.hasSignals[step.id] = true;
}
