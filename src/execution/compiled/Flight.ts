import type { PlainLoad } from '../../step/PlainLoad.ts';
import { Eventual } from '../../utils/Eventual.ts';
import { mustGet } from '../../utils/mustGet.ts';
import type { CallSite } from '../link/Segment.ts';
import { groupCalls } from '../operators/groupCalls.ts';
import type { Outcome, Pending } from '../operators/Pending.ts';
import type { CallGroup, StepCall } from '../operators/StepCall.ts';

/** A step with its keys, and the place where it goes on. */
export interface Asking {
  readonly site: CallSite;
  readonly call: StepCall;
}

export const ALONE: readonly Asking[] = [];

/** A call that is under way. */
export interface Flight extends Asking {
  /** The steps that share the call. */
  readonly others: readonly Asking[];
  readonly promise: PromiseLike<unknown>;
  /** The load that was asked without a look at earlier loads; null: another call, which left `pending`. */
  readonly load: PlainLoad | null;
  readonly pending: Pending | null;
}

/** How a call goes on that the operator left pending. */
export interface Landing {
  onValue(value: unknown): Outcome;
  onError(error: unknown): Outcome;
}

/** Calls `onEnd` when the values are there, in the very turn in which `CancelScope.wait` does. */
export function flightEnd(flight: Flight, onEnd: (flight: Flight, value: unknown, hasFailed: boolean) => void): void {
  const { promise } = flight;
  const onValue = (value: unknown): void => onEnd(flight, value, false);
  if (promise instanceof Eventual) promise.whenThere(onValue);
  else promise.then(onValue, (error: unknown) => onEnd(flight, error, true));
}

/** The calls to make: steps with equal global values share one (4.6). */
export function joinCalls(askings: readonly Asking[]): ReadonlyArray<readonly [CallGroup, Asking, readonly Asking[]]> {
  const askingOf = new Map(askings.map((asking) => [asking.call, asking]));
  return Array.from(groupCalls([...askingOf.keys()]), (group) => {
    const [first, ...others] = group;
    return [group, mustGet(askingOf, first), others.map((call) => mustGet(askingOf, call))] as const;
  });
}
