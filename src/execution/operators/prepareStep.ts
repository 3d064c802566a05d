import type { DependencyNode } from '../../plan/Plan.ts';
import { Failure, isSignal } from '../../step/signals.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedStep } from '../link/LinkedPlan.ts';
import type { RunState } from '../state/RunState.ts';
import { columnIn, gather, mappedRow, rowMap } from '../state/rows.ts';
import type { StepCall } from './StepCall.ts';
import { storeAll } from './storeColumn.ts';

const NO_ROWS: readonly unknown[] = [];

/** Gathers the values of a step. Null when there is nothing to execute: the register is then already right. */
export function prepareStep(state: RunState, step: LinkedStep): StepCall | null {
  const { node, singular, inputs, direct } = step;
  if (step.isEntry) return null;
  const size = state.sizes[node.layer] as number;
  state.clock?.look();
  if (direct !== -1 && size > 0 && state.hasSignals[direct] !== true && state.aborted === null) {
    return { step, count: size, values: [state.registers[direct]], rows: null, signals: null };
  }
  if (size === 0 || !state.holds(node.guard)) {
    state.registers[step.id] = singular ? undefined : NO_ROWS;
    return null;
  }
  if (state.aborted !== null) {
    storeAll(state, step, size, new Failure(state.aborted.error));
    return null;
  }
  const signals = signalsOf(state, step, size);
  const values = new Array<unknown>(inputs.length);
  for (let at = 0; at < inputs.length; at++) {
    values[at] = dependencyValue(state, nodeAt(inputs, at), node.layer);
  }
  if (signals === null) return { step, count: size, values, rows: null, signals: null };
  return prepareDense(state, step, size, values, signals);
}

/** Leaves out the rows that are over (rule R11): `execute` gets shorter lists, without holes. */
function prepareDense(
  state: RunState,
  step: LinkedStep,
  size: number,
  values: readonly unknown[],
  signals: readonly unknown[],
): StepCall | null {
  const kept: number[] = [];
  for (let row = 0; row < size; row++) if (signals[row] === undefined) kept.push(row);
  if (kept.length === 0) {
    state.registers[step.id] = step.singular ? signals[0] : signals;
    state.hasSignals[step.id] = true;
    state.notePossibleBubble(step.id);
    return null;
  }
  const rows = Int32Array.from(kept);
  const dense = step.inputs.map(({ kind }, index) =>
    kind === 'global' ? values[index] : gather(values[index] as readonly unknown[], rows),
  );
  return { step, count: rows.length, values: dense, rows, signals };
}

function dependencyValue(state: RunState, dependency: DependencyNode, layer: number): unknown {
  switch (dependency.kind) {
    case 'global':
      return state.registers[dependency.step];
    case 'collect':
      return collect(state, dependency, layer);
    default:
      return columnIn(state, dependency.step, layer);
  }
}

/** For each row the list of a step's values in the rows of a list layer below; a `Failure` where there is no list. */
function collect(state: RunState, { step, layer: below }: DependencyNode, layer: number): unknown[] {
  const column = columnIn(state, step, below);
  const offsets = state.offsets[below] as Int32Array;
  const { parent, source } = nodeAt(state.plan.layers, below);
  const map = rowMap(state, layer, parent);
  const size = state.sizes[layer] as number;
  const lists = new Array<unknown>(size);
  // A list that threw while it was read has no rows: its failure stands in its place.
  const failures = state.listFailures?.[below];
  const sources = failures === undefined ? null : columnIn(state, source, parent);
  for (let row = 0; row < size; row++) {
    const parentRow = mappedRow(map, row);
    lists[row] = column.slice(offsets[parentRow], offsets[parentRow + 1]);
    if (sources !== null) lists[row] = failures?.get(sources[parentRow] as object) ?? lists[row];
  }
  return lists;
}

/** For each row the first failure or exit among its dependencies; null when there is none at all. */
function signalsOf(state: RunState, step: LinkedStep, size: number): unknown[] | null {
  let signals: unknown[] | null = null;
  const { dependencies } = step.node;
  for (let at = 0; at < dependencies.length; at++) {
    const dependency = nodeAt(dependencies, at);
    if (dependency.accepts || state.hasSignals[dependency.step] !== true) continue;
    const column = columnIn(state, dependency.step, step.node.layer);
    for (let row = 0; row < size; row++) {
      const value = column[row];
      if (!isSignal(value)) continue;
      signals ??= new Array<unknown>(size).fill(undefined);
      signals[row] ??= value;
    }
  }
  return signals;
}
