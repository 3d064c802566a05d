import type { Plan } from '../../plan/Plan.ts';
import { counting } from '../../telemetry/counting.ts';
import { groupBy } from '../../utils/groupBy.ts';
import { nextTurn } from '../../utils/nextTurn.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan, LinkedStep } from '../link/LinkedPlan.ts';
import { dispatchTypes } from '../operators/dispatchTypes.ts';
import { groupCalls } from '../operators/groupCalls.ts';
import { type ListReading, wholeLists } from '../operators/ListReading.ts';
import { openLayer } from '../operators/openLayer.ts';
import type { Outcome, Pending } from '../operators/Pending.ts';
import { prepareStep } from '../operators/prepareStep.ts';
import { runCalls } from '../operators/runCalls.ts';
import type { CallGroup, StepCall } from '../operators/StepCall.ts';
import { type Needs, type PriorWork, Scheduler, type Watch } from '../schedule/Scheduler.ts';
import type { Task } from '../schedule/TaskGraph.ts';
import { DeadlineClock } from '../state/DeadlineClock.ts';
import { responseIsOver } from '../state/errors.ts';
import type { RunState } from '../state/RunState.ts';
import type { AheadStarts } from './AheadStarts.ts';
import { aheadStartsOf } from './aheadStartsOf.ts';
import { CancelScope } from './CancelScope.ts';
import { deadlineError } from './deadlineError.ts';
import type { Progress } from './Progress.ts';
import { CallFacts, type IdsListener, StepContext } from './StepContext.ts';
import { Wait } from './Wait.ts';

/** The unusual options of a run. */
export interface DriverOptions {
  /** The tasks to run; the rest waits until something needs it. Absent: all of them. */
  readonly first?: Needs | null;
  /** Tasks that are done already, or that another run does. */
  readonly prior?: PriorWork;
  readonly lists?: ListReading;
  /** Whether waiting ends before all is done, where a null may have made the rest superfluous. */
  readonly resumesEarly?: boolean;
}

/**
 * Runs the tasks of a plan: the only loop. It starts each task when its dependencies are done, and goes on where operators
 * left something pending. Implements spec/4-execution.md.
 */
export class Driver implements Progress {
  readonly linked: LinkedPlan;
  readonly state: RunState;
  readonly scope: CancelScope;
  readonly lists: ListReading;
  /** The output went on without waiting for work under way: any task may be the last that it waits for. */
  isPassed = false;
  /** The state at the last `snapshot`, and how much was done then. */
  lastSnapshot: { readonly done: number; readonly of: number; readonly state: RunState } | null = null;
  /** Made when it is first asked: a compiled run mostly needs none. */
  #ownScheduler: Scheduler | null;
  /** A compiled run has done all tasks. */
  #isFinished = false;
  readonly #facts: CallFacts;
  readonly #resumesEarly: boolean;
  /** Starts loads before their turn; null where there are none. */
  readonly ahead: AheadStarts | null;
  /** A defect of planql that ended the run, or null. */
  #defect: { readonly error: unknown } | null = null;
  #batched: LinkedStep[] | null = null;
  #running = 0;
  #isLooping = false;
  #willFlush = false;
  #willResume = false;
  /** The tasks of steps that may have made a non-null position null, in the order in which they came. */
  #losses: number[] | null = null;
  /** How many of them the waiting readers were resumed for. */
  #told = 0;
  #onIdle: (() => void) | null = null;

