import { PlanqlError } from '../../errors/PlanqlError.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { type PositionPath, positionTasks } from '../schedule/positionTasks.ts';
import type { Request } from '../state/Request.ts';
import { RunState } from '../state/RunState.ts';
import { Driver } from './Driver.ts';

/** A run of a part of a plan. `state` has the registers and rows of that part; other registers are empty. */
export interface PartialRun {
  readonly driver: Driver;
  readonly state: RunState;
  /** As of `Driver.drive`. */
  readonly going: Promise<void> | null;
}

/**
 * Runs only the steps that some positions of the response need: the entry for refetching and for live queries. Whether
 * positions are in lists, in branches of abstract types or in deferred fragments makes no difference.
 *
 * @throws PlanqlError `UNKNOWN_POSITION` when the operation has no such position, `PARTIAL_MUTATION` for a mutation,
 * whose fields have effects in an order.
 */
export function drivePositions(linked: LinkedPlan, request: Request, positions: readonly PositionPath[]): PartialRun {
  const { plan, graph } = linked;
  if (plan.operation === 'mutation') {
    throw new PlanqlError('PARTIAL_MUTATION', 'A mutation cannot run in part. Run the whole operation.');
  }
  const state = new RunState(linked, request, 'all', undefined);
  const first = (): ReadonlySet<number> => positionTasks(graph, positions, (guard) => state.holds(guard));
  const driver = new Driver(linked, state, { first });
  return { driver, state, going: driver.drive() };
}
