import type { Driver } from '../driver/Driver.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { CompiledRun } from './CompiledRun.ts';
import { compilePlan } from './compilePlan.ts';
import type { Segment } from './Segment.ts';

/** A plan as it was compiled, when it had so many tasks. `first`: null where only the driver can run it. */
interface CompiledPlan {
  readonly tasks: number;
  readonly first: Segment | null;
}

/** Null: the plan has run once, and may never run again. */
const plans = new WeakMap<LinkedPlan, CompiledPlan | null>();

/** Runs what is ready, without a scheduler where the plan has run before and needs none. */
export function driveCompiled(driver: Driver): Promise<void> | null {
  const first = firstSegment(driver.linked);
  return first === null ? driver.drive() : new CompiledRun(driver, first).drive();
}

function firstSegment(linked: LinkedPlan): Segment | null {
  const { codegen } = linked.source;
  if (codegen === 'never') return null;
  const known = plans.get(linked);
  const tasks = linked.graph.tasks.length;
  if (known?.tasks === tasks) return known.first;
  if (known === undefined && codegen === 'auto') {
    plans.set(linked, null);
    return null;
  }
  const first = compilePlan(linked);
  plans.set(linked, { tasks, first });
  return first;
}
