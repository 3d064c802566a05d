import { Failure } from '../../step/signals.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { RunState } from '../state/RunState.ts';
import { columnOf } from '../state/rows.ts';

/** Sees which object types were met at abstract positions, and has missing branches planned (rule R7). */
export function dispatchTypes(state: RunState, linked: LinkedPlan, typename: number): void {
  const unplanned = unplannedTypes(state, linked, typename);
  if (unplanned.size > 0) planBranches(state, linked, typename, unplanned);
  for (const output of linked.graph.abstracts.get(typename)?.outputs ?? []) state.unwatched.output(output);
}

/** Where a branch cannot be planned, the values of its type are errors; the rest is served (rule R8). */
function planBranches(state: RunState, linked: LinkedPlan, typename: number, types: ReadonlySet<string>): void {
  const failed = linked.source.planBranches?.(typename, [...types]);
  if (failed === undefined || failed.size === 0) return;
  const fail = (name: unknown): unknown =>
    typeof name === 'string' && failed.has(name) ? new Failure(failed.get(name)) : name;
  const register = state.registers[typename];
  state.registers[typename] = Array.isArray(register) ? register.map(fail) : fail(register);
  state.hasSignals[typename] = true;
}

function unplannedTypes(state: RunState, { plan, graph }: LinkedPlan, typename: number): Set<string> {
  const { layer } = nodeAt(plan.steps, typename);
  const register = state.registers[typename];
  const names = nodeAt(plan.layers, layer).singular ? [register] : columnOf(state, typename);
  const met = new Set<string>();
  for (const name of names ?? []) if (typeof name === 'string') met.add(name);
  for (const output of graph.abstracts.get(typename)?.outputs ?? []) {
    const node = plan.outputs[output];
    if (node?.kind !== 'abstract') continue;
    for (const name of met) if (!node.branches.some((branch) => branch.type === name)) return met;
  }
  return new Set();
}