  constructor(linked: LinkedPlan, state: RunState, options: DriverOptions = NO_OPTIONS) {
    this.linked = linked;
    this.state = state;
    this.lists = options.lists ?? wholeLists;
    state.decidingItem = linked.deciding.ofItem;
    this.scope = new CancelScope(state, this);
    this.#facts = new CallFacts(state, this.scope, this.lists);
    this.#resumesEarly = (options.resumesEarly ?? true) && state.request.onError !== 'NULL';
    const { deadline } = state.request;
    if (deadline !== null) state.clock = new DeadlineClock(deadline, () => this.abort(deadlineError()));
    const { first = linked.graph.needsOf(state.stage), prior = null } = options;
    this.#ownScheduler = options === NO_OPTIONS && first === null ? null : new Scheduler(linked.graph, first, prior);
    if (options.prior === undefined && state.stage !== 'stream') state.unwatched.value(this.plan.root, state.rootValue);
    this.ahead = linked.ahead === null ? null : aheadStartsOf(linked, state, this.#facts, () => this.#ownScheduler);
  }

  get plan(): Plan {
    return this.linked.plan;
  }

  get #scheduler(): Scheduler {
    if (this.#ownScheduler !== null) return this.#ownScheduler;
    const { graph } = this.linked;
    const scheduler = new Scheduler(graph, null, null);
    if (this.#isFinished) for (const task of graph.tasks) scheduler.complete(task);
    this.#ownScheduler = scheduler;
    return scheduler;
  }

  /** Whether something is under way. */
  get isRunning(): boolean {
    return this.#running > 0;
  }

  isDone(task: number): boolean {
    return this.#scheduler.isDone(task);
  }

  /** How many tasks are done: equal numbers of one driver mean that nothing has happened. */
  get doneCount(): number {
    return this.#scheduler.doneCount;
  }

  /** Whether the values of a task may have made a non-null position null. */
  isLoss(task: number): boolean {
    return this.#losses?.includes(task) === true;
  }

  /** Runs all ready tasks. */
  drive(): Promise<void> | null {
    this.#loop();
    if (this.#running === 0) return null;
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#resumeIfBubbling();
    });
  }

  /**
   * Runs the tasks that parts of the response need. By needs: how far they are. Tasks that several need run once, and tasks
   * that become ready together may share calls.
   */
  need(all: readonly Needs[]): Progress[] {
    this.grow();
    const watches = all.map((needs) => this.#scheduler.watch(needs));
    this.#loop();
    this.#noteLosses();
    return watches.map((watch) => this.#progressOf(watch));
  }

  #progressOf(watch: Watch): Progress {
    let isNew = true;
    return new WatchProgress(watch, () => {
      if (watch.left.size === 0 || this.#defect !== null) return null;
      watch.waiting ??= promiseWithResolve();
      const { promise } = watch.waiting;
      // Earlier losses count as well.
      if (isNew && this.#losses?.some((task) => watch.tasks.has(task)) === true) this.#told = 0;
      isNew = false;
      this.#resumeIfBubbling();
      return promise;
    });
  }

  /**
   * Goes on with a run that another runner began: the tasks that are done, and the work under way, each with the tasks
   * that end with it. Null there: these are done as well.
   */
  takeOver(done: Iterable<Task>, begun: ReadonlyArray<readonly [Wait['tasks'], Outcome]>): Promise<void> | null {
    this.grow();
    for (const [tasks] of begun) for (const task of tasksOf(tasks)) this.#scheduler.hold(task);
    for (const task of done) this.#scheduler.complete(task);
    for (const [tasks, outcome] of begun) {
      if (outcome === null) for (const task of tasksOf(tasks)) this.#scheduler.complete(task);
      else {
        this.#running++;
        this.#wait(tasks, outcome);
      }
    }
    return this.drive();
  }

  /** Another runner has done all tasks. */
  finish(): void {
    this.#isFinished = true;
  }

  /** Starts the tasks of a mutation field. */
  openPhase(layer: number): void {
    this.state.renew();
    this.#scheduler.start(this.linked.graph.layerTasks[layer] as Task);
  }

  /** Takes in the parts that the plan has gained since this run began. */
  grow(): void {
    this.state.grow();
    this.#scheduler.grow();
  }

  /** Marks tasks as done that another run did. */
  complete(tasks: Iterable<number>): void {
    for (const id of tasks) this.#scheduler.complete(nodeAt(this.linked.graph.tasks, id));
    this.#loop();
    this.#resumeIfIdle();
  }

  /** Gives up: work under way fails with `error` at once, work that has not begun never starts (rule R15). */
  abort(error: unknown = responseIsOver()): void {
    this.scope.abort(error);
  }

  /** Throws the defect that ended the run before its time, if there was one. */
  assertSound(): void {
    if (this.#defect !== null) throw this.#defect.error;
  }

  /** The context of code that is no step, called for the root. */
  rootContext(): StepContext {
    return new StepContext(this.#facts, -1, 0, null, null);
  }

  #loop(): void {
    if (this.#isLooping) return;
    this.#isLooping = true;
    try {
      this.#runReady();
    } catch (error) {
      this.endWith(error);
    }
    this.#isLooping = false;
  }

  #runReady(): void {
    const scheduler = this.#scheduler;
    for (;;) {
      for (let task = scheduler.next(); task !== null; task = scheduler.next()) this.#run(task);
      if (this.#batched === null && this.ahead?.isPending !== true) return;
      if (this.#running > 0) return this.#flushSoon();
      // Nothing is started for a run that is done.
      if (this.#batched === null) return this.ahead?.drop();
      this.#flushBatches();
    }
  }

  #run(task: Task): void {
    switch (task.kind) {
      case 'layer':
        return this.#end(task, openLayer(this.state, this.linked, task.of, this.lists));
      case 'dispatch':
        dispatchTypes(this.state, this.linked, task.of);
        // Another request may have had branches planned since this one began.
        this.grow();
        return this.#scheduler.complete(task);
      case 'step': {
        const step = this.linked.steps[task.of] as LinkedStep;
        if (step.batchKey === null) return this.#runStep(step);
        if (this.#batched === null) this.#batched = [step];
        else this.#batched.push(step);
      }
    }
  }

  #runStep(step: LinkedStep): void {
    this.ahead?.began(step.id);
    const call = prepareStep(this.state, step);
    if (call === null) return this.#complete(step);
    const group: CallGroup = [call];
    const outcome = runCalls(this.state, group, this.contextOf(group));
    if (outcome === null) return this.#complete(step);
    this.#running++;
    this.#wait(group, outcome);
  }

  /** The `extra` of `execute` for some calls. */
  contextOf(group: CallGroup): StepContext {
    const { step, rows } = group[0];
    const shared = group.length > 1 ? group : null;
    return new StepContext(this.#facts, step.id, step.node.layer, rows, this.#idsListener(group), shared);
  }

  #idsListener(group: readonly StepCall[]): IdsListener | null {
    const ahead = this.ahead;
    if (ahead === null || !group.some((call) => ahead.wantsIds(call.step.id))) return null;
    return (idsFor) => {
      for (const call of group) ahead.foundIds(call.step.id, (call.values[0] as readonly unknown[]).map(idsFor));
    };
  }

  /** Steps that can share a call wait until nothing else can run at once; then those that are there share it. */
  #flushBatches(): void {
    const batched = this.#batched;
    this.#batched = null;
    // Mostly there is one, which needs no company.
    if (batched?.length === 1) this.#runStep(batched[0] as LinkedStep);
    else if (batched !== null) {
      for (const steps of groupBy(batched, ({ batchKey }) => batchKey).values()) this.#runBatch(steps);
    }
    // Comes after the loads that are needed for certain: where both want a key, those ask for it.
    // Where nothing waits yet, something may soon.
    if (this.ahead?.isPending === true && (this.#running > 0 || this.#batched !== null)) this.ahead.flush();
  }

  /** A step is done. */
  #complete({ id, task }: LinkedStep): void {
    this.ahead?.settled(id);
    this.#scheduler.complete(task);
  }

  #runBatch(steps: readonly LinkedStep[]): void {
    const calls: StepCall[] = [];
    const idle: LinkedStep[] = [];
    for (const step of steps) {
      this.ahead?.began(step.id);
      const call = prepareStep(this.state, step);
      if (call === null) idle.push(step);
      else calls.push(call);
    }
    for (const group of groupCalls(calls)) {
      const outcome = runCalls(this.state, group, this.contextOf(group));
      if (outcome === null) for (const { step } of group) this.#complete(step);
      else {
        this.#running++;
        this.#wait(group, outcome);
      }
    }
    for (const step of idle) this.#complete(step);
  }

  /** Steps that run now may end in this very turn: loads that depend on them then share the call. */
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
        this.endWith(error);
      }
      this.#loop();
      this.#resumeIfIdle();
    });
  }

  #end(task: Task, outcome: Outcome): void {
    if (outcome === null) return this.#scheduler.complete(task);
    this.#running++;
    this.#wait(task, outcome);
  }

  /** Waits until an operator is done: then its tasks are. */
  #wait(tasks: Wait['tasks'], pending: Pending): void {
    this.state.unwatched.arm();
    this.scope.wait(pending.promise as Promise<never>, new Wait(tasks, pending, this));
  }

