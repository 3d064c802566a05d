import type { PlainLoad } from '../../step/PlainLoad.ts';
import type { TimedCall } from '../../telemetry/counting.ts';
import { Eventual } from '../../utils/Eventual.ts';
import { mustGet } from '../../utils/mustGet.ts';
import { SharedAnswer } from '../../utils/SharedAnswer.ts';
import type { SegmentCall } from '../link/Segment.ts';
import { groupCalls } from '../operators/groupCalls.ts';
import type { Outcome, Pending } from '../operators/Pending.ts';
import type { CallGroup, StepCall } from '../operators/StepCall.ts';

/** A step with its keys, and the place where it goes on. */
export interface CallToMake {
  readonly segmentCall: SegmentCall;
  readonly call: StepCall;
}

export const ALONE: readonly CallToMake[] = [];

/** A call that is under way. */
export type ActiveCall = ActiveLoad | ActiveStepCall;

/** A load that was asked without a look at earlier loads. */
export interface ActiveLoad extends CallToMake {
  readonly others: readonly CallToMake[];
  promise: PromiseLike<unknown>;
  /** The answer, where it comes with those of other requests; null: it is the value of the promise. */
  portion: SharedAnswer | null;
  readonly load: PlainLoad;
  /** Its record in the counters; null: calls are not counted. */
  readonly timed: TimedCall | null;
  readonly pending: null;
}

/** Any other call. Its operator goes on with `pending`. */
interface ActiveStepCall extends CallToMake {
  /** The steps that share the call. */
  readonly others: readonly CallToMake[];
  readonly promise: PromiseLike<unknown>;
  readonly portion: null;
  readonly load: null;
  readonly timed: null;
  readonly pending: Pending;
}

const UNASKED: PromiseLike<unknown> = Promise.resolve();

/** A load that is about to be asked. */
export function activeLoad(
  segmentCall: SegmentCall,
  call: StepCall,
  load: PlainLoad,
  timed: TimedCall | null,
): ActiveLoad {
  return { segmentCall, call, others: ALONE, promise: UNASKED, portion: null, load, timed, pending: null };
}

/** A call that its operator left pending. It has the shape of a load: V8 reads both alike. */
export function activeStepCall(
  { segmentCall, call }: CallToMake,
  pending: Pending,
  others: readonly CallToMake[],
): ActiveStepCall {
  const { promise } = pending;
  return { segmentCall, call, others, promise, portion: null, load: null, timed: null, pending };
}

/** A load whose answer will come. */
export function underWay(active: ActiveLoad, answer: PromiseLike<unknown>): ActiveLoad {
  active.portion = answer instanceof SharedAnswer ? answer : null;
  // Some thenables do their work anew for each `then`: the driver may have to wait for it, too.
  active.promise = active.portion?.ready ?? (answer instanceof Eventual ? answer : Promise.resolve(answer));
  return active;
}

/** Goes on where an operator left something pending. */
export function resumeCall(pending: CallResumption, value: unknown, hasFailed: boolean): Outcome {
  return hasFailed ? pending.onError(value) : pending.onValue(value);
}

/** How a call goes on that the operator left pending. */
interface CallResumption {
  onValue(value: unknown): Outcome;
  onError(error: unknown): Outcome;
}

/** Calls `onEnd` when the values are there, in the very turn in which `CancelScope.wait` does. */
export function onCallEnd(
  active: ActiveCall,
  onEnd: (active: ActiveCall, value: unknown, hasFailed: boolean) => void,
): void {
  const { promise } = active;
  const onValue = (value: unknown): void => onEnd(active, value, false);
  if (promise instanceof Eventual) promise.whenThere(onValue);
  else promise.then(onValue, (error: unknown) => onEnd(active, error, true));
}

/** The calls to make: steps with equal global values share one (4.6). */
export function joinCalls(
  callsToMake: readonly CallToMake[],
): ReadonlyArray<readonly [CallGroup, CallToMake, readonly CallToMake[]]> {
  const toMakeOf = new Map(callsToMake.map((toMake) => [toMake.call, toMake]));
  return Array.from(groupCalls([...toMakeOf.keys()]), (group) => {
    const [first, ...others] = group;
    return [group, mustGet(toMakeOf, first), others.map((call) => mustGet(toMakeOf, call))] as const;
  });
}
