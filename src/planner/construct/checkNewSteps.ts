import { PlanqlError } from '../../errors/PlanqlError.ts';
import { classOf, Step } from '../../step/Step.ts';
import { itemAt } from '../../utils/itemAt.ts';

/** The fields that every step has. */
const known: ReadonlySet<string> = new Set([
  ...[
    'stepNumber',
    'graph',
    'layer',
    'dependencies',
    'replacement',
    'coordinate',
    'params',
    'isSync',
    'hasSideEffects',
  ],
]);

/** By step class: the error message for its hidden state, or null where it has none. */
const verdicts = new WeakMap<object, string | null>();

/**
 * Refuses steps that keep state outside of `params`: `execute` runs on an instance that is remade from `params`, so it
 * would read undefined, and steps that differ in that state would be merged. A class that overrides `fromParams` remakes
 * its state itself.
 *
 * @throws PlanqlError `STATE_OUTSIDE_PARAMS` with the class and the field.
 */
export function checkNewSteps(steps: readonly Step[], from: number): void {
  for (let at = from; at < steps.length; at++) {
    const step = itemAt(steps, at);
    const stepClass = classOf(step);
    let message = verdicts.get(stepClass);
    if (message === undefined) {
      message = stepClass.fromParams === Step.fromParams ? hiddenState(stepClass.name, step) : null;
      verdicts.set(stepClass, message);
    }
    if (message !== null) throw new PlanqlError('STATE_OUTSIDE_PARAMS', message);
  }
}

function hiddenState(name: string, step: Step): string | null {
  const field = Object.keys(step).find((key) => !known.has(key));
  if (field === undefined) return null;
  return (
    `${name} keeps "${field}" in a field of the step. "execute" reads "params" only: set ` +
    `"this.params = { ${field} }" in the constructor and read "this.params.${field}". ` +
    `A field that only planning needs must be private ("#${field}").`
  );
}
