import { type ExecutionResult, GraphQLError } from 'graphql';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import type { EngineArgs, ReactiveEngine } from '../ReactiveEngine.ts';
import { executePart } from './executePart.ts';
import { pathOf } from './Part.ts';

const MAX_POSITIONS = 100;

/** Runs the positions that a request names in `extensions.reactive.refetch`, and nothing else of its operation. */
export function refetchParts<TArgs extends EngineArgs>(
  engine: ReactiveEngine & { execute(args: TArgs): PromiseOrValue<ExecutionResult> },
  args: TArgs,
  refetch: readonly unknown[],
): PromiseOrValue<ExecutionResult> {
  const positions = refetch.map((one) => (one as { at?: unknown } | null)?.at);
  if (positions.length === 0 || positions.length > MAX_POSITIONS || !positions.every(isText)) {
    const message = `"extensions.reactive.refetch" must be a list of 1 to ${MAX_POSITIONS} entries such as { at: "me.lists" }.`;
    return refused(new PlanqlError('BAD_REFETCH', message));
  }
  if (positions.includes('')) return engine.execute(args);
  const prepared = engine.prepareRequest(args);
  if ('errors' in prepared) return prepared as ExecutionResult;
  const { linked } = prepared.prepared;
  const { operation } = linked.plan;
  if (operation !== 'query') {
    return refused(new PlanqlError('BAD_REFETCH', `Only a query can run in part, and this is a ${operation}.`));
  }
  try {
    return executePart(linked, prepared.request, positions.map(pathOf));
  } catch (error) {
    if (error instanceof PlanqlError) return refused(error);
    throw error;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function refused({ message, code }: PlanqlError): ExecutionResult {
  return { errors: [new GraphQLError(message, { extensions: { code } })] };
}
