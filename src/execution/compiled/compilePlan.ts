import { itemAt } from '../../utils/itemAt.ts';
import { mustGet } from '../../utils/mustGet.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan, LinkedStep } from '../link/LinkedPlan.ts';
import type { Operation, Segment } from '../link/Segment.ts';
import type { Task } from '../schedule/TaskGraph.ts';

/** A segment, and the one with the call that it waits for. */
interface SegmentNode {
  readonly segment: Segment;
  readonly before: SegmentNode | null;
}

/** A call that other tasks wait for. */
interface Call extends SegmentNode {
  readonly step: LinkedStep;
  readonly before: SegmentNode;
}

/** Plans with more calls than this are left to the driver: calls are compared with each other. */
const MOST_CALLS = 64;

/**
 * Divides the tasks of a plan into segments: each task belongs to the last call that it waits for. Null for plans that only
 * the driver can run: those with effects or later parts, and those in which a task waits for two calls that do not wait for
 * each other.
 */
export function compilePlan(linked: LinkedPlan): Segment | null {
  const { plan, graph } = linked;
  if (plan.operation !== 'query' || plan.defers.length > 0) return null;
  if (plan.layers.some(({ stream }) => stream !== null)) return null;
  if (plan.steps.some(({ hasSideEffects }) => hasSideEffects)) return null;
  const first: SegmentNode = { segment: { begins: null, operations: [] }, before: null };
  const calls: Call[] = [];
  /** By task: its segment, or that which begins with its values. */
  const given = new Map<number, SegmentNode>();
  for (const task of inOrder(graph.tasks)) {
    const place = lastPlace(task, given, first);
    if (place === null) return null;
    const step = task.kind === 'step' ? nodeAt(linked.steps, task.of) : null;
    given.set(task.id, place);
    if (step?.isEntry === true) continue;
    if (step === null || step.node.isSync) {
      const isPure = step?.instance.isPure === true;
      place.segment.operations.push({ task, step, isPure, call: null });
      continue;
    }
    const next: Call = { segment: { begins: task, operations: [] }, step, before: place };
    if (calls.length === MOST_CALLS) return null;
    calls.push(next);
    given.set(task.id, next);
  }
  const areJoined = calls.some((call) => calls.some((other) => mayBeJoined(call, other)));
  for (const call of calls) call.before.segment.operations.push(operationOf(call, calls, areJoined));
  return first.segment;
}

/** Tasks that wait for nothing come first, then those that wait for them. */
function inOrder(tasks: readonly Task[]): readonly Task[] {
  const waiting = tasks.map(({ dependencies }) => dependencies.length);
  const ready = tasks.filter(({ dependencies }) => dependencies.length === 0);
  // Lists are iterated including entries that are added on the way.
  for (const { dependents } of ready) {
    for (const id of dependents) {
      waiting[id] = itemAt(waiting, id) - 1;
      if (waiting[id] === 0) ready.push(nodeAt(tasks, id));
    }
  }
  return ready;
}

/** The segment that comes after all others that a task waits for; null if there is none. */
function lastPlace(
  { dependencies }: Task,
  given: ReadonlyMap<number, SegmentNode>,
  first: SegmentNode,
): SegmentNode | null {
  let last = first;
  for (const id of dependencies) {
    const place = mustGet(given, id);
    if (comesAfter(place, last)) last = place;
    else if (!comesAfter(last, place)) return null;
  }
  return last;
}

function comesAfter(place: SegmentNode, other: SegmentNode): boolean {
  for (let before: SegmentNode | null = place; before !== null; before = before.before)
    if (before === other) return true;
  return false;
}

/** Whether two calls would share one `execute` if they became ready together, which they may. */
function mayBeJoined(some: Call, other: Call): boolean {
  return some !== other && isAlike(some.step, other) && !comesAfter(some, other) && !comesAfter(other, some);
}

function isAlike({ batchKey }: LinkedStep, other: Call): boolean {
  return batchKey !== null && batchKey === other.step.batchKey;
}

/** Where calls may be shared, all calls take the same way: those that end in one turn for the driver end in one turn here. */
function operationOf(own: Call, calls: readonly Call[], areJoined: boolean): Operation {
  const { segment, step } = own;
  const alike = calls.filter((other) => isAlike(step, other));
  const family = alike.length < 2 ? -1 : calls.indexOf(itemAt(alike, 0));
  const load = areJoined ? null : step.instance.plainLoad;
  const call = { next: segment, load, family, waits: areJoined && step.batchKey !== null };
  return { task: step.task, step, isPure: false, call };
}
