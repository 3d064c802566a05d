import type { LayerNode } from '../../plan/Plan.ts';
import { Failure } from '../../step/signals.ts';
import type { Task } from '../link/LinkedPlan.ts';
import type { Run } from '../Run.ts';

/** Sees which object types were met at abstract positions, and has the branches planned that are not yet (rule R7). */
export function dispatchTypes(run: Run, task: Task): void {
  const unplanned = unplannedTypes(run, task.of);
  if (unplanned.size > 0) planBranches(run, task.of, unplanned);
  // Another request may have had them planned since this one began.
  run.grow();
  run.finish(task);
}

/** Where a branch cannot be planned, the values of its type are errors; the rest is served (rule R8). */
function planBranches(run: Run, typename: number, types: ReadonlySet<string>): void {
  const failed = run.linked.source.planBranches?.(typename, [...types]);
  if (failed === undefined || failed.size === 0) return;
  const fail = (name: unknown): unknown =>
    failed.has(name as string) ? new Failure(failed.get(name as string)) : name;
  const register = run.registers[typename];
  run.registers[typename] = Array.isArray(register) ? register.map(fail) : fail(register);
  run.hasSignals[typename] = true;
}

function unplannedTypes(run: Run, typename: number): Set<string> {
  const { plan, abstracts } = run.linked;
  const { layer } = plan.steps[typename] as { layer: number };
  const register = run.registers[typename];
  const names = (plan.layers[layer] as LayerNode).singular ? [register] : (register as readonly unknown[]);
  const met = new Set<string>();
  for (const name of names ?? []) if (typeof name === 'string') met.add(name);
  for (const output of abstracts.get(typename)?.outputs ?? []) {
    const node = plan.outputs[output];
    if (node?.kind !== 'abstract') continue;
    for (const name of met) if (!node.branches.some((branch) => branch.type === name)) return met;
  }
  return new Set();
}
