import type { ExecutionResult, GraphQLError } from 'graphql';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import type { ObjectOutput, Plan } from '../../plan/Plan.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import type { Driver } from '../driver/Driver.ts';
import { drivePositions } from '../driver/drivePositions.ts';
import { watchForAbort } from '../driver/watchForAbort.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { PositionPath } from '../schedule/positionTasks.ts';
import type { Request } from '../state/Request.ts';
import { completeRun } from './completeRun.ts';
import { answer } from './executePlan.ts';
import { type RequestedFields, requestedFieldsOf } from './RequestedFields.ts';
import { isIdentity, RequestedSelection } from './RequestedSelection.ts';
import { ResponseState } from './ResponseState.ts';
import { type ObjectResponse, objectForm } from './responseForms.ts';

/**
 * Runs only the steps that some positions need, and answers with these positions and the objects on the way to them,
 * which have their `id` and `__typename` where the operation selects them.
 *
 * @throws PlanqlError `UNKNOWN_POSITION`, `PARTIAL_MUTATION`, `PARTIAL_SUBSCRIPTION`.
 */
export function executePart(
  linked: LinkedPlan,
  request: Request,
  positions: readonly PositionPath[],
): PromiseOrValue<ExecutionResult> {
  if (linked.plan.operation === 'subscription') {
    throw new PlanqlError('PARTIAL_SUBSCRIPTION', 'A subscription cannot run in part. Run the whole operation.');
  }
  const part = requestedFieldsOf(positions);
  const paths = [...positions, ...identities(linked.plan, linked.plan.root, part, [])];
  const { driver, going } = drivePositions(linked, request, paths);
  const stop = watchForAbort(driver);
  return answer<ObjectResponse>(
    going,
    () => completeRun(driver, { ...objectForm, begin: (of) => selecting(of, part) }),
    (error: GraphQLError) => ({ errors: [error], data: null }),
    (response) => {
      stop?.();
      driver.abort();
      return response;
    },
  );
}

function selecting(driver: Driver, part: RequestedFields): ResponseState {
  const state = new ResponseState(driver);
  state.selection = new RequestedSelection(part);
  return state;
}

/** Where the identities of the objects on the way are. */
function identities(plan: Plan, id: number, part: RequestedFields, path: PositionPath): readonly PositionPath[] {
  if (part.isWhole) return [];
  const output = itemAt(plan.outputs, id);
  switch (output.kind) {
    case 'object':
      return output.fields.flatMap((field) => {
        const below = part.fields.get(field.key);
        if (below !== undefined) return identities(plan, field.position.output, below, [...path, field.key]);
        return isIdentity(plan, field) && isAlways(output, field.key) ? [[...path, field.key]] : [];
      });
    case 'list':
      return identities(plan, output.item.output, part, path);
    case 'abstract':
      return output.branches.flatMap(({ position }) => identities(plan, position.output, part, path));
    default:
      return [];
  }
}

/** A field that some requests leave out is no position for these. */
function isAlways({ fields }: ObjectOutput, key: string): boolean {
  return fields.every((field) => field.key !== key || field.guard === 0);
}
