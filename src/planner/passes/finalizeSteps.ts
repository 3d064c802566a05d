import type { Pass } from './Pass.ts';

/**
 * Calls `finalize` of each needed step, as it is about to be written down. Safe because by contract `finalize` sets
 * params only.
 */
export const finalizeSteps: Pass = {
  name: 'finalizeSteps',
  isRequired: true,
  run({ graph, needed }) {
    graph.live = needed;
    for (const step of needed.keys()) if (!graph.isWritten(step)) step.finalize();
  },
};
