import { type ExecutionResult, GraphQLError } from 'graphql';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import { propertiesOf } from '../../utils/propertiesOf.ts';
import type { EngineArgs, ReactiveEngine } from '../ReactiveEngine.ts';
import type { Position } from '../tracking/positionsOf.ts';

const MAX_POSITIONS = 100;

/** Runs the positions that a request names in `extensions.reactive.refetch`, and nothing else of its operation. */
export function refetchParts<TArgs extends EngineArgs>(
  engine: ReactiveEngine<TArgs>,
  args: TArgs,
  refetch: readonly unknown[],
): PromiseOrValue<ExecutionResult> {
  const positions = refetch.map((one) => propertiesOf(one).at);
  if (positions.length === 0 || positions.length > MAX_POSITIONS || !positions.every(isText)) {
    const message = `"extensions.reactive.refetch" must be a list of 1 to ${MAX_POSITIONS} entries such as { at: "me.lists" }.`;
    return refused(new PlanqlError('BAD_REFETCH', message));
  }
  if (positions.includes('')) return engine.execute(args);
  try {
    const result = engine.executePositions(args, positions.map(pathOf));
    return isPromiseLike(result) ? result.then(undefined, refused) : result;
  } catch (error) {
    return refused(error);
  }
}

/** The keys of a position: lists are no part of them. */
function pathOf(at: Position): readonly string[] {
  return at.split('.').filter((key) => key !== '*');
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function refused(error: unknown): ExecutionResult {
  if (!(error instanceof PlanqlError)) throw error;
  return { errors: [new GraphQLError(error.message, { extensions: { code: error.code } })] };
}
