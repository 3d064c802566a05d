import type { Pass } from './Pass.ts';

/**
 * Merges steps that mean the same: equal op, params and dependencies in one layer (rule R3).
 *
 *     $1 load users $0    $2 load users $0    ->    $1 load users $0
 *
 * Safe because a step's values are a function of these, except for steps with side effects, which are left alone.
 */
export const deduplicateSteps: Pass = {
  name: 'deduplicateSteps',
  afterChange: true,
  run({ graph }) {
    for (let index = graph.frozen; index < graph.steps.length; index++) {
      const step = graph.steps[index];
      if (step?.replacement === null) graph.mergeWithPeer(step);
    }
  },
};
