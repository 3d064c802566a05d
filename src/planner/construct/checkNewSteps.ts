import { PlanqlError } from '../../errors/PlanqlError.ts';
import { classOf, Step, type StepClass } from '../../step/Step.ts';
import { className } from '../../step/stepClasses.ts';
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

interface Problem {
  readonly code: string;
  readonly message: string;
}

/** By step class: the reason why it is refused, or null. */
const problems = new WeakMap<object, Problem | null>();

/**
 * Refuses steps that cannot execute, and those that keep state outside of `params`: `execute` runs on an instance that is
 * remade from `params`, so it would read undefined, and steps that differ in that state would be merged. A class that
 * overrides `fromParams` remakes its state itself.
 *
 * @throws PlanqlError with the class, and the field that it keeps state in.
 */
export function checkNewSteps(steps: readonly Step[], from: number): void {
  for (let at = from; at < steps.length; at++) {
    const step = itemAt(steps, at);
    const stepClass = classOf(step);
    let problem = problems.get(stepClass);
    if (problem === undefined) {
      problem = problemOf(stepClass, step);
      problems.set(stepClass, problem);
    }
    if (problem !== null) throw new PlanqlError(problem.code, problem.message);
  }
}

function problemOf(stepClass: StepClass, step: Step): Problem | null {
  const name = className(stepClass);
  if (typeof step.execute !== 'function') {
    return { code: 'STEP_WITHOUT_EXECUTE', message: `${name} has no method "execute".` };
  }
  if (stepClass.fromParams !== Step.fromParams) return null;
  const field = Object.keys(step).find((key) => !known.has(key));
  if (field === undefined) return null;
  const message =
    `${name} keeps "${field}" in a field of the step. "execute" reads "params" only: set ` +
    `"this.params = { ${field} }" in the constructor and read "this.params.${field}". ` +
    `A field that only planning needs must be private ("#${field}").`;
  return { code: 'STATE_OUTSIDE_PARAMS', message };
}