  /** A wait is over. */
  goOn({ tasks }: Wait, outcome: Outcome): void {
    if (outcome !== null) return this.#wait(tasks, outcome);
    this.#running--;
    if ('kind' in tasks) this.#scheduler.complete(tasks);
    else for (const { step } of tasks) this.#complete(step);
    this.#loop();
    this.#resumeIfIdle();
    // The next turn has its own time.
    counting.forgetTime();
  }

  #resumeIfIdle(): void {
    // Where the loop is running, the caller of `drive` looks when it is done.
    if (this.#isLooping) return;
    if (this.#running === 0) this.#resume();
    if (this.#onIdle !== null || this.#scheduler.isWatched) this.#resumeIfBubbling();
  }

  /** Resumes, on the next turn of the event loop, the readers of a non-null position that may have become null. */
  #resumeIfBubbling(): void {
    if (this.#willResume || !this.#resumesEarly) return;
    this.#noteLosses();
    const isLost = this.#losses !== null && this.#told < this.#losses.length;
    this.#willResume = isLost || (this.isPassed && this.#onIdle !== null);
    if (!this.#willResume) return;
    nextTurn(() => {
      this.#willResume = false;
      this.#noteLosses();
      const lost = this.#losses?.slice(this.#told) ?? [];
      this.#told += lost.length;
      this.#resume();
      this.#scheduler.resumeWatching(lost);
    });
  }

  #noteLosses(): void {
    const steps = this.state.possibleBubbles;
    if (steps === null || !this.#resumesEarly) return;
    this.state.possibleBubbles = null;
    for (const step of steps) {
      if (!this.linked.requires(step)) continue;
      this.#losses ??= [];
      this.#losses.push(nodeAt(this.linked.steps, step).task.id);
    }
  }

  #resume(): void {
    const onIdle = this.#onIdle;
    this.#onIdle = null;
    onIdle?.();
  }

  /** A defect of planql itself must not leave the request without an answer. */
  endWith(error: unknown): void {
    this.#defect ??= { error };
    this.#running = 0;
    this.#scheduler.end();
    this.#resumeIfIdle();
  }
}

/** A class: V8 keeps the getter of a literal, and the run that it closes over, in the hidden class (decision engine-memory-rules). */
class WatchProgress implements Progress {
  readonly drive: () => Promise<void> | null;
  readonly #watch: Watch;

  constructor(watch: Watch, drive: () => Promise<void> | null) {
    this.#watch = watch;
    this.drive = drive;
  }

  get isRunning(): boolean {
    return this.#watch.left.size > 0;
  }
}

function tasksOf(tasks: Wait['tasks']): readonly Task[] {
  return 'kind' in tasks ? [tasks] : tasks.map(({ step }) => step.task);
}

function promiseWithResolve(): NonNullable<Watch['waiting']> {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const NO_OPTIONS: DriverOptions = {};
