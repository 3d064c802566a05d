import { type GraphQLError, locatedError } from 'graphql';
import { beginPart } from '../../step/partsOfRequests.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import { watchPromise } from '../../utils/watchPromise.ts';
import { driveCompiled } from '../compiled/driveCompiled.ts';
import { Driver } from '../driver/Driver.ts';
import { watchForAbort } from '../driver/watchForAbort.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { Request } from '../state/Request.ts';
import { RunState, type Stage } from '../state/RunState.ts';
import { abortedError, isRejected } from './abortedError.ts';
import { completeInSeries, completeRun, type ResponseForm } from './completeRun.ts';
import { refusedRoot } from './refusedParts.ts';

/**
 * Executes a plan for a request. Synchronous when all steps were (rule R14). The promise rejects only where the request
 * was aborted and asks for that (4.10.8); all other errors are errors of the response (R13).
 */
export function executePlan<TResponse>(
  linked: LinkedPlan,
  request: Request,
  form: ResponseForm<TResponse>,
  stage: Stage = 'all',
  event?: unknown,
): PromiseOrValue<TResponse> {
  if (isRejected(request)) {
    watchPromise(event); // nobody looks at it any more
    throw request.abortSignal?.reason;
  }
  const state = new RunState(linked, request, stage, event);
  if (stage === 'event') {
    try {
      beginPart(request.contextValue, (key, create) => state.shared.get(key, create));
    } catch (error) {
      return form.series(linked).end(true, [locatedError(error, undefined)]);
    }
  }
  const refusal = refusedRoot(linked, state);
  if (refusal !== null) return form.series(linked).end(true, [refusal]);
  const driver = new Driver(linked, state);
  const stop = watchForAbort(driver);
  const going = stage === 'all' ? driveCompiled(driver) : driver.drive();
  const complete = linked.plan.operation === 'mutation' ? completeInSeries : completeRun;
  return answer(
    going,
    () => complete(driver, form),
    (error) => form.series(linked).end(true, [error]),
    (response) => {
      const rejects = isRejected(request);
      stop?.();
      driver.abort();
      if (rejects) throw abortedError(request.abortSignal?.reason, response);
      return response;
    },
  );
}

/** Even a defect of planql ends in a response. `end` gets the response and returns it. */
export function answer<TResponse>(
  going: Promise<void> | null,
  complete: () => PromiseOrValue<TResponse>,
  refuse: (error: GraphQLError) => TResponse,
  end: (response: TResponse) => TResponse,
): PromiseOrValue<TResponse> {
  const onError = (error: unknown): TResponse => end(refuse(locatedError(error, undefined)));
  const onDone = (): PromiseOrValue<TResponse> => {
    let response: PromiseOrValue<TResponse>;
    try {
      response = complete();
    } catch (error) {
      return onError(error);
    }
    return isPromiseLike(response) ? response.then(end, onError) : end(response);
  };
  return going === null ? onDone() : going.then(onDone, onError);
}
