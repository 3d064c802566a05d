import type { LayerNode } from '../plan/Plan.ts';
import { Failure } from '../step/signals.ts';
import { groupBy } from '../utils/groupBy.ts';
import { Later } from '../utils/Later.ts';
import { Places } from '../utils/Places.ts';
import { executeBatch, executeStep, storeAll } from './executeStep.ts';
import { evaluateGuard } from './guards.ts';
import { DeliveryChoice, NOTHING_DEFERRED } from './incremental/DeliveryChoice.ts';
import type { ItemReader, Readers } from './incremental/ItemReader.ts';
import { neededTasks } from './incremental/neededTasks.ts';
import { dispatchTypes } from './layers/dispatchTypes.ts';
import { openLayer } from './layers/openLayer.ts';
import type { LinkedPlan, LinkedStep, Task } from './link/LinkedPlan.ts';
import type { Request } from './Request.ts';
import { RunExtra } from './RunExtra.ts';
import { type Inherited, type Needs, Schedule } from './Schedule.ts';
import { OVER, UNFINISHED } from './unfinished.ts';

/** Which part of a plan is run: all of it, the source of a subscription's events, or one event. */
export type Stage = 'all' | 'stream' | 'event';

/** What goes on when something is there, or when the run is aborted before that. */
export interface Waiter<T> {
  onValue(value: T): void;
  /** It failed, or the run was aborted. */
  onError(error: unknown): void;
  /** The value came after the run was aborted. */
  onLate?(value: T): void;
}

/** Items of streamed lists that came later than the others: the rows that their layer has in a run of their own. */
export interface LaterItems {
  readonly layer: number;
  readonly items: readonly unknown[];
  /** By item: the row of the layer's parent whose list it is in. */
  readonly parentRows: Int32Array;
  /** By item: its index in that list. */
  readonly indexes: Int32Array;
}

/**
 * One execution of a plan: the registers, the rows of each layer, and a scheduler that starts a task when its
 * dependencies are done. Implements spec/4-execution.md.
 */
export class Run {
  readonly linked: LinkedPlan;
  readonly request: Request;
  readonly extra: RunExtra;
  /** By step: the list of its values, or for a step of a singular layer the bare value. */
  readonly registers: unknown[];
  /** By step: whether its register holds failures or exits. Not there: it does not. */
  readonly hasSignals: boolean[] = [];
  /** By layer. */
  readonly sizes: number[];
  /** By layer: for each row the row of the parent layer; null, or not there, where they are the same. */
  readonly parentRows: (Int32Array | null)[] = [];
  /** By list layer: where the rows of each parent row begin. */
  readonly offsets: (Int32Array | null)[] = [];
  /** By layer: for each parent row the row here, or -1. Made when the output asks for it. */
  readonly inverses: (Int32Array | null)[] = [];
  /** By streamed layer, by parent row: what gives the items that are not in its rows. */
  readonly rests: (ItemReader | null)[][] = [];
  /** When what is delivered, in a response of several parts; null where all comes at once. */
  readonly choice: DeliveryChoice | null;
  /** The run that began what this one goes on with: of the lists whose later items this one has, or of all (`soFar`). */
  readonly outer: Run | null;
  readonly later: LaterItems | null;
  /** What reads the lists of a request that are streamed. */
  readonly readers: Readers | null;
  /** Lists that threw while they were read, and with what. */
  listFailures: Map<object, Failure> | null = null;
  /** The value of the `event` layer's entry. */
  readonly event: unknown;
  readonly stage: Stage;
  /** The output went on without what was under way: any task may be the last that it waits for. */
  isPassed = false;
  /** Why nothing new is started any more, or null. */
  aborted: { readonly error: unknown } | null = null;
  /** What aborting ends: it is told why. */
  #waiters: Places<Waiter<never>> | null = null;
  /** A defect of planql that ended the run, or null. */
  #crashed: { readonly error: unknown } | null = null;

