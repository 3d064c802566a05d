import type { LinkedStep } from '../link/LinkedPlan.ts';
import type { RunState } from '../state/RunState.ts';
import type { StepCall } from './StepCall.ts';
import type { SettledColumn } from './settleColumn.ts';

/** Puts the results of one call back to its steps and their rows. */
export function storeResults(
  state: RunState,
  group: readonly StepCall[],
  { column, hasSignals, hasNulls }: SettledColumn,
): void {
  let start = 0;
  // What was loaded before an effect may have been changed by it (rule R19).
  if (group[0]?.step.node.hasSideEffects) state.shared.forget();
  for (const { step, count, rows, signals } of group) {
    const own = group.length === 1 ? column : column.slice(start, start + count);
    start += count;
    state.unwatched.step(step.id);
    if (hasSignals || hasNulls || signals !== null) state.notePossibleBubble(step.id);
    if (rows === null || signals === null) {
      state.registers[step.id] = step.singular ? own[0] : own;
      if (hasSignals) state.hasSignals[step.id] = true;
      continue;
    }
    const full = signals.slice();
    for (let row = 0; row < count; row++) full[rows[row] as number] = own[row];
    state.registers[step.id] = full;
    state.hasSignals[step.id] = true;
  }
}

/** Puts the same failure or exit in all rows of a step. */
export function storeAll(state: RunState, step: LinkedStep, size: number, signal: unknown): void {
  state.registers[step.id] = step.singular ? signal : new Array<unknown>(size).fill(signal);
  state.hasSignals[step.id] = true;
}
