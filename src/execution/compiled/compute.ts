import { counting, type TimedCall } from '../../telemetry/counting.ts';
import type { Driver } from '../driver/Driver.ts';
import type { StepContext } from '../driver/StepContext.ts';
import type { LinkedStep } from '../link/LinkedPlan.ts';
import type { Outcome } from '../operators/Pending.ts';
import { prepareStep } from '../operators/prepareStep.ts';
import { execute, failCalls, failTimed, runCalls, SHORT, takeResult } from '../operators/runCalls.ts';
import type { CallGroup, StepCall } from '../operators/StepCall.ts';
import type { Task } from '../schedule/TaskGraph.ts';
import type { ActiveLoad } from './ActiveCall.ts';
import { arePlain } from './entriesOf.ts';

/** Work under way, with the tasks that end with it. */
export type Begun = readonly [Task | CallGroup, Outcome];

/**
 * Executes a step that takes no time. Returns the rest of it where only the driver can wait for it.
 *
 * @param quiet - the context of a step that only reads, where calls are not observed; null for any other step.
 */
export function compute(driver: Driver, step: LinkedStep, quiet: StepContext | null): Begun | null {
  const { state } = driver;
  const call = prepareStep(state, step);
  if (call === null) return null;
  const group: CallGroup = [call];
  const isQuiet = quiet !== null && call.rows === null;
  const outcome = isQuiet ? read(driver, group, quiet) : runCalls(state, group, driver.contextOf(group));
  return outcome === null ? null : [group, outcome];
}

/** Mostly it finds plain keys. */
function read({ state }: Driver, group: CallGroup, context: StepContext): Outcome {
  const [{ step, count }] = group;
  if (count > SHORT) counting.forgetTime();
  let result: unknown;
  try {
    result = execute(state, group, context);
  } catch (error) {
    return failCalls(state, group, error);
  }
  if (!arePlain(result, count)) return takeResult(state, group, result, null);
  state.registers[step.id] = step.singular ? result[0] : result;
  return null;
}

/** The record of a load in the counters; null: calls are not counted. */
export function beginCounted({ count }: StepCall): TimedCall | null {
  if (!counting.isOn) return null;
  if (count > SHORT) counting.forgetTime(); // what came before took its time, too
  return counting.begin();
}

/** Asks a loader; the counters note that its load is of this call. */
export function askLoader({ load, call, timed }: ActiveLoad, context: StepContext): unknown {
  if (timed === null) return load.ask(call.values, context);
  try {
    return load.ask(call.values, context);
  } finally {
    counting.called(timed);
  }
}

/** Lets a load turn the answer of its loader, or its error, into values. */
export function takeAnswer(driver: Driver, { load, call, timed }: ActiveLoad, answer: () => unknown): Outcome {
  const group: CallGroup = [call];
  let result: unknown;
  try {
    result = load.answered(call.values, answer, driver.contextOf(group));
  } catch (error) {
    if (timed !== null) failTimed(driver.state, group, call.count, timed);
    return failCalls(driver.state, group, error);
  }
  return takeResult(driver.state, group, result, timed);
}

export function giver(value: unknown): () => unknown {
  return () => value;
}

export function thrower(error: unknown): () => never {
  return () => {
    throw error;
  };
}
