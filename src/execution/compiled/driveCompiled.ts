import type { Driver } from '../driver/Driver.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { Segment } from '../link/Segment.ts';
import { CompiledRun } from './CompiledRun.ts';
import { compilePlan } from './compilePlan.ts';

/** Runs what is ready, without a scheduler where the plan has run before and needs none. */
export function driveCompiled(driver: Driver): Promise<void> | null {
  const first = firstSegment(driver.linked);
  return first === null ? driver.drive() : new CompiledRun(driver, first).drive();
}

function firstSegment(linked: LinkedPlan): Segment | null {
  const { segments } = linked;
  const { codegen } = linked.source;
  const tasks = linked.graph.tasks.length;
  if (segments?.tasks === tasks) return segments.first;
  if (codegen === 'never') return null;
  if (segments === undefined && codegen === 'auto') {
    linked.segments = null;
    return null;
  }
  linked.segments = { tasks, first: compiledSafely(linked) };
  return linked.segments.first;
}

/** A plan in which something is wrong is left to the driver: it ends such runs with an answer. */
function compiledSafely(linked: LinkedPlan): Segment | null {
  try {
    return compilePlan(linked);
  } catch {
    return null;
  }
}
