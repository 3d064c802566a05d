import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan, LinkedStep } from '../link/LinkedPlan.ts';
import type { Operation, Segment } from '../link/Segment.ts';
import type { Task } from '../schedule/TaskGraph.ts';

/** A call that other tasks wait for, and the calls that it waited for itself. */
interface Call {
  readonly segment: Segment;
  readonly step: LinkedStep | null;
  readonly before: Call | null;
}

/** Plans with more calls than this are left to the driver: calls are compared with each other. */
const MOST_CALLS = 64;

/**
 * Divides the tasks of a plan into segments: each task belongs to the last call that it waits for. Null for plans that only
 * the driver can run: those with effects, later parts or loads ahead of their turn, and those in which a task waits for two
 * calls that do not wait for each other, or such calls may have to be joined.
 */
export function compilePlan(linked: LinkedPlan): Segment | null {
  const { plan, graph, ahead, source } = linked;
  if (plan.operation !== 'query' || plan.defers.length > 0) return null;
  if ((ahead !== null && source.speculation !== null) || plan.layers.some(({ stream }) => stream !== null)) return null;
  if (plan.steps.some(({ hasSideEffects }) => hasSideEffects)) return null;
  const first: Call = { segment: { begins: null, operations: [] }, step: null, before: null };
  const calls: Call[] = [];
  /** By task: the call whose segment it is in, or that it is. */
  const given = new Map<number, Call>();
  for (const task of inOrder(graph.tasks)) {
    const call = lastCall(task, given, first);
    if (call === null) return null;
    const step = task.kind === 'step' ? nodeAt(linked.steps, task.of) : null;
    given.set(task.id, call);
    if (step?.isEntry === true) continue;
    if (step === null || step.node.isSync) {
      const isPure = step?.instance.isPure === true;
      call.segment.operations.push({ task, step, next: null, isPure, load: null, family: -1 });
      continue;
    }
    const next: Call = { segment: { begins: task, operations: [] }, step, before: call };
    if (calls.length === MOST_CALLS || calls.some((other) => mayBeJoined(other, next))) return null;
    calls.push(next);
    given.set(task.id, next);
  }
  for (const call of calls) call.before?.segment.operations.push(operationOf(call, calls));
  return first.segment;
}

/** Tasks that wait for nothing come first, then those that wait for them. */
function inOrder(tasks: readonly Task[]): readonly Task[] {
  const waiting = tasks.map(({ dependencies }) => dependencies.length);
  const ready = tasks.filter(({ dependencies }) => dependencies.length === 0);
  // Lists are iterated including what is added on the way.
  for (const { dependents } of ready) {
    for (const id of dependents) if (--(waiting[id] as number) === 0) ready.push(nodeAt(tasks, id));
  }
  return ready;
}

/** The call that comes after all others that a task waits for; null if there is none. */
function lastCall({ dependencies }: Task, given: ReadonlyMap<number, Call>, first: Call): Call | null {
  let last = first;
  for (const id of dependencies) {
    const call = given.get(id) as Call;
    if (comesAfter(call, last)) last = call;
    else if (!comesAfter(last, call)) return null;
  }
  return last;
}

function comesAfter(call: Call, other: Call): boolean {
  for (let before: Call | null = call; before !== null; before = before.before) if (before === other) return true;
  return false;
}

/** Whether two calls would share one `execute` if they became ready together, which they may. */
function mayBeJoined(some: Call, other: Call): boolean {
  return isAlike(some, other) && !comesAfter(some, other) && !comesAfter(other, some);
}

function isAlike({ step }: Call, other: Call): boolean {
  return step !== null && step.batchKey !== null && step.batchKey === other.step?.batchKey;
}

function operationOf(call: Call, calls: readonly Call[]): Operation {
  const { segment } = call;
  const step = call.step as LinkedStep;
  const family = calls.findIndex((other) => isAlike(other, call));
  const isAlone = calls.every((other) => other === call || !isAlike(other, call));
  return {
    ...{ task: step.task, step, next: segment },
    ...{ isPure: false, load: step.instance.plainLoad, family: isAlone ? -1 : family },
  };
}
