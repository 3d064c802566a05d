import { PlanqlError } from '../errors/PlanqlError.ts';
import { hintOfCopies, noteCopy } from './copies.ts';

let current: object | null = null;

/** The `PlanningGraph` of the moment. Steps add themselves to it; it is planql's only ambient variable. */
export function currentGraph(): object {
  if (current === null) {
    noteCopy();
    throw new PlanqlError(
      'NOT_PLANNING',
      `A step was created outside of planning. Steps are created in plan resolvers, in the callbacks of steps such as each(), and in optimize().${hintOfCopies()}`,
    );
  }
  return current;
}

/** Runs `task` with `graph` as the current one. */
export function withGraph<T>(graph: object, task: () => T): T {
  const previous = current;
  current = graph;
  noteCopy();
  try {
    return task();
  } finally {
    current = previous;
  }
}
