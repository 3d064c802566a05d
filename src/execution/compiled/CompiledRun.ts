import type { PlainLoad } from '../../step/PlainLoad.ts';
import { stepChannel } from '../../telemetry/channels.ts';
import { counting } from '../../telemetry/counting.ts';
import { Eventual } from '../../utils/Eventual.ts';
import { groupBy } from '../../utils/groupBy.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { AheadStarts } from '../driver/AheadStarts.ts';
import type { Driver } from '../driver/Driver.ts';
import type { StepContext } from '../driver/StepContext.ts';
import type { LinkedStep } from '../link/LinkedPlan.ts';
import type { Operation, Segment, SegmentCall } from '../link/Segment.ts';
import { dispatchTypes } from '../operators/dispatchTypes.ts';
import { openLayer } from '../operators/openLayer.ts';
import type { Outcome } from '../operators/Pending.ts';
import { prepareStep } from '../operators/prepareStep.ts';
import { runCalls } from '../operators/runCalls.ts';
import type { CallGroup, StepCall } from '../operators/StepCall.ts';
import { storeAlone } from '../operators/storeColumn.ts';
import type { RunState } from '../state/RunState.ts';
import {
  type ActiveCall,
  type ActiveLoad,
  ALONE,
  activeLoad,
  activeStepCall,
  type CallToMake,
  joinCalls,
  onCallEnd,
  resumeCall,
  underWay,
} from './ActiveCall.ts';
import { AskedKeys } from './AskedKeys.ts';
import { askLoader, type Begun, beginCounted, compute, giver, takeAnswer, thrower } from './compute.ts';
import { takeEntries } from './entriesOf.ts';
import { mayEndEarly } from './mayEndEarly.ts';
import { tasksDone } from './tasksDone.ts';

/** For tests: after how many operations runs leave the rest to the driver; -1: they do not. */
export const leaving = { after: -1, hasLeft: false };

/**
 * Runs a plan segment by segment, with the registers and operators of the driver. There is no scheduler: the operations
 * that wait for a call are known. Anything not known before (an abort, a null that may end the response early, an
 * asynchronous list) goes to the driver, with all that is done and under way. Nothing is called twice.
 */
export class CompiledRun {
  readonly #driver: Driver;
  readonly #state: RunState;
  /** Whether calls are not observed. */
  readonly #isPlain: boolean;
  /** Whether, in addition, calls are not traced this turn, and nothing starts ahead: loaders are called directly. */
  #isUntraced = false;
  /** Segments that may begin, in order; those before `#next` have begun. */
  readonly #segments: Segment[];
  #next = 0;
  readonly #activeCalls: ActiveCall[] = [];
  /** One of them that nobody follows yet. */
  #lone: ActiveCall | null = null;
  /** The `extra` of calls that cannot tell one step from another. */
  #context: StepContext | null = null;
  readonly #asked = new AskedKeys(() => this.#anyContext);
  /** Starts loads before their turn; null where that gains nothing in this request. */
  readonly #ahead: AheadStarts | null;
  /** Loads that wait until nothing else can run at once: those that are there by then share a call (4.6.2). */
  #batched: Operation[] | null = null;
  #willFlush = false;
  #isRunning = false;
  /** The run was aborted while it ran, or the plan has grown. */
  #mustLeave = false;
  #isOver = false;
  #going: Promise<void> | null = null;
  #resolve: (() => void) | null = null;
  #operations = 0;
  readonly #tasks: number;

  constructor(driver: Driver, first: Segment) {
    this.#tasks = driver.linked.graph.tasks.length;
    this.#driver = driver;
    this.#ahead = driver.ahead;
    this.#state = driver.state;
    this.#segments = [first];
    const { observer, recordDependencies, around } = driver.state.request;
    this.#isPlain = observer === null && recordDependencies === null && around === null;
  }

