import type { PlainLoad } from '../../step/PlainLoad.ts';
import { counting } from '../../telemetry/counting.ts';
import type { Driver } from '../driver/Driver.ts';
import type { StepContext } from '../driver/StepContext.ts';
import type { Outcome } from '../operators/Pending.ts';
import { execute, failCalls, runCalls, takeResult } from '../operators/runCalls.ts';
import type { CallGroup, StepCall } from '../operators/StepCall.ts';
import type { Task } from '../schedule/TaskGraph.ts';
import type { RunState } from '../state/RunState.ts';
import { arePlain } from './entriesOf.ts';

/** Work under way, with the tasks that end with it. */
export type Begun = readonly [Task | CallGroup, Outcome];

/**
 * Executes a step that takes no time. Returns the rest of it where only the driver can wait for it.
 *
 * @param quiet - the context of a step that only reads, where calls are not observed; null for any other step.
 */
export function compute(driver: Driver, call: StepCall, quiet: StepContext | null): Begun | null {
  const group: CallGroup = [call];
  const isQuiet = quiet !== null && call.rows === null && !counting.isOn;
  const outcome = isQuiet ? read(driver, group, quiet) : runCalls(driver.state, group, driver.contextOf(group));
  return outcome === null ? null : [group, outcome];
}

/** Mostly it finds plain keys. */
function read({ state }: Driver, group: CallGroup, context: StepContext): Outcome {
  const [{ step, count }] = group;
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

/** Goes on with the values of a step that a round has read. */
export function settleRead(state: RunState, call: StepCall, column: readonly unknown[]): Begun | null {
  const group: CallGroup = [call];
  const outcome = takeResult(state, group, column, null);
  return outcome === null ? null : [group, outcome];
}

/** Lets a load turn the answer of its loader, or its error, into values. */
export function takeAnswer(driver: Driver, load: PlainLoad, call: StepCall, answer: () => unknown): Outcome {
  const group: CallGroup = [call];
  let result: unknown;
  try {
    result = load.answered(call.values, answer, driver.contextOf(group));
  } catch (error) {
    return failCalls(driver.state, group, error);
  }
  return takeResult(driver.state, group, result, null);
}

export function thrower(error: unknown): () => never {
  return () => {
    throw error;
  };
}
