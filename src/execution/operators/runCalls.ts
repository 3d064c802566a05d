import { PlanqlError } from '../../errors/PlanqlError.ts';
import type { ExecuteExtra } from '../../step/ExecuteExtra.ts';
import { Failure } from '../../step/signals.ts';
import { stepChannel } from '../../telemetry/channels.ts';
import { counting, type TimedCall } from '../../telemetry/counting.ts';
import { closeAsync, isAsyncIterable } from '../../utils/asyncIterables.ts';
import { Eventual } from '../../utils/Eventual.ts';
import { inspect } from '../../utils/inspect.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { watchNested } from '../../utils/watchPromise.ts';
import type { LinkedStep } from '../link/LinkedPlan.ts';
import { Arrivals } from '../state/Arrivals.ts';
import type { RunState } from '../state/RunState.ts';
import { countOf, joinValues } from './groupCalls.ts';
import { DONE, type Outcome, type Pending } from './Pending.ts';
import type { CallGroup } from './StepCall.ts';
import { SettledColumn, type Settling, SettlingColumn, settleColumn } from './settleColumn.ts';
import { storeResults } from './storeColumn.ts';

/** Reading this many values takes less than a look at the clock. */
export const SHORT = 50;

/** Executes a step over its rows, or several steps that share the call, and stores their values. */
export function runCalls(state: RunState, group: CallGroup, extra: ExecuteExtra): Outcome {
  const first = group[0];
  const count = group.length === 1 ? first.count : countOf(group);
  const { isSync } = first.step.node;
  const timed = state.request.observer !== null || (counting.isOn && !isSync) ? counting.begin() : null;
  if (timed === null && counting.isOn && (count > SHORT || !first.step.instance.isPure)) counting.forgetTime();
  let result: unknown;
  try {
    // Steps that compute in memory are not traced: that would cost more than they do.
    const isTold = stepChannel.isHeard && !isSync;
    result = isTold ? traceCall(state, group, count, extra) : execute(state, group, extra);
  } catch (error) {
    if (timed !== null) failTimed(state, group, count, timed);
    return store(state, group, failed(count, error));
  }
  if (timed !== null) counting.called(timed);
  return takeResult(state, group, result, timed);
}

/** Stores the result of `execute` for some calls, or waits for it. */
export function takeResult(state: RunState, group: CallGroup, result: unknown, timed: TimedCall | null): Outcome {
  const first = group[0];
  const count = group.length === 1 ? first.count : countOf(group);
  const { isSync } = first.step.node;
  if (Array.isArray(result) && result.length === count) {
    const settled = first.step.instance.isGiven ? new SettledColumn(result, false) : settleEntries(first.step, result);
    if (settled instanceof SettlingColumn) return new PendingCall(state, group, count, timed, settled);
    if (timed !== null) endTimed(state, group, count, timed);
    return store(state, group, settled);
  }
  if (isPromiseLike(result)) {
    if (!isSync) {
      const promise = result instanceof Eventual ? result : Promise.resolve(result);
      return new PendingCall(state, group, count, timed, promise);
    }
    watchNested(result); // nobody waits for it
  }
  if (timed !== null) endTimed(state, group, count, timed);
  return store(state, group, failed(count, malformed(first.step, count, result)));
}

/** Calls `execute`: returns its result, or throws its error. */
export function execute({ request }: RunState, group: CallGroup, extra: ExecuteExtra): unknown {
  const { instance, id } = group[0].step;
  const count = group.length === 1 ? group[0].count : countOf(group);
  const values = joinValues(group) as never;
  if (request.around === null) return instance.execute(count, values, extra);
  return request.around(id, () => instance.execute(count, values, extra));
}

function traceCall(state: RunState, group: CallGroup, count: number, extra: ExecuteExtra): unknown {
  const { op, coordinate } = group[0].step.node;
  const { operationName } = state.plan;
  const message = { op, coordinate, operationName, rows: count, steps: group.length };
  return stepChannel.trace(message, () => execute(state, group, extra));
}

/** Tells the counters, and the observer of this request, that a call is over. `waited`: its values came later. */
function endTimed(state: RunState, group: CallGroup, count: number, timed: TimedCall, waited: boolean = false): void {
  const { op, isSync } = group[0].step.node;
  const milliseconds = counting.end(timed, isSync ? null : op, count);
  const { observer } = state.request;
  if (observer === null) return;
  const steps = group.map(({ step }) => step.id);
  observer.onCall(steps, count, milliseconds, waited, timed.started);
}

