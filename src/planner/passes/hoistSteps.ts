import type { Pass } from './Pass.ts';

/**
 * Moves steps to the outermost layer in which their dependencies exist (rule R4), so that they run for fewer rows.
 *
 *     each of $1 { $2 item; $3 constant "a"; $4 lambda $3 }    ->    $3 constant "a"; $4 lambda $3; each of $1 { $2 item }
 *
 * Safe because the layers between hold only rows that repeat the outer one. A step stays inside the boundaries that
 * decide whether it is wanted at all (null objects, branches), inside its mutation field, and after side effects.
 */
export const hoistSteps: Pass = {
  name: 'hoistSteps',
  afterChange: true,
  run({ graph }) {
    for (let index = graph.frozen; index < graph.steps.length; index++) {
      const step = graph.steps[index];
      if (step?.replacement === null) step.layer = graph.home(step);
    }
  },
};