  readonly #schedule: Schedule;
  #batched: LinkedStep[] | null = null;
  #running = 0;
  #driving = false;
  #willFlush = false;
  readonly #guards: boolean[] = [];
  #onIdle: (() => void) | null = null;
  /** Steps of which rows are null or over: `#tellLoss` has not seen them. */
  #losses: number[] | null = null;
  #willTell = false;
  /** For a run of later items: ends that it is aborted with the outer run. */
  #leaveOuter: (() => void) | null = null;

  constructor(
    linked: LinkedPlan,
    request: Request,
    stage: Stage = 'all',
    event: unknown = undefined,
    readers: Readers | null = null,
    outer: Run | null = null,
    later: LaterItems | null = null,
  ) {
    this.linked = linked;
    this.request = request;
    this.stage = stage;
    this.event = event;
    this.outer = outer;
    this.later = later;
    this.readers = readers;
    this.extra = new RunExtra(this);
    const { steps, layers } = linked.plan;
    this.choice = outer?.choice ?? (readers === null ? null : new DeliveryChoice(linked, (guard) => this.holds(guard)));
    this.registers = new Array(steps.length);
    this.sizes = new Array(layers.length).fill(0);
    this.sizes[0] = 1;
    const { choice } = this;
    const first = outer === null && choice !== null && linked.plan.defers.length > 0 ? rootNeeds(linked, choice) : null;
    this.#schedule = new Schedule(linked, first, outer === null ? null : this.#inherited(outer));
    if (outer !== null) this.#adoptAll(outer);
  }

