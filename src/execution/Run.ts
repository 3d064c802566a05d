import type { LayerNode } from '../plan/Plan.ts';
import type { Failure } from '../step/signals.ts';
import { executeBatch, executeStep } from './executeStep.ts';
import { evaluateGuard } from './guards.ts';
import { dispatchTypes } from './layers/dispatchTypes.ts';
import { openLayer } from './layers/openLayer.ts';
import type { LinkedPlan, Task } from './link/LinkedPlan.ts';
import type { Request } from './Request.ts';
import { RunExtra } from './RunExtra.ts';

/** Which part of a plan is run: all of it, the source of a subscription's events, or one event. */
export type Stage = 'all' | 'stream' | 'event';

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
  /** By step: whether its register holds failures or exits. */
  readonly hasSignals: boolean[];
  /** By layer. */
  readonly sizes: number[];
  /** By layer: for each row the row of the parent layer, null where they are the same. */
  readonly parentRows: (Int32Array | null)[];
  /** By list layer: where the rows of each parent row begin. */
  readonly offsets: (Int32Array | null)[];
  /** By layer: for each parent row the row here, or -1. Made when the output asks for it. */
  readonly inverses: (Int32Array | null)[];
  /** Lists that threw while they were read, and with what. */
  listFailures: Map<object, Failure> | null = null;
  /** The value of the `event` layer's entry. */
  readonly event: unknown;
  readonly stage: Stage;
  /** Why nothing new is started any more, or null. */
  aborted: { readonly error: unknown } | null = null;
  /** What aborting ends: it is told why. */
  readonly #waits: Set<(error: unknown) => void> = new Set();
  /** A defect of planql that ended the run, or null. */
  #crashed: { readonly error: unknown } | null = null;

  readonly #waiting: number[];
  readonly #done: boolean[];
  readonly #ready: number[] = [];
  #head = 0;
  #batches: Map<string, number[]> | null = null;
  #running = 0;
  #driving = false;
  #willFlush = false;
  #knownTasks: number;
  #knownEdges: number;
  readonly #guards: boolean[] = [];
  #onIdle: (() => void) | null = null;

  constructor(linked: LinkedPlan, request: Request, stage: Stage = 'all', event: unknown = undefined) {
    this.linked = linked;
    this.request = request;
    this.stage = stage;
    this.event = event;
    this.extra = new RunExtra(this);
    const { steps, layers } = linked.plan;
    this.registers = new Array(steps.length).fill(undefined);
    this.hasSignals = new Array(steps.length).fill(false);
    this.sizes = new Array(layers.length).fill(0);
    this.parentRows = new Array(layers.length).fill(null);
    this.offsets = new Array(layers.length).fill(null);
    this.inverses = new Array(layers.length).fill(null);
    this.sizes[0] = 1;
    const { tasks } = linked;
    this.#knownTasks = tasks.length;
    this.#knownEdges = linked.lateEdges.length;
    this.#waiting = new Array(tasks.length);
    this.#done = new Array(tasks.length).fill(false);
    for (let id = 0; id < tasks.length; id++) {
      const task = tasks[id] as Task;
      this.#waiting[id] = task.dependencies.length;
      if (task.dependencies.length === 0 && !this.#isGated(task)) this.#ready.push(id);
    }
  }

  /** A mutation field waits until the field before it is in the response. */
  #isGated(task: Task): boolean {
    return task.kind === 'layer' && (this.linked.plan.layers[task.of] as LayerNode).kind === 'mutation';
  }

  /** Starts the tasks of a mutation field. */
  openPhase(layer: number): void {
    this.extra.forgetShared();
    this.#ready.push((this.linked.layerTasks[layer] as Task).id);
  }

  /** Runs what can run. Returns null when all of it is done, else a promise of that. It never rejects. */
  drive(): Promise<void> | null {
    this.#loop();
    if (this.#running === 0) return null;
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
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
    this.#ready.length = 0;
    this.#head = 0;
    this.#driving = false;
  }

  #runReady(): void {
    for (;;) {
      while (this.#head < this.#ready.length) this.#runTask(this.#ready[this.#head++] as number);
      if (this.#batches === null) return;
      if (this.#running > 0) return this.#flushSoon();
      this.#flushBatches();
    }
  }

  #runTask(id: number): void {
    const task = this.linked.tasks[id] as Task;
    if (this.#isExcluded(task)) return this.#complete(task);
    switch (task.kind) {
      case 'layer':
        return openLayer(this, task);
      case 'dispatch':
        return dispatchTypes(this, task);
      case 'step': {
        const step = this.linked.steps[task.of] as LinkedPlan['steps'][number];
        if (step.batchKey === null) return executeStep(this, step);
        this.#batches ??= new Map();
        const batch = this.#batches.get(step.batchKey);
        if (batch === undefined) this.#batches.set(step.batchKey, [task.of]);
        else batch.push(task.of);
      }
    }
  }

  #isExcluded(task: Task): boolean {
    if (this.stage === 'all') return false;
    return this.stage === 'stream' ? !this.linked.streamTasks.has(task.id) : this.linked.streamOnlyTasks.has(task.id);
  }

  /** Steps that can share a call wait until nothing else can run at once; then those that are there share it. */
  #flushBatches(): void {
    const batches = this.#batches;
    this.#batches = null;
    if (batches === null) return;
    for (const steps of batches.values()) {
      executeBatch(
        this,
        steps.map((id) => this.linked.steps[id] as LinkedPlan['steps'][number]),
      );
    }
  }

  /** What else is under way may be done in this very turn: loads that it leads to then share the call. */
  #flushSoon(): void {
    if (this.#willFlush) return;
    this.#willFlush = true;
    this.#running++;
    queueMicrotask(() => {
      this.#willFlush = false;
      this.#running--;
      this.#guarded(() => this.#flushBatches());
      this.#loop();
      this.idleIfDone();
    });
  }

  /** Says that a task is done: what waited for it may start. */
  finish(task: Task): void {
    this.#complete(task);
    this.#loop();
  }

  #complete(task: Task): void {
    this.#done[task.id] = true;
    for (const dependent of task.dependents) {
      // Tasks that were planned after this run began are looked at when the run grows.
      if (dependent >= this.#knownTasks || this.#isUnknownEdge(task.id, dependent)) continue;
      if (--(this.#waiting[dependent] as number) === 0) this.#ready.push(dependent);
    }
  }

  #isUnknownEdge(from: number, to: number): boolean {
    const { lateEdges } = this.linked;
    for (let index = this.#knownEdges; index < lateEdges.length; index++) {
      const edge = lateEdges[index];
      if (edge?.from === from && edge.to === to) return true;
    }
    return false;
  }

  /** Takes in what the plan has more than when this run began. */
  grow(): void {
    const { plan, tasks, lateEdges } = this.linked;
    for (let id = this.registers.length; id < plan.steps.length; id++) {
      this.registers.push(undefined);
      this.hasSignals.push(false);
    }
    for (let id = this.sizes.length; id < plan.layers.length; id++) {
      this.sizes.push(0);
      this.parentRows.push(null);
      this.offsets.push(null);
      this.inverses.push(null);
    }
    const before = this.#knownTasks;
    this.#knownTasks = tasks.length;
    for (let id = before; id < tasks.length; id++) {
      const task = tasks[id] as Task;
      this.#done.push(false);
      const waiting = task.dependencies.filter((dependency) => !this.#done[dependency]).length;
      this.#waiting.push(waiting);
      if (waiting === 0 && !this.#isGated(task)) this.#ready.push(id);
    }
    for (; this.#knownEdges < lateEdges.length; this.#knownEdges++) {
      const { from, to } = lateEdges[this.#knownEdges] as { from: number; to: number };
      if (to < before && !this.#done[to] && !this.#done[from]) (this.#waiting[to] as number)++;
    }
  }

  end(task: Task | null): void {
    this.#running--;
    if (task !== null) this.finish(task);
    this.idleIfDone();
  }

  /** Like `end`, where several tasks shared what was under way. */
  endMany(tasks: readonly Task[]): void {
    this.#running--;
    for (const task of tasks) this.#complete(task);
    this.#loop();
    this.idleIfDone();
  }

  idleIfDone(): void {
    if (this.#running > 0 || this.#onIdle === null) return;
    const onIdle = this.#onIdle;
    this.#onIdle = null;
    onIdle();
  }

  /**
   * Goes on with what a promise gives; where it rejects, or the run is aborted before that, with `onError`. What comes
   * too late is left to `onLate`. `end` or `endMany` is called by who goes on.
   */
  wait<T>(
    promise: Promise<T>,
    onValue: (value: T) => void,
    onError: (error: unknown) => void,
    onLate: (value: T) => void = () => {},
  ): void {
    this.#running++;
    let isOver = false;
    const cancel = (error: unknown): void => {
      isOver = true;
      this.#waits.delete(cancel);
      this.#guarded(() => onError(error));
    };
    this.#waits.add(cancel);
    promise.then(
      (value) => {
        if (isOver) return onLate(value);
        this.#waits.delete(cancel);
        this.#guarded(() => onValue(value));
      },
      (error: unknown) => {
        if (!isOver) cancel(error);
      },
    );
  }

  /** A promise of `task`, which never rejects, or of the run's being aborted, whichever comes first. */
  orAborted(task: Promise<void>): Promise<void> {
    if (this.aborted !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = (): void => resolve();
      this.#waits.add(cancel);
      task.then(() => {
        this.#waits.delete(cancel);
        resolve();
      });
    });
  }

  /** A defect of planql itself must not leave the request without an answer. */
  #guarded(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#crash(error);
    }
  }

  /** Throws what ended the run before its time, if something did. */
  assertWhole(): void {
    if (this.#crashed !== null) throw this.#crashed.error;
  }

  #crash(error: unknown): void {
    this.#crashed ??= { error };
    this.#running = 0;
    this.idleIfDone();
  }

  /** Gives up: what is under way fails with `error` at once, what is not begun never starts (rule R15). */
  abort(error: unknown): void {
    if (this.aborted !== null) return;
    this.aborted = { error };
    this.extra.abortSignal(error);
    for (const cancel of [...this.#waits]) cancel(error);
  }
}
