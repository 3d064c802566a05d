import type { PlainLoad } from '../../step/PlainLoad.ts';
import { stepChannel } from '../../telemetry/channels.ts';
import { counting } from '../../telemetry/counting.ts';
import { Eventual } from '../../utils/Eventual.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { Driver } from '../driver/Driver.ts';
import type { StepContext } from '../driver/StepContext.ts';
import type { CallSite, Operation, Segment } from '../link/Segment.ts';
import { dispatchTypes } from '../operators/dispatchTypes.ts';
import { openLayer } from '../operators/openLayer.ts';
import type { Outcome } from '../operators/Pending.ts';
import { prepareStep } from '../operators/prepareStep.ts';
import { execute, failCalls, runCalls, takeResult } from '../operators/runCalls.ts';
import type { CallGroup, StepCall } from '../operators/StepCall.ts';
import { storeAlone } from '../operators/storeColumn.ts';
import type { Task } from '../schedule/TaskGraph.ts';
import type { RunState } from '../state/RunState.ts';
import { arePlain, entriesOf } from './entriesOf.ts';
import type { Asked, Begun, Flight, Landing } from './Flight.ts';

/** Keys of a family that did not rise: its loads look at their shared state from then on. */
const SHARED = Symbol('shared');

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
  /** Segments that may begin, in order; those before `#next` have begun. */
  readonly #segments: Segment[];
  #next = 0;
  readonly #flights: Flight[] = [];
  /** One of them that nobody follows yet. */
  #lone: Flight | null = null;
  /** The `extra` of calls that cannot tell one step from another. */
  #context: StepContext | null = null;
  /** By family: the highest key so far, or `SHARED`. */
  #highest: unknown[] | null = null;
  #asked: Asked[] | null = null;
  #isRunning = false;
  /** The run was aborted while it ran, or the plan has grown. */
  #mustLeave = false;
  #isOver = false;
  /** The promise to wait for when it is over. */
  #going: Promise<void> | null = null;
  #resolve: (() => void) | null = null;
  #operations = 0;
  readonly #tasks: number;

  constructor(driver: Driver, first: Segment) {
    this.#tasks = driver.linked.graph.tasks.length;
    this.#driver = driver;
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
    void this.#follow();
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  #abort(): void {
    if (this.#isRunning) this.#mustLeave = true;
    else if (!this.#isOver) this.#leave(null, 0, null);
  }

  #run(): void {
    this.#isRunning = true;
    try {
      while (this.#next < this.#segments.length && !this.#isOver && !this.#mustLeave) {
        this.#runSegment(nodeAt(this.#segments, this.#next++));
      }
      if (this.#mustLeave && !this.#isOver) this.#leave(null, 0, null);
    } catch (error) {
      this.#fail(error);
    }
    this.#isRunning = false;
    if (this.#isOver || this.#flights.length > 0) return;
    this.#driver.finish();
    this.#end(null);
  }

  #runSegment(segment: Segment): void {
    let at = 0;
    for (const operation of segment.operations) {
      if (this.#operations++ === leaving.after) {
        leaving.hasLeft = true;
        return this.#leave(segment, at, null);
      }
      const wait = this.#perform(operation);
      if (wait !== null) return this.#leave(segment, at, wait);
      at++;
      if (this.#hasGrown) this.#mustLeave = true;
      if (this.#mustLeave) return this.#leave(segment, at, null);
    }
    if (this.#state.possibleBubbles !== null && this.#mayEndEarly()) this.#leave(segment, at, null);
  }

  /** Types were met that were not planned when the plan was compiled. */
  get #hasGrown(): boolean {
    return this.#driver.linked.graph.tasks.length !== this.#tasks;
  }

  /** Whether a null may have made later operations superfluous. */
  #mayEndEarly(): boolean {
    const steps = this.#state.possibleBubbles;
    if (this.#state.request.onError !== 'NULL' && steps?.some((step) => this.#driver.linked.requires(step)))
      return true;
    this.#state.possibleBubbles = null;
    return false;
  }

  /** Returns the rest of the operation where only the driver can wait for it. */
  #perform(operation: Operation): Begun | null {
    const { task, step, call: site } = operation;
    const state = this.#state;
    const { linked, lists } = this.#driver;
    if (task.kind === 'dispatch') {
      dispatchTypes(state, linked, task.of);
      return null;
    }
    if (step === null) {
      const outcome = openLayer(state, linked, task.of, lists);
      return outcome === null ? null : [task, outcome];
    }
    const call = prepareStep(state, step);
    if (site === null) return call === null ? null : this.#compute(operation, call);
    if (call === null) this.#segments.push(site.next);
    else this.#begin(site, call);
    return null;
  }

  #compute({ isPure }: Operation, call: StepCall): Begun | null {
    const group: CallGroup = [call];
    const state = this.#state;
    const isQuiet = isPure && this.#isPlain && call.rows === null && !counting.isOn;
    const outcome = isQuiet ? this.#read(call) : runCalls(state, group, this.#driver.contextOf(group));
    return outcome === null ? null : [group, outcome];
  }

  /** Runs a step that only reads, where calls are not observed. Mostly it finds plain keys. */
  #read(call: StepCall): Outcome {
    const { step, count } = call;
    const state = this.#state;
    const group: CallGroup = [call];
    let result: unknown;
    try {
      result = execute(state, group, this.#anyContext);
    } catch (error) {
      return failCalls(state, group, error);
    }
    if (!arePlain(result, count)) return takeResult(state, group, result, null);
    state.registers[step.id] = step.singular ? result[0] : result;
    return null;
  }

  #begin(site: CallSite, call: StepCall): void {
    const { load, family } = site;
    if (load !== null && this.#mayAsk(family, load, call)) return this.#ask(site, load, call);
    if (family !== -1) this.#share(family);
    const group: CallGroup = [call];
    this.#took(site, call, runCalls(this.#state, group, this.#driver.contextOf(group)));
  }

  /** Whether a load may be called without a look at earlier loads. */
  #mayAsk(family: number, load: PlainLoad, { values, rows }: StepCall): boolean {
    if (!this.#isPlain || rows !== null || counting.isOn || stepChannel.isHeard) return false;
    if (family === -1) return load.areDistinct(values);
    this.#highest ??= [];
    const after = this.#highest[family];
    const highest = after === SHARED ? undefined : load.highestAbove(values, after);
    if (highest === undefined) return false;
    this.#highest[family] = highest;
    return true;
  }

  get #anyContext(): StepContext {
    this.#context ??= this.#driver.rootContext();
    return this.#context;
  }

  #ask(site: CallSite, load: PlainLoad, call: StepCall): void {
    let result: unknown;
    try {
      result = load.ask(call.values, this.#anyContext);
      if (!Array.isArray(result) && isPromiseLike(result)) {
        // Some thenables do their work anew for each `then`: the driver may have to wait for it, too.
        return this.#fly({ site, call, promise: Promise.resolve(result), load, pending: null });
      }
    } catch (error) {
      return this.#answered(site, load, call, () => {
        throw error;
      });
    }
    this.#take(site, load, call, result);
  }

  /** A loader that was asked has given something. */
  #take(site: CallSite, load: PlainLoad, call: StepCall, result: unknown): void {
    const entries = entriesOf(result, call.count, load.yieldsLists);
    if (entries === null) return this.#answered(site, load, call, () => result);
    const { family, next } = site;
    if (family !== -1) {
      this.#asked ??= [];
      this.#asked.push({ load, family, values: call.values, entries: entries.column });
    }
    storeAlone(this.#state, call.step, entries);
    this.#segments.push(next);
  }

  /** The load itself turns the answer into values. */
  #answered(site: CallSite, load: PlainLoad, call: StepCall, answer: () => unknown): void {
    this.#took(site, call, this.#outcomeOf(site, load, call, answer));
  }

  #outcomeOf({ family }: CallSite, load: PlainLoad, call: StepCall, answer: () => unknown): Outcome {
    if (family !== -1) this.#share(family);
    const group: CallGroup = [call];
    let result: unknown;
    try {
      result = load.answered(call.values, answer, this.#driver.contextOf(group));
    } catch (error) {
      return failCalls(this.#state, group, error);
    }
    return takeResult(this.#state, group, result, null);
  }

  /** Loads of a family look at their shared state from now on: their earlier loads are added to it. */
  #share(family: number): void {
    this.#highest ??= [];
    this.#highest[family] = SHARED;
    const asked = this.#asked ?? [];
    this.#asked = asked.filter((other) => other.family !== family);
    for (const { load, family: of, values, entries } of asked) {
      if (of === family) load.answered(values, () => entries, this.#anyContext);
    }
  }

  #took(site: CallSite, call: StepCall, pending: Outcome): void {
    if (pending === null) this.#segments.push(site.next);
    else this.#fly({ site, call, promise: pending.promise, load: null, pending });
  }

  #fly(flight: Flight): void {
    this.#flights.push(flight);
    this.#state.unwatched.arm();
    const { promise } = flight;
    if (promise instanceof Eventual && !promise.hasCome) promise.whenThere((value) => this.#come(flight, value));
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
      if (this.#isOver) return;
      this.#goOn(flight, value, hasFailed);
    }
  }

  /** A value that never fails is there: the run goes on in that very turn. */
  #come(flight: Flight, value: unknown): void {
    if (this.#isOver) return;
    this.#goOn(flight, value, false);
    if (this.#lone !== null) void this.#follow();
  }

  #goOn(flight: Flight, value: unknown, hasFailed: boolean): void {
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
    const { site, call, load } = flight;
    const pending: Landing | null = flight.pending;
    if (this.#flights.length === 1) this.#flights.pop();
    else this.#flights.splice(this.#flights.indexOf(flight), 1);
    try {
      if (pending !== null) this.#took(site, call, hasFailed ? pending.onError(value) : pending.onValue(value));
      if (load === null) return;
      if (!hasFailed) return this.#take(site, load, call, value);
      this.#answered(site, load, call, () => {
        throw value;
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Leaves the rest to the driver. Of `segment` the first operations are done, and `wait` is under way. */
  #leave(segment: Segment | null, operations: number, wait: Begun | null): void {
    const done: Task[] = [];
    for (const [index, some] of this.#segments.entries()) {
      if (some.begins !== null) done.push(some.begins);
      const end = some === segment ? operations : index < this.#next ? some.operations.length : 0;
      for (const { task, call } of some.operations.slice(0, end)) if (call === null) done.push(task);
    }
    const begun: Begun[] = wait === null ? [] : [wait];
    for (const { site, call, promise, load, pending } of this.#flights) {
      begun.push([[call], load === null ? pending : this.#outcomeOf(site, load, call, () => promise)]);
    }
    for (const family of this.#highest?.keys() ?? []) this.#share(family);
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
