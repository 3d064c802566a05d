import type { PlainLoad } from '../../step/PlainLoad.ts';
import type { TimedCall } from '../../telemetry/counting.ts';
import { Eventual } from '../../utils/Eventual.ts';
import { mustGet } from '../../utils/mustGet.ts';
import { Portion } from '../../utils/Portion.ts';
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
export type Flight = LoadFlight | CallFlight;

/** A load that was asked without a look at earlier loads. */
export interface LoadFlight extends Asking {
  readonly others: readonly Asking[];
  promise: PromiseLike<unknown>;
  /** The answer, where it comes with those of other requests; null: it is the value of the promise. */
  portion: Portion | null;
  readonly load: PlainLoad;
  /** As the counters see it; null: nobody counts. */
  readonly timed: TimedCall | null;
  readonly pending: null;
}

/** Any other call. Its operator goes on with `pending`. */
interface CallFlight extends Asking {
  /** The steps that share the call. */
  readonly others: readonly Asking[];
  readonly promise: PromiseLike<unknown>;
  readonly portion: null;
  readonly load: null;
  readonly timed: null;
  readonly pending: Pending;
}

const UNASKED: PromiseLike<unknown> = Promise.resolve();

/** A load that is about to be asked. */
export function loadFlight(site: CallSite, call: StepCall, load: PlainLoad, timed: TimedCall | null): LoadFlight {
  return { site, call, others: ALONE, promise: UNASKED, portion: null, load, timed, pending: null };
}

/** A call that its operator left pending. It has the shape of a load: V8 reads both alike. */
export function callFlight({ site, call }: Asking, pending: Pending, others: readonly Asking[]): CallFlight {
  const { promise } = pending;
  return { site, call, others, promise, portion: null, load: null, timed: null, pending };
}

/** A load whose answer will come. */
export function underWay(flight: LoadFlight, answer: PromiseLike<unknown>): LoadFlight {
  flight.portion = answer instanceof Portion ? answer : null;
  // Some thenables do their work anew for each `then`: the driver may have to wait for it, too.
  flight.promise = flight.portion?.ready ?? (answer instanceof Eventual ? answer : Promise.resolve(answer));
  return flight;
}

/** Goes on where an operator left something pending. */
export function landed(pending: Landing, value: unknown, hasFailed: boolean): Outcome {
  return hasFailed ? pending.onError(value) : pending.onValue(value);
}

/** How a call goes on that the operator left pending. */
interface Landing {
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