export function failTimed(state: RunState, group: CallGroup, count: number, timed: TimedCall): void {
  const { op, isSync } = group[0].step.node;
  counting.called(timed);
  if (!isSync) counting.failure('step', op);
  endTimed(state, group, count, timed);
}

/** The list that a step's promise gave: some of its values may be promises. */
function settleList(step: LinkedStep, count: number, list: unknown): Settling {
  if (Array.isArray(list) && list.length === count) return settleEntries(step, list);
  return failed(count, malformed(step, count, list));
}

/** A list that throws while it is read fails all rows. */
function settleEntries({ instance }: LinkedStep, list: readonly unknown[]): Settling {
  try {
    return settleColumn(list, instance.passesValues);
  } catch (error) {
    watchNested(list);
    return failed(list.length, error);
  }
}

/** All rows of some calls fail. */
export function failCalls(state: RunState, group: CallGroup, error: unknown): Outcome {
  return store(state, group, failed(countOf(group), error));
}

function failed(count: number, error: unknown): SettledColumn {
  return new SettledColumn(new Array<unknown>(count).fill(new Failure(error)), true);
}

function malformed({ node }: LinkedStep, count: number, result: unknown): PlanqlError {
  watchNested(result);
  const place = node.coordinate === null ? '' : ` (planned for ${node.coordinate})`;
  const rows = `${count} ${count === 1 ? 'row' : 'rows'}`;
  const [seen, remedy] = isPromiseLike(result)
    ? ['a promise', 'says isSync: it must return its list at once']
    : [
        Array.isArray(result) ? `a list of ${result.length}` : inspect(result),
        'must return a list with one entry a row',
      ];
  return new PlanqlError('MALFORMED_RESULT', `Step ${node.op}${place} returned ${seen} for ${rows}. It ${remedy}.`);
}

/** A call that is under way: one promise for the call, and one more if there are promises in its list. */
class PendingCall implements Pending {
  promise: Promise<unknown> | Eventual<unknown>;
  readonly #state: RunState;
  readonly #group: CallGroup;
  readonly #count: number;
  readonly #timed: TimedCall | null;

  constructor(
    state: RunState,
    group: CallGroup,
    count: number,
    timed: TimedCall | null,
    promise: Promise<unknown> | Eventual<unknown>,
  ) {
    this.#state = state;
    this.#group = group;
    this.#count = count;
    this.#timed = timed;
    this.promise = promise;
    if (promise instanceof SettlingColumn) this.#noteArrivals(promise);
  }

  onValue(list: unknown): Outcome {
    if (this.promise instanceof SettlingColumn) {
      this.promise.arrivals?.forget();
      return this.#end(list as SettledColumn);
    }
    const settled = settleList(this.#group[0].step, this.#count, list);
    if (settled instanceof SettledColumn) return this.#end(settled);
    this.#noteArrivals(settled);
    this.promise = settled;
    return this;
  }

  onError(error: unknown): Outcome {
    if (this.#timed !== null) counting.failure('step', this.#group[0].step.node.op);
    return this.#end(failed(this.#count, error));
  }

  onLate(list: unknown): void {
    if (list instanceof SettledColumn) return closeIterators(list);
    const settled = settleList(this.#group[0].step, this.#count, list);
    if (settled instanceof SettlingColumn) {
      this.#noteArrivals(settled);
      return settled.whenThere(closeIterators);
    }
    if (Array.isArray(list)) for (const { step } of this.#group) this.#state.unwatched.column(step.id, list);
    closeIterators(settled);
  }

  #noteArrivals(settling: SettlingColumn): void {
    const steps = this.#group.map(({ step }) => step.id);
    settling.arrivals = new Arrivals(this.#state.unwatched, steps, settling.column);
  }

  #end(column: SettledColumn): Outcome {
    if (this.#timed !== null) endTimed(this.#state, this.#group, this.#count, this.#timed, true);
    return store(this.#state, this.#group, column);
  }
}

/** Nobody reads values that come after the abort: iterators among them are closed. */
function closeIterators({ column }: SettledColumn): void {
  for (const value of column) if (isAsyncIterable(value)) closeAsync(value);
}

function store(state: RunState, group: CallGroup, column: SettledColumn): Outcome {
  storeResults(state, group, column);
  return DONE;
}
