import { PlanqlError } from '../errors/PlanqlError.ts';
import type { StepGraph } from './StepGraph.ts';

let current: StepGraph | null = null;

/** The graph that is being planned. Steps add themselves to it; it is planql's only ambient variable. */
export function currentGraph(): StepGraph {
  if (current === null) {
    throw new PlanqlError(
      'NOT_PLANNING',
      'A step was created outside of planning. Steps are created in plan resolvers, in the callbacks of steps such as each(), and in optimize().',
    );
  }
  return current;
}

/** Runs `task` with `graph` as the current one. */
export function withGraph<T>(graph: StepGraph, task: () => T): T {
  const previous = current;
  current = graph;
  try {
    return task();
  } finally {
    current = previous;
  }
}
