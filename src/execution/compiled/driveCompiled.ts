import { nextTurn } from '../../utils/nextTurn.ts';
import type { Driver } from '../driver/Driver.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { Segment } from '../link/Segment.ts';
import { CompiledRun } from './CompiledRun.ts';
import { compilePlan } from './compilePlan.ts';

/** A plan is compiled after so many runs: planning and first runs of a young process are slow enough. */
const HOT_RUNS = 16;

/** Runs all ready tasks, without a scheduler where the plan has run before and needs none. */
export function driveCompiled(driver: Driver): Promise<void> | null {
  const first = firstSegment(driver.linked);
  return first === null ? driver.drive() : new CompiledRun(driver, first).drive();
}

function firstSegment(linked: LinkedPlan): Segment | null {
  const { codegen } = linked.source;
  if (codegen === 'never') return null;
  if (linked.segments !== null && linked.segments.tasks !== linked.graph.tasks.length) {
    linked.segments = null; // it has grown
    linked.runs = 0;
  }
  if (linked.segments === null) {
    if (codegen === 'always') compile(linked);
    else if (++linked.runs === HOT_RUNS) nextTurn(compile, linked); // not while a request waits
  }
  return linked.segments?.first ?? null;
}

/** A plan in which something is wrong is left to the driver: it ends such runs with an answer. */
function compile(linked: LinkedPlan): void {
  let first: Segment | null = null;
  try {
    first = compilePlan(linked);
  } catch (error) {
    linked.source.codegenFailures.add(error);
  }
  linked.segments = { tasks: linked.graph.tasks.length, first };
  linked.growth++;
}