  /** Runs all ready operations, as `Driver.drive` does. */
  drive(): Promise<void> | null {
    const { abortSignal, deadline } = this.#state.request;
    if (abortSignal !== null || deadline !== null) this.#driver.scope.onAbort(() => this.#abort());
    if (!this.#isOver) this.#run();
    if (this.#isOver) return this.#going;
    this.#followLone();
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  #abort(): void {
    if (this.#isRunning) this.#mustLeave = true;
    else if (!this.#isOver) this.#leave(null, 0, null);
  }

  #run(flushes = false): void {
    this.#isRunning = true;
    this.#leaveIfGrown();
    this.#isUntraced = this.#isPlain && this.#ahead === null && !stepChannel.isHeard;
    try {
      if (flushes) this.#flushNow();
      do {
        while (this.#next < this.#segments.length && !this.#isOver && !this.#mustLeave) {
          this.#runSegment(nodeAt(this.#segments, this.#next++));
        }
      } while (!this.#isOver && !this.#mustLeave && this.#flush());
      if (this.#mustLeave && !this.#isOver) this.#leave(null, 0, null);
    } catch (error) {
      this.#fail(error);
    }
    this.#isRunning = false;
    if (this.#isOver || this.#activeCalls.length > 0 || this.#batched !== null) return;
    this.#driver.finish();
    this.#end(null);
  }

  /** Types were met that were not planned when the plan was compiled, in this run or in another one. */
  #leaveIfGrown(): void {
    if (this.#driver.linked.graph.tasks.length !== this.#tasks) this.#mustLeave = true;
  }

  /** Begins the loads that wait until nothing else can run at once. Whether more may run now. */
  #flush(): boolean {
    if (this.#batched === null && this.#ahead?.isPending !== true) return false;
    if (this.#activeCalls.length > 0 || this.#willFlush) return this.#flushSoon();
    // Nothing is started for a run that is done.
    if (this.#batched === null) this.#ahead?.drop();
    else this.#flushNow();
    return true;
  }

  /** Calls that are under way may end in this very turn: loads that wait for them then share the call. */
  #flushSoon(): false {
    if (this.#willFlush) return false;
    this.#willFlush = true;
    queueMicrotask(() => {
      this.#willFlush = false;
      if (this.#isOver) return;
      this.#run(true);
      this.#followLone();
    });
    return false;
  }

  #flushNow(): void {
    const batched = this.#batched;
    this.#batched = null;
    if (batched !== null) {
      for (const alike of groupBy(batched, ({ step }) => step?.batchKey).values()) this.#beginTogether(alike);
    }
    // Comes after the loads that are needed for certain: where both want a key, those ask for it.
    if (this.#ahead?.isPending === true && this.#activeCalls.length > 0) this.#ahead.flush();
  }

  #beginTogether(operations: readonly Operation[]): void {
    const callsToMake: CallToMake[] = [];
    for (const { step, call: segmentCall } of operations) {
      if (step === null || segmentCall === null) continue;
      const call = this.#prepare(step);
      if (call === null) this.#ended(segmentCall, step);
      else callsToMake.push({ segmentCall, call });
    }
    for (const [group, toMake, others] of joinCalls(callsToMake)) {
      this.#took(toMake, runCalls(this.#state, group, this.#driver.contextOf(group)), others);
    }
  }

  #runSegment(segment: Segment): void {
    const { operations } = segment;
    for (let at = 0; at < operations.length; at++) {
      const operation = nodeAt(operations, at);
      if (this.#operations++ === leaving.after) {
        leaving.hasLeft = true;
        return this.#leave(segment, at, null);
      }
      const wait = this.#perform(operation);
      if (wait !== null) return this.#leave(segment, at, wait);
      if (this.#mustLeave) return this.#leave(segment, at + 1, null);
    }
    if (mayEndEarly(this.#driver)) this.#leave(segment, operations.length, null);
  }

  /** Returns the rest of the operation where only the driver can wait for it. */
  #perform(operation: Operation): Begun | null {
    const { task, step, call: segmentCall } = operation;
    const state = this.#state;
    const { linked, lists } = this.#driver;
    if (task.kind === 'dispatch') {
      dispatchTypes(state, linked, task.of);
      this.#leaveIfGrown();
      return null;
    }
    if (step === null) {
      const outcome = openLayer(state, linked, task.of, lists);
      return outcome === null ? null : [task, outcome];
    }
    if (segmentCall === null) {
      const quiet = operation.isPure && this.#isPlain ? this.#anyContext : null;
      const wait = compute(this.#driver, step, quiet);
      if (wait === null) this.#ahead?.settled(step.id);
      return wait;
    }
    if (segmentCall.waits) {
      this.#batched ??= [];
      this.#batched.push(operation);
      return null;
    }
    const call = this.#prepare(step);
    if (call === null) this.#ended(segmentCall, step);
    else this.#begin(segmentCall, call);
    return null;
  }

  #prepare(step: LinkedStep): StepCall | null {
    this.#ahead?.began(step.id);
    return prepareStep(this.#state, step);
  }

  #ended({ next }: SegmentCall, { id }: LinkedStep): void {
    this.#ahead?.settled(id);
    this.#segments.push(next);
  }

  #begin(segmentCall: SegmentCall, call: StepCall): void {
    const { load, family } = segmentCall;
    const isDirect = this.#isUntraced && call.rows === null;
    if (load !== null && isDirect && this.#asked.areNew(family, load, call.values))
      return this.#ask(segmentCall, load, call);
    this.#asked.share(family);
    this.#took({ segmentCall, call }, runCalls(this.#state, [call], this.#driver.contextOf([call])));
  }

  get #anyContext(): StepContext {
    this.#context ??= this.#driver.rootContext();
    return this.#context;
  }

  #ask(segmentCall: SegmentCall, load: PlainLoad, call: StepCall): void {
    const active = activeLoad(segmentCall, call, load, beginCounted(call));
    let result: unknown;
    try {
      result = askLoader(active, this.#anyContext);
      if (isPromiseLike(result)) return this.#fly(underWay(active, result));
    } catch (error) {
      return this.#took(active, this.#outcomeOf(active, thrower(error)));
    }
    this.#take(active, result);
  }

  /** A loader that was asked has given something. */
  #take(active: ActiveLoad, answer: unknown): void {
    const { segmentCall, call, load, timed } = active;
    const entries = takeEntries(load, call.count, answer);
    if (entries === null) return this.#took(active, this.#outcomeOf(active, giver(answer)));
    this.#asked.note(segmentCall.family, load, call.values, entries.column);
    storeAlone(this.#state, call.step, entries);
    if (timed !== null) counting.end(timed, call.step.node.op, call.count);
    this.#ended(segmentCall, call.step);
  }

  /** The load itself turns the answer into values. */
  #outcomeOf(active: ActiveLoad, answer: () => unknown): Outcome {
    this.#asked.share(active.segmentCall.family);
    return takeAnswer(this.#driver, active, answer);
  }

  #took(toMake: CallToMake, pending: Outcome, others = ALONE): void {
    if (pending !== null) return this.#fly(activeStepCall(toMake, pending, others));
    const { segmentCall, call } = toMake;
    this.#ended(segmentCall, call.step);
    for (const other of others) this.#ended(other.segmentCall, other.call.step);
  }

  #fly(active: ActiveCall): void {
    this.#activeCalls.push(active);
    this.#state.unwatched.arm();
    // Where something waits for a microtask, calls that end in this turn have to end before it, as those of the driver do.
    if (active.promise instanceof Eventual || active.segmentCall.waits || this.#ahead !== null)
      onCallEnd(active, this.#resumeCall);
    else if (this.#lone === null) this.#lone = active;
    else void this.#follow(active);
  }

  /** Comes after each run but those of `#follow`, which takes the next call itself. */
  #followLone(): void {
    if (this.#lone !== null) void this.#follow();
  }

  /** Waits for a call, and then for those that it made possible, one after the other. */
  async #follow(first: ActiveCall | null = this.#takeLone()): Promise<void> {
    for (let active = first; active !== null; active = this.#takeLone()) {
      let value: unknown;
      let hasFailed = false;
      try {
        value = await active.promise;
      } catch (error) {
        value = error;
        hasFailed = true;
      }
      this.#goOn(active, value, hasFailed);
    }
  }

  readonly #resumeCall = (active: ActiveCall, value: unknown, hasFailed: boolean): void => {
    this.#goOn(active, value, hasFailed);
    this.#followLone();
  };

  #goOn(active: ActiveCall, value: unknown, hasFailed: boolean): void {
    if (this.#isOver) return;
    if (this.#isRunning) return this.#land(active, value, hasFailed); // it was there at once
    this.#isRunning = true;
    this.#land(active, value, hasFailed);
    this.#run();
    counting.forgetTime(); // the next turn has its own
  }

  #takeLone(): ActiveCall | null {
    const lone = this.#lone;
    this.#lone = null;
    return lone;
  }

  #land(active: ActiveCall, value: unknown, hasFailed: boolean): void {
    if (this.#activeCalls.length === 1) this.#activeCalls.pop();
    else this.#activeCalls.splice(this.#activeCalls.indexOf(active), 1);
    try {
      if (active.load === null) this.#took(active, resumeCall(active.pending, value, hasFailed), active.others);
      else if (hasFailed) this.#took(active, this.#outcomeOf(active, thrower(value)));
      else this.#take(active, active.portion ?? value);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Leaves the rest to the driver. Of `segment` the first operations are done, and `wait` is under way. */
  #leave(segment: Segment | null, operations: number, wait: Begun | null): void {
    const done = tasksDone(this.#segments, this.#next, segment, operations);
    const begun: Begun[] = wait === null ? [] : [wait];
    for (const active of this.#activeCalls) {
      const group: CallGroup = [active.call, ...active.others.map((other) => other.call)];
      const isLoad = active.load !== null;
      begun.push([group, isLoad ? this.#outcomeOf(active, giver(active.portion ?? active.promise)) : active.pending]);
    }
    this.#asked.shareAll();
    this.#isOver = true;
    this.#end(this.#driver.takeOver(done, begun));
  }

  /** A defect of planql itself. */
  #fail(error: unknown): void {
    this.#driver.endWith(error);
    this.#end(null);
  }

  #end(going: Promise<void> | null): void {
    this.#isOver = true;
    this.#going = going;
    const resolve = this.#resolve;
    if (resolve === null) return;
    if (going === null) resolve();
    else void going.then(resolve);
  }
}
