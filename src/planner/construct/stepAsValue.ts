import { PlanqlError } from '../../errors/PlanqlError.ts';
import type { StepGraph } from '../../step/StepGraph.ts';

/** V8's messages for a property of an absent property, and for a step that is no list. */
const absent = /^Cannot read properties of undefined \(reading '(.+)'\)$/;
const odd = /^.+ is not (a function|iterable)/;

/**
 * An error of a plan resolver that may have taken a step for its value, with the remedy; any other error as it is. Looks
 * at errors alone: steps behind proxies would cost all plans.
 */
export function stepAsValue({ coordinate }: StepGraph, plan: unknown, error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const { message, stack = '' } = error;
  const read = absent.exec(message)?.[1];
  if (read === undefined && !odd.test(message)) return error;
  const found = [...String(plan).matchAll(/(\$\w+)\??\.(\w+)\??\.(\w+)/g)].find(([, , , name]) => name === read);
  const get = found === undefined ? 'get($step, "name")' : `get(${found[1]}, "${found[2]}")`;
  const told = new PlanqlError(
    'STEP_AS_VALUE',
    `${message} in the plan resolver of ${coordinate}. Plan resolvers get steps, whose values are known at run time only: ${get} reads a property, lambda($step, (value) => ...) computes with a value, each($list, ($item) => ...) plans the items of a list.`,
    { cause: error },
  );
  told.stack = stack;
  return told;
}
