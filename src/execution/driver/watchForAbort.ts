import { PlanqlError } from '../../errors/PlanqlError.ts';
import type { Driver } from './Driver.ts';
import { deadlineError } from './deadlineError.ts';

/** Aborts the run with the request's signal and at its deadline. Returns how to stop watching; null: nothing to watch. */
export function watchForAbort(driver: Driver): (() => void) | null {
  const { abortSignal, deadline } = driver.state.request;
  if (abortSignal === null && deadline === null) return null;
  const onAbort = (): void => {
    if (abortSignal !== null) driver.abort(abortReason(abortSignal));
  };
  if (abortSignal?.aborted) onAbort();
  else abortSignal?.addEventListener('abort', onAbort);
  let timer: ReturnType<typeof setTimeout> | null = null;
  if (deadline !== null) {
    const left = deadline - Date.now();
    if (left <= 0) driver.abort(deadlineError());
    else timer = setTimeout(() => driver.abort(deadlineError()), Math.min(left, 0x7fffffff));
  }
  return () => {
    abortSignal?.removeEventListener('abort', onAbort);
    if (timer !== null) clearTimeout(timer);
  };
}

function abortReason({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new PlanqlError('ABORTED', `The request was aborted: ${String(reason)}`);
}
