import { nextTurn } from '../../utils/nextTurn.ts';
import type { Driver } from '../driver/Driver.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { PlanShare, type Total } from '../link/PlanShare.ts';
import type { Segment } from '../link/Segment.ts';
import { CompiledRun } from './CompiledRun.ts';
import { compilePlan } from './compilePlan.ts';
import { generateEntries, generateRound } from './generateRound.ts';

/** The compiled runs of all plans without generated code. */
const compiledRuns: Total = { count: 0 };

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
  const { segments } = linked;
  if (segments === null || segments.first === null) return null;
  if (segments.share?.count() === true) {
    segments.share = null;
    nextTurn(generateRounds, linked, segments.first);
  }
  return segments.first;
}

/** A plan in which something is wrong is left to the driver: it ends such runs with an answer. */
function compile(linked: LinkedPlan): void {
  let first: Segment | null = null;
  try {
    first = compilePlan(linked);
  } catch (error) {
    linked.source.codegenFailures.add(error);
  }
  const isCodeLater = linked.source.codegen !== 'always';
  linked.segments = {
    tasks: linked.graph.tasks.length,
    first,
    share: isCodeLater ? new PlanShare(compiledRuns) : null,
  };
  linked.growth++;
  if (first !== null && !isCodeLater) generateRounds(linked, first);
}

/** Generates the code of all segments. */
function generateRounds(linked: LinkedPlan, first: Segment): void {
  linked.generatedRounds = addCode(linked, first);
  linked.growth++;
}

/** Returns how many functions were made. Where something is wrong, segments have no code. */
function addCode(linked: LinkedPlan, segment: Segment): number {
  let made = 0;
  try {
    segment.round = generateRound(linked, segment);
    if (segment.round !== null) made++;
    for (const { call } of segment.operations) {
      if (call?.load == null) continue;
      call.entries = generateEntries(call.load.yieldsLists);
      if (call.entries !== null) made++;
    }
  } catch (error) {
    linked.source.codegenFailures.add(error);
  }
  for (const { call } of segment.operations) if (call !== null) made += addCode(linked, call.next);
  return made;
}
