import { notAStep } from './notAStep.ts';
import { Step } from './Step.ts';

/**
 * The step that stands for `$step` now that equal steps were merged.
 *
 * @param user - the step function that was given it, for messages.
 * @throws PlanqlError `NOT_A_STEP`.
 */
export function resolveStep(user: string, $step: unknown): Step {
  if (!($step instanceof Step)) throw notAStep(user, $step);
  return $step.graph.resolve($step);
}
