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
import type { CallSite, OddColumn, Operation, Segment } from '../link/Segment.ts';
import { dispatchTypes } from '../operators/dispatchTypes.ts';
import { openLayer } from '../operators/openLayer.ts';
import type { Outcome } from '../operators/Pending.ts';
import { prepareStep } from '../operators/prepareStep.ts';
import { runCalls } from '../operators/runCalls.ts';
import type { CallGroup, StepCall } from '../operators/StepCall.ts';
import { storeAlone } from '../operators/storeColumn.ts';
import type { RunState } from '../state/RunState.ts';
import { AskedKeys } from './AskedKeys.ts';
import { askLoader, type Begun, beginCounted, compute, giver, takeAnswer, thrower } from './compute.ts';
import { takeEntries } from './entriesOf.ts';
import {
  ALONE,
  type Asking,
  callFlight,
  type Flight,
  flightEnd,
  joinCalls,
  type LoadFlight,
  landed,
  loadFlight,
  underWay,
} from './Flight.ts';
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
  /** Whether, besides, nobody traces calls this turn, and nothing starts ahead: loaders are asked directly. */
  #isUntraced = false;
  /** Segments that may begin, in order; those before `#next` have begun. */
  readonly #segments: Segment[];
  #next = 0;
  readonly #flights: Flight[] = [];
  /** One of them that nobody follows yet. */
  #lone: Flight | null = null;
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
  /** Left by a round for the operation that comes next. */
  readonly #odd: OddColumn = { column: null };
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
    if (this.#lone !== null) void this.#follow();
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
    if (this.#isOver || this.#flights.length > 0 || this.#batched !== null) return;
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
    if (this.#flights.length > 0 || this.#willFlush) return this.#flushSoon();
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
    if (this.#ahead?.isPending === true && this.#flights.length > 0) this.#ahead.flush();
  }

  #beginTogether(operations: readonly Operation[]): void {
    const askings: Asking[] = [];
    for (const { step, call: site } of operations) {
      if (step === null || site === null) continue;
      const call = this.#prepare(step);
      if (call === null) this.#ended(site, step);
      else askings.push({ site, call });
    }
    for (const [group, asking, others] of joinCalls(askings)) {
      this.#took(asking, runCalls(this.#state, group, this.#driver.contextOf(group)), others);
    }
  }

  #runSegment(segment: Segment): void {
    const { operations } = segment;
    let at = this.#runRound(segment);
    for (; at < operations.length; ) {
      const operation = nodeAt(operations, at);
      if (this.#operations++ === leaving.after) {
        leaving.hasLeft = true;
        return this.#leave(segment, at, null);
      }
      const wait = this.#perform(operation);
      if (wait !== null) return this.#leave(segment, at, wait);
      at++;
      if (this.#mustLeave) return this.#leave(segment, at, null);
    }
    if (mayEndEarly(this.#driver)) this.#leave(segment, at, null);
  }

  /** Does the first operations of a segment by its code. Returns how many are done. */
  #runRound({ round, operations }: Segment): number {
    if (round === null || !this.#isUntraced) return 0;
    if (leaving.after >= 0 && leaving.after < this.#operations + operations.length) return 0;
    const done = round(this.#state, this.#odd);
    this.#operations += done;
    return done;
  }

  /** Returns the rest of the operation where only the driver can wait for it. */
  #perform(operation: Operation): Begun | null {
    const { task, step, call: site } = operation;
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
    if (site === null) {
      const quiet = operation.isPure && this.#isPlain ? this.#anyContext : null;
      const wait = compute(this.#driver, step, this.#odd, quiet);
      if (wait === null) this.#ahead?.settled(step.id);
      return wait;
    }
    if (site.waits) {
      this.#batched ??= [];
      this.#batched.push(operation);
      return null;
    }
    const call = this.#prepare(step);
    if (call === null) this.#ended(site, step);
    else this.#begin(site, call);
    return null;
  }

  #prepare(step: LinkedStep): StepCall | null {
    this.#ahead?.began(step.id);
    return prepareStep(this.#state, step);
  }

  #ended({ next }: CallSite, { id }: LinkedStep): void {
    this.#ahead?.settled(id);
    this.#segments.push(next);
  }

  #begin(site: CallSite, call: StepCall): void {
    const { load, family } = site;
    const isDirect = this.#isUntraced && call.rows === null;
    if (load !== null && isDirect && this.#asked.areNew(family, load, call.values)) return this.#ask(site, load, call);
    this.#asked.share(family);
    this.#took({ site, call }, runCalls(this.#state, [call], this.#driver.contextOf([call])));
  }

  get #anyContext(): StepContext {
    this.#context ??= this.#driver.rootContext();
    return this.#context;
  }

  #ask(site: CallSite, load: PlainLoad, call: StepCall): void {
    const flight = loadFlight(site, call, load, beginCounted(call));
    let result: unknown;
    try {
      result = askLoader(flight, this.#anyContext);
      if (isPromiseLike(result)) return this.#fly(underWay(flight, result));
    } catch (error) {
      return this.#took(flight, this.#outcomeOf(flight, thrower(error)));
    }
    this.#take(flight, result);
  }

  /** A loader that was asked has given something. */
  #take(flight: LoadFlight, answer: unknown): void {
    const { site, call, load, timed } = flight;
    const entries = takeEntries(site, load, call.count, answer);
    if (entries === null) return this.#took(flight, this.#outcomeOf(flight, giver(answer)));
    this.#asked.note(site.family, load, call.values, entries.column);
    storeAlone(this.#state, call.step, entries);
    if (timed !== null) counting.end(timed, call.step.node.op, call.count);
    this.#ended(site, call.step);
  }

  /** The load itself turns the answer into values. */
  #outcomeOf(flight: LoadFlight, answer: () => unknown): Outcome {
    this.#asked.share(flight.site.family);
    return takeAnswer(this.#driver, flight, answer);
  }

  #took(asking: Asking, pending: Outcome, others = ALONE): void {
    if (pending !== null) return this.#fly(callFlight(asking, pending, others));
    const { site, call } = asking;
    this.#ended(site, call.step);
    for (const other of others) this.#ended(other.site, other.call.step);
  }

  #fly(flight: Flight): void {
    this.#flights.push(flight);
    this.#state.unwatched.arm();
    // Where something waits for a microtask, calls that end in this turn have to end before it, as those of the driver do.
    if (flight.promise instanceof Eventual || flight.site.waits || this.#ahead !== null)
      flightEnd(flight, this.#landed);
    else if (this.#lone === null) this.#lone = flight;
    else void this.#follow(flight);
  }

  /** Waits for a call, and then for those that it made possible, one after the other. */
  async #follow(first: Flight | null = this.#takeLone()): Promise<void> {
    for (let flight = first; flight !== null; flight = this.#takeLone()) {
      let value: unknown;
      let hasFailed = false;
      try {
        value = await flight.promise;
      } catch (error) {
        value = error;
        hasFailed = true;
      }
      this.#goOn(flight, value, hasFailed);
    }
  }

  readonly #landed = (flight: Flight, value: unknown, hasFailed: boolean): void => {
    this.#goOn(flight, value, hasFailed);
    if (this.#lone !== null) void this.#follow();
  };

  #goOn(flight: Flight, value: unknown, hasFailed: boolean): void {
    if (this.#isOver) return;
    if (this.#isRunning) return this.#land(flight, value, hasFailed); // it was there at once
    this.#isRunning = true;
    this.#land(flight, value, hasFailed);
    this.#run();
    counting.forgetTime(); // the next turn has its own
  }

  #takeLone(): Flight | null {
    const lone = this.#lone;
    this.#lone = null;
    return lone;
  }

  #land(flight: Flight, value: unknown, hasFailed: boolean): void {
    if (this.#flights.length === 1) this.#flights.pop();
    else this.#flights.splice(this.#flights.indexOf(flight), 1);
    try {
      if (flight.load === null) this.#took(flight, landed(flight.pending, value, hasFailed), flight.others);
      else if (hasFailed) this.#took(flight, this.#outcomeOf(flight, thrower(value)));
      else this.#take(flight, flight.portion ?? value);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Leaves the rest to the driver. Of `segment` the first operations are done, and `wait` is under way. */
  #leave(segment: Segment | null, operations: number, wait: Begun | null): void {
    const done = tasksDone(this.#segments, this.#next, segment, operations);
    const begun: Begun[] = wait === null ? [] : [wait];
    for (const flight of this.#flights) {
      const group: CallGroup = [flight.call, ...flight.others.map((other) => other.call)];
      const isLoad = flight.load !== null;
      begun.push([group, isLoad ? this.#outcomeOf(flight, giver(flight.portion ?? flight.promise)) : flight.pending]);
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