  #inherited(outer: Run): Inherited {
    const { later } = this;
    return {
      owns:
        later === null
          ? (task) => !outer.#schedule.isDone(task)
          : (task) => this.linked.tasksWithin(later.layer).has(task),
      isDone: (task) => outer.#schedule.isDone(task),
      needOutside: (tasks) => this.#needOuter(outer, tasks),
    };
  }

  /** Begins with all that the outer run has, outside of the lists whose later items this run has. */
  #adoptAll(outer: Run): void {
    this.aborted = outer.aborted;
    for (const task of this.linked.tasks) if (this.#schedule.isDone(task.id)) this.#adopt(outer, task);
    if (outer.aborted === null && this.later !== null) this.#leaveOuter = outer.onAbort((error) => this.abort(error));
  }

  /** For a run of later items that has nothing more to do. */
  detach(): void {
    this.#leaveOuter?.();
  }

  /** The later items that are the rows of a layer, or null. */
  laterItems(layer: number): LaterItems | null {
    if (this.later?.layer === layer) return this.later;
    return this.outer === null ? null : this.outer.laterItems(layer);
  }

  /** The run as it is now: all that is not done has failed with `UNFINISHED`. Nothing is executed for it. */
  soFar(): Run {
    const { linked } = this;
    const run = new Run(linked, this.request, this.stage, this.event, null, this);
    run.listFailures = this.listFailures;
    run.abort(UNFINISHED);
    for (const task of linked.layerTasks) {
      if (task === null || this.#schedule.isDone(task.id)) continue;
      const { kind, source } = linked.plan.layers[task.of] as LayerNode;
      if (kind !== 'list') continue;
      const step = linked.steps[source] as LinkedStep;
      // A list whose items are still to come would be asked for them again.
      if (this.#schedule.isDone(step.task.id)) {
        storeAll(run, step, run.sizes[step.node.layer] as number, new Failure(UNFINISHED));
      }
    }
    run.need([() => new Set(linked.tasks.keys())]);
    return run;
  }

  /** Takes over what a task of the outer run left behind. */
  #adopt(outer: Run, { kind, of }: Task): void {
    if (kind === 'step') {
      this.registers[of] = outer.registers[of];
      if (outer.hasSignals[of]) this.hasSignals[of] = true;
    } else if (kind === 'layer') {
      this.sizes[of] = outer.sizes[of] as number;
      this.parentRows[of] = outer.parentRows[of] as Int32Array | null;
      this.offsets[of] = outer.offsets[of] as Int32Array | null;
      this.rests[of] = outer.rests[of] as (ItemReader | null)[];
    }
  }

  /**
   * Runs what later deliveries need. For each of them: null when all of it is there, else a promise of that, which never
   * rejects. What several need runs once, and what begins together may share calls.
   */
  need(all: readonly Needs[]): (Promise<void> | null)[] {
    this.grow();
    const watches = all.map((needs) => this.#schedule.watch(needs));
    this.#loop();
    return watches.map((watch) => (watch.left.size === 0 ? null : new Promise((resolve) => (watch.resolve = resolve))));
  }

  /** What lies outside of the streamed lists runs once, for all of their items. */
  #needOuter(outer: Run, outside: ReadonlySet<number>): void {
    const take = (): void => {
      for (const id of outside) {
        if (this.#schedule.isDone(id)) continue;
        this.#adopt(outer, this.linked.tasks[id] as Task);
        this.#schedule.complete(this.linked.tasks[id] as Task);
      }
      this.#loop();
    };
    const [waiting] = outer.need([() => outside]);
    if (waiting == null) take();
    else waiting.then(take);
  }

  /** Starts the tasks of a mutation field. */
  openPhase(layer: number): void {
    this.extra.forgetShared();
    this.#schedule.start(this.linked.layerTasks[layer] as Task);
  }

  /** Runs what can run. Null when all of it is done, else a promise of that, or of a loss (4.12.15). It never rejects. */
  drive(): Promise<void> | null {
    this.#loop();
    if (this.#running === 0) return null;
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#tellLoss();
    });
  }

  get isGoing(): boolean {
    return this.#running > 0;
  }

  /** Rows of a step are null or over. */
  noteLoss(step: number): void {
    if (this.#losses === null) this.#losses = [step];
    else this.#losses.push(step);
  }

  /** Wakes who drives, if something is missing, when what is done in the same turn of the event loop is there. */
  #tellLoss(): void {
    if (this.#willTell || this.readers !== null || this.request.onError === 'NULL') return;
    const losses = this.#losses;
    this.#losses = null;
    this.#willTell = this.isPassed || losses?.some((step) => this.linked.requires(step)) === true;
    if (!this.#willTell) return;
    setImmediate(() => {
      this.#willTell = false;
      this.#goOnDriving();
    });
  }

  #goOnDriving(): void {
    const onIdle = this.#onIdle;
    this.#onIdle = null;
    onIdle?.();
  }

  /** Whether a guard holds for the variables of this request. */
  holds(guard: number): boolean {
    if (guard === 0) return true;
    let holds = this.#guards[guard];
    if (holds === undefined) {
      holds = evaluateGuard(this.linked.plan.guards, guard, this.request.conditions, (of) => this.holds(of));
      this.#guards[guard] = holds;
    }
    return holds;
  }

  #loop(): void {
    if (this.#driving) return;
    this.#driving = true;
    try {
      this.#runReady();
    } catch (error) {
      this.#crash(error);
    }
    this.#driving = false;
  }

  #runReady(): void {
    for (;;) {
      for (let task = this.#schedule.next(); task !== null; task = this.#schedule.next()) this.#runTask(task);
      if (this.#batched === null) return;
      if (this.#running > 0) return this.#flushSoon();
      this.#flushBatches();
    }
  }

  #runTask(task: Task): void {
    if (this.#isExcluded(task)) return this.#schedule.complete(task);
    switch (task.kind) {
      case 'layer':
        return openLayer(this, task);
      case 'dispatch':
        return dispatchTypes(this, task);
      case 'step': {
        const step = this.linked.steps[task.of] as LinkedStep;
        if (step.batchKey === null) return executeStep(this, step);
        if (this.#batched === null) this.#batched = [step];
        else this.#batched.push(step);
      }
    }
  }

  #isExcluded(task: Task): boolean {
    if (this.stage === 'all') return false;
    return this.stage === 'stream' ? !this.linked.streamTasks.has(task.id) : this.linked.streamOnlyTasks.has(task.id);
  }

  /** Steps that can share a call wait until nothing else can run at once; then those that are there share it. */
  #flushBatches(): void {
    const batched = this.#batched;
    this.#batched = null;
    if (batched === null) return;
    // Mostly there is one, which needs no company.
    if (batched.length === 1) return executeStep(this, batched[0] as LinkedStep);
    for (const steps of groupBy(batched, ({ batchKey }) => batchKey).values()) executeBatch(this, steps);
  }

  /** What else is under way may be done in this very turn: loads that it leads to then share the call. */
  #flushSoon(): void {
    if (this.#willFlush) return;
    this.#willFlush = true;
    this.#running++;
    queueMicrotask(() => {
      this.#willFlush = false;
      this.#running--;
      try {
        this.#flushBatches();
      } catch (error) {
        this.#crash(error);
      }
      this.#loop();
      this.idleIfDone();
    });
  }

  /** Says that a task is done: what waited for it may start. */
  finish(task: Task): void {
    this.#schedule.complete(task);
    this.#loop();
  }

  /** Takes in what the plan has more than when this run began. */
  grow(): void {
    const { steps, layers } = this.linked.plan;
    for (let id = this.registers.length; id < steps.length; id++) this.registers.push(undefined);
    for (let id = this.sizes.length; id < layers.length; id++) this.sizes.push(0);
    this.#schedule.grow();
  }

  end(task: Task | null): void {
    this.#running--;
    if (task !== null) this.finish(task);
    this.idleIfDone();
  }

  /** Like `end`, where several tasks shared what was under way. */
  endMany(steps: readonly { readonly step: LinkedStep }[]): void {
    this.#running--;
    for (const { step } of steps) this.#schedule.complete(step.task);
    this.#loop();
    this.idleIfDone();
  }

  idleIfDone(): void {
    // What ends while others are being started is not the last: who drives asks when all are.
    if (this.#driving || this.#onIdle === null) return;
    if (this.#running > 0) this.#tellLoss();
    else this.#goOnDriving();
  }

  get #allWaiters(): Places<Waiter<never>> {
    this.#waiters ??= new Places();
    return this.#waiters;
  }

  /** Goes on with what a promise gives. `end` or `endMany` is called by who goes on. */
  wait<T>(promise: Promise<T> | Later<T>, waiter: Waiter<T>): void {
    this.#running++;
    const waiters = this.#allWaiters;
    const place = waiters.add(waiter);
    const onValue = (value: T): void => {
      if (waiters.remove(place, waiter)) this.#goOn(waiter, value);
      else waiter.onLate?.(value);
    };
    if (promise instanceof Later) return promise.whenThere(onValue);
    promise.then(onValue, (error: unknown) => {
      if (waiters.remove(place, waiter)) this.#fail(waiter, error);
    });
  }

  /** A defect of planql itself must not leave the request without an answer. */
  #goOn<T>(waiter: Waiter<T>, value: T): void {
    try {
      waiter.onValue(value);
    } catch (error) {
      this.#crash(error);
    }
  }

  #fail(waiter: Waiter<never>, reason: unknown): void {
    try {
      waiter.onError(reason);
    } catch (error) {
      this.#crash(error);
    }
  }

  /** Tells when the run is aborted. Returns how to be told no more. */
  onAbort(task: (error: unknown) => void): () => void {
    const waiter = onlyAbort(task);
    const waiters = this.#allWaiters;
    const place = waiters.add(waiter);
    return () => waiters.remove(place, waiter);
  }

  /** Throws what ended the run before its time, if something did. */
  assertWhole(): void {
    if (this.#crashed !== null) throw this.#crashed.error;
  }

  #crash(error: unknown): void {
    this.#crashed ??= { error };
    this.#running = 0;
    this.#schedule.end();
    this.idleIfDone();
  }

  /** Gives up: what is under way fails with `error` at once, what is not begun never starts (rule R15). */
  abort(error: unknown = OVER): void {
    if (this.aborted !== null) return;
    this.aborted = { error };
    this.extra.abortSignal(error);
    for (const waiter of this.#waiters?.takeAll() ?? []) this.#fail(waiter, error);
  }
}

/** For what goes on by itself, unless the run is aborted. */
function onlyAbort(onError: (error: unknown) => void): Waiter<never> {
  return { onValue() {}, onError };
}

function rootNeeds(linked: LinkedPlan, choice: DeliveryChoice): Needs {
  return () =>
    neededTasks(linked, choice, { whole: NOTHING_DEFERRED, object: linked.plan.root, fields: null, items: -1 });
}
