import {
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  locatedError,
  type SelectionSetNode,
  versionInfo,
} from 'graphql';
import { Driver } from '../execution/driver/Driver.ts';
import { watchForAbort } from '../execution/driver/watchForAbort.ts';
import type { Request } from '../execution/state/Request.ts';
import { RequestBudget } from '../execution/state/RequestBudget.ts';
import { RunState } from '../execution/state/RunState.ts';
import { executePlan } from '../execution/writer/executePlan.ts';
import { objectForm } from '../execution/writer/responseForms.ts';
import { objectOutput } from '../plan/outputAt.ts';
import { fieldNodeOf } from '../schema/steps/linkedSchema.ts';
import { Exit, Failure } from '../step/signals.ts';
import { isAsyncIterable } from '../utils/asyncIterables.ts';
import { inspect } from '../utils/inspect.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import { mapAsyncIterable } from '../utils/mapAsyncIterable.ts';
import { budgetForm } from './costs/budgetForm.ts';
import type { PreparedPlan } from './PreparedPlan.ts';
import { ownVariables, type SelectedOperation } from './prepareRequest.ts';

/** The result of `subscribe`: the events, or, if it failed, a response with errors. */
export type SubscriptionResult = AsyncGenerator<ExecutionResult, void, void> | ExecutionResult;

/** graphql-js 16's `subscribe` always returns a promise, 17's only where there is something to wait for. */
export function asInstalled<T>(task: () => PromiseOrValue<T>): PromiseOrValue<T> {
  return versionInfo.major < 17 ? new Promise((resolve) => resolve(task())) : task();
}

/**
 * Implements `Subscribe`: runs the step that yields the event stream, then the plan for each of its events, each of
 * which has a deadline of its own. Throws the errors of graphql-js: another operation (17), a source that is none (16).
 */
export function subscribeToPlan(
  prepared: PreparedPlan,
  request: Request,
  deadlineOfEvent: () => number | null,
): PromiseOrValue<SubscriptionResult> {
  if (prepared.plan.operation !== 'subscription' && versionInfo.major >= 17) {
    throw new GraphQLError('Expected subscription operation.');
  }
  if (prepared.plan.stream === -1) return { errors: [noStreamError(prepared)] };
  const run = new Driver(prepared.linked, new RunState(prepared.linked, request, 'stream', undefined));
  const stop = watchForAbort(run) ?? (() => {});
  const going = run.drive();
  const start = (): SubscriptionResult => {
    stop();
    const source = sourceOf(prepared, run.state.registers[prepared.plan.stream]);
    if (source instanceof Failure) return { errors: [locate(prepared, source.error)] };
    try {
      return startEvents(prepared, request, run, source, deadlineOfEvent);
    } catch (error) {
      // The stream could not be opened.
      return { errors: [locate(prepared, error)] };
    }
  };
  return going === null ? start() : going.then(start);
}

/** graphql-js 16 throws where a `subscribe` resolver returns no iterable. With a plan it is an error of the response. */
function sourceOf({ plan }: PreparedPlan, stream: unknown): AsyncIterable<unknown> | Failure {
  const source = stream instanceof Exit ? stream.value : stream;
  try {
    if (source instanceof Failure || isAsyncIterable(source)) return source;
  } catch (error) {
    // A getter of the source threw.
    if (versionInfo.major < 17) throw error;
    return new Failure(error);
  }
  const error = new Error(`Subscription field must return Async Iterable. Received: ${inspect(source)}.`);
  if (versionInfo.major < 17 && plan.steps[plan.stream]?.op === 'resolve') throw error;
  return new Failure(error);
}

function startEvents(
  prepared: PreparedPlan,
  request: Request,
  run: Driver,
  source: AsyncIterable<unknown>,
  deadlineOfEvent: () => number | null,
): SubscriptionResult {
  const { abortSignal, onAbort } = request;
  const lastItem =
    onAbort === 'REJECT' ? null : (reason: unknown): ExecutionResult => ({ errors: [locatedError(reason, undefined)] });
  return mapAsyncIterable(
    source,
    (event) => runEvent(prepared, requestOfEvent(prepared, request, event, deadlineOfEvent()), event),
    {
      abort: abortSignal === null ? undefined : { signal: abortSignal, lastItem },
      onEnd() {
        if (abortSignal?.aborted) run.abort(abortSignal.reason);
      },
    },
  );
}

function runEvent({ linked }: PreparedPlan, request: Request, event: unknown): PromiseOrValue<ExecutionResult> {
  return executePlan(linked, request, budgetForm(objectForm, request.budget), 'event', event);
}

function requestOfEvent(
  { selected, linked }: PreparedPlan,
  request: Request,
  rootValue: unknown,
  deadline: number | null,
): Request {
  const { schema } = linked.source;
  const { variableValues, conditions } = request;
  const given = { forResolvers: variableValues, byName: conditions };
  const { forResolvers, byName } = ownVariables(schema, selected.operation, given);
  const budget = request.budget === null ? null : new RequestBudget(request.budget.limits);
  return { ...request, rootValue, deadline, budget, variableValues: forResolvers, conditions: byName };
}

function locate({ plan, linked }: PreparedPlan, error: unknown): GraphQLError {
  const field = objectOutput(plan, plan.root).fields[0];
  const nodes = field?.nodes.map(({ node }) => fieldNodeOf(linked.source.context, node));
  return locatedError(error, nodes, field === undefined ? undefined : [field.key]);
}

function noStreamError({ linked, selected: { operation, fragments } }: PreparedPlan): GraphQLError {
  // graphql-js 16 takes queries too, for subscriptions to their selections.
  if (linked.source.schema.getSubscriptionType() == null) {
    return new GraphQLError('Schema is not configured to execute subscription operation.', { nodes: operation });
  }
  const field = firstField(operation.selectionSet, fragments);
  if (field === undefined) return new GraphQLError('The subscription selects no field.', { nodes: operation });
  return new GraphQLError(`The subscription field "${field.name.value}" is not defined.`, { nodes: field });
}

function firstField(
  { selections }: SelectionSetNode,
  fragments: SelectedOperation['fragments'],
  met: Set<string> = new Set(),
): FieldNode | undefined {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) return selection;
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : unmet(selection.name.value, fragments, met);
    const field = fragment === undefined ? undefined : firstField(fragment.selectionSet, fragments, met);
    if (field !== undefined) return field;
  }
  return undefined;
}

/** A fragment that was not met before: where nobody validated, fragments may spread themselves. */
function unmet(
  name: string,
  fragments: SelectedOperation['fragments'],
  met: Set<string>,
): FragmentDefinitionNode | undefined {
  if (met.has(name)) return undefined;
  met.add(name);
  return fragments[name];
}
