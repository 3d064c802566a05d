import { type GraphQLError, locatedError } from 'graphql';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import type { LinkedPlan } from './link/LinkedPlan.ts';
import { completeInSeries, completeRun, type ResponseForm } from './output/completeRun.ts';
import type { OutputState } from './output/OutputState.ts';
import type { Request } from './Request.ts';
import { Run, type Stage } from './Run.ts';

/** Executes a plan for a request. Synchronous when all that ran was (rule R14); the promise never rejects (R13). */
export function executePlan<TState extends OutputState, TResponse>(
  linked: LinkedPlan,
  request: Request,
  form: ResponseForm<TState, TResponse>,
  stage: Stage = 'all',
  event?: unknown,
): PromiseOrValue<TResponse> {
  const run = new Run(linked, request, stage, event);
  const stop = watchForAbort(run);
  const going = run.drive();
  const complete = linked.plan.operation === 'mutation' ? completeInSeries : completeRun;
  return answer(
    going,
    () => complete(run, form),
    (error) => form.series().end(true, [error]),
    () => {
      stop?.();
      run.abort();
    },
  );
}

/** Even a defect of planql itself ends in a response. `end` is called when it is there. */
export function answer<TResponse>(
  going: Promise<void> | null,
  complete: () => PromiseOrValue<TResponse>,
  refuse: (error: GraphQLError) => TResponse,
  end: (response: TResponse) => void,
): PromiseOrValue<TResponse> {
  const onResponse = (response: TResponse): TResponse => {
    end(response);
    return response;
  };
  const onError = (error: unknown): TResponse => onResponse(refuse(locatedError(error, undefined)));
  try {
    const response = going === null ? complete() : going.then(complete);
    return isPromiseLike(response) ? response.then(onResponse, onError) : onResponse(response);
  } catch (error) {
    return onError(error);
  }
}

/** What a request that ran out of time says of fields that were not ready. */
export function deadlineError(): Error {
  return new Error('The deadline of this request has passed.');
}

/** Aborts the run when the request's signal or deadline says so. Returns how to stop watching; null: nothing to watch. */
export function watchForAbort(run: Run): (() => void) | null {
  const { abortSignal, deadline } = run.request;
  if (abortSignal === null && deadline === null) return null;
  const onAbort = (): void => run.abort(abortReason(abortSignal as AbortSignal));
  if (abortSignal?.aborted) onAbort();
  else abortSignal?.addEventListener('abort', onAbort);
  let timer: ReturnType<typeof setTimeout> | null = null;
  if (deadline !== null) {
    const left = deadline - Date.now();
    if (left <= 0) run.abort(deadlineError());
    else timer = setTimeout(() => run.abort(deadlineError()), Math.min(left, 0x7fffffff));
  }
  return () => {
    abortSignal?.removeEventListener('abort', onAbort);
    if (timer !== null) clearTimeout(timer);
  };
}

function abortReason({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error(`The request was aborted: ${String(reason)}`);
}
