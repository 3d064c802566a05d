import type { Driver } from '../driver/Driver.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { CompiledRun } from './CompiledRun.ts';
import { compilePlan } from './compilePlan.ts';
import type { Segment } from './Segment.ts';

const compiled = new WeakMap<LinkedPlan, Segment | null>();

/** Runs what is ready, without a scheduler where the plan has run before and needs none. */
export function driveCompiled(driver: Driver): Promise<void> | null {
  const segment = segmentOf(driver.linked);
  return segment === null ? driver.drive() : new CompiledRun(driver, segment).drive();
}

function segmentOf(linked: LinkedPlan): Segment | null {
  const { codegen } = linked.source;
  if (codegen === 'never' || (++linked.runs === 1 && codegen === 'auto')) return null;
  let segment = compiled.get(linked);
  if (segment === undefined) {
    segment = compilePlan(linked);
    compiled.set(linked, segment);
  }
  return segment;
}
