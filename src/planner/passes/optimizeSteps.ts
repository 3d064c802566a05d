import { FailedStep } from '../../step/builtin/FailedStep.ts';
import { Step } from '../../step/Step.ts';
import { endsPlanning } from '../limits.ts';
import type { Pass } from './Pass.ts';

/**
 * Lets each step improve itself: `optimize` may return a replacement, and may push needs into its dependencies.
 *
 *     $2 access $1 .a; $3 access $2 .b    ->    $3 access $1 .a.b
 *
 * Dependents come first, so that a step has heard all needs before it fixes its own request. Safe as far as the
 * classes keep the contract: the replacement yields the same values. A step that throws fails its rows.
 */
export const optimizeSteps: Pass = {
  name: 'optimizeSteps',
  run({ graph, needed }) {
    const dependentsFirst = [...needed.keys()].reverse();
    for (const step of dependentsFirst) {
      if (graph.isWritten(step) || step.replacement !== null) continue;
      if (step.optimize === Step.prototype.optimize) continue; // it stands as it is
      const replacement: Step = graph.within(step.layer, () => optimized(step));
      graph.settleReplacement(step);
      if (replacement !== step) graph.replace(step, replacement);
    }
    for (const step of graph.steps.slice(graph.frozen)) {
      for (const dependency of step.dependencies) dependency.step = graph.resolve(dependency.step);
    }
  },
};

function optimized(step: Step): Step {
  try {
    return step.optimize();
  } catch (error) {
    if (endsPlanning(error)) throw error;
    return new FailedStep(error);
  }
}
