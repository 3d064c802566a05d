import type { LayerNode } from '../../plan/Plan.ts';
import { appendAll } from '../../utils/appendAll.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { mustGet } from '../../utils/mustGet.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { Task, TaskGraph } from './TaskGraph.ts';

/** The count of waits of a task that is done. */
const DONE = -1;

/** Which tasks something needs. Asked again when the plan has grown. */
export type Needs = () => ReadonlySet<number>;

/** Something that waits until the tasks that it needs are done. */
export interface Watch {
  readonly needs: Needs;
  tasks: ReadonlySet<number>;
  /** Those of the tasks that are not done. */
  readonly left: Set<number>;
  /** Settles when none is left, or when `Driver` resumes it. Null while the driver does not wait. */
  waiting: { readonly promise: Promise<void>; resolve(): void } | null;
}

/** Work that a run takes over: it is done already, or another run does it. */
export interface PriorWork {
  /** Whether a task is the run's own. The plan may grow. */
  owns(task: number): boolean;
  /** Whether a task was done before the run began. */
  isDone(task: number): boolean;
  /** Asks for tasks that the run does not own. They are done when `complete` is called for them. */
  request(tasks: ReadonlySet<number>): void;
}

/**
 * Which tasks of a run are done, which are ready, and which wait: for others, for the turn of their mutation field, or
 * until something needs them. Implements the order of 4.2 and the additions of 8.3.
 */
export class Scheduler {
  readonly #graph: TaskGraph;
  readonly #prior: PriorWork | null;
  /** By task: how many of its dependencies are not done; less than none for one that is done itself. */
  readonly #waiting: number[];
  /** The tasks that could run, one after the other; those before `#head` were handed out. */
  readonly #ready: number[] = [];
  #head = 0;
  #growth: number;
  #knownTasks: number;
  #knownEdges: number;
  /** The tasks that may run, each with its place among them: in the order of the response. Null: all. */
  #released: Map<number, number> | null;
  readonly #needs: Needs[] = [];
  #watches: Set<Watch> | null = null;
  /** The number of tasks that are done. */
  doneCount = 0;

  /** `first`: the tasks to run at once, where the rest waits until something needs it. Null: all of them. */
  constructor(graph: TaskGraph, first: Needs | null, prior: PriorWork | null) {
    const { tasks } = graph;
    this.#graph = graph;
    this.#prior = prior;
    this.#growth = graph.growth;
    this.#knownTasks = tasks.length;
    this.#knownEdges = graph.lateEdges.length;
    this.#waiting = new Array(tasks.length);
    this.#released = prior === null ? null : new Map();
    if (prior !== null) {
      for (const { id } of tasks) this.#waiting[id] = !prior.owns(id) && prior.isDone(id) ? DONE : 0;
    }
    if (first !== null) this.#release(first);
    for (let id = 0; id < tasks.length; id++) {
      const task = tasks[id] as Task;
      if (prior === null) this.#waiting[id] = task.dependencies.length;
      else if (!this.isDone(id)) this.#waiting[id] = this.#countWaiting(task);
      if (this.#waiting[id] === 0 && !this.#isHeld(id) && !this.#isGated(task)) this.#ready.push(id);
    }
  }

  isDone(id: number): boolean {
    return (this.#waiting[id] as number) < 0;
  }

  /** Whether a task is to run, as far as is known. */
  isWanted(id: number): boolean {
    return !this.#isHeld(id);
  }

  /** Whether readers wait for tasks. */
  get isWatched(): boolean {
    return this.#watches !== null && this.#watches.size > 0;
  }

  /** A task that is ready, or null. */
  next(): Task | null {
    while (this.#head < this.#ready.length) {
      const id = this.#ready[this.#head++] as number;
      if (!this.isDone(id)) return this.#graph.tasks[id] as Task;
    }
    return null;
  }

  /** Another runner has begun the task, and will complete it. */
  hold({ id }: Task): void {
    this.#waiting[id] = itemAt(this.#waiting, id) + 1;
  }

  /** A task may run now, even if it waited. */
  start({ id }: Task): void {
    this.#ready.push(id);
  }

  /** Tasks that waited for this one may be ready then. */
  complete({ id, dependents }: Task): void {
    this.#waiting[id] = DONE;
    this.doneCount++;
    if (this.#watches !== null) this.#settleWatches(this.#watches, id);
    const begin = this.#ready.length;
    for (const dependent of dependents) {
      // Tasks that were planned after this run began are looked at when the run grows.
      if (dependent >= this.#knownTasks || this.#isUnknownEdge(id, dependent)) continue;
      if (--(this.#waiting[dependent] as number) === 0 && !this.#isHeld(dependent)) this.#ready.push(dependent);
    }
    if (this.#released !== null && this.#ready.length > begin + 1) this.#sortReady(this.#released, begin);
  }

  /** Parts that are begun together call resolvers in the order of the response, whichever became ready first. */
  #sortReady(released: ReadonlyMap<number, number>, begin: number): void {
    const rank = (id: number): number => mustGet(released, id);
    const added = this.#ready.splice(begin).sort((a, b) => rank(a) - rank(b));
    appendAll(this.#ready, added);
  }

  /** Takes in the parts that the plan has gained since this was made or last grew. */
  grow(): void {
    const { tasks, lateEdges, growth } = this.#graph;
    if (this.#growth === growth) return;
    this.#growth = growth;
    const before = this.#knownTasks;
    this.#knownTasks = tasks.length;
    for (let id = before; id < tasks.length; id++) {
      const task = nodeAt(tasks, id);
      const waiting = this.#countWaiting(task);
      this.#waiting.push(waiting);
      if (waiting === 0 && !this.#isHeld(id) && !this.#isGated(task)) this.#ready.push(id);
    }
    for (; this.#knownEdges < lateEdges.length; this.#knownEdges++) {
      const { from, to } = nodeAt(lateEdges, this.#knownEdges);
      if (to < before && !this.isDone(to) && !this.isDone(from)) (this.#waiting[to] as number)++;
    }
    this.#renewNeeds();
  }

  /** Lets the tasks run that something needs, and watches them. */
  watch(needs: Needs): Watch {
    const tasks = this.#released === null ? needs() : this.#release(needs);
    const left = new Set([...tasks].filter((id) => !this.isDone(id)));
    const watch: Watch = { needs, tasks, left, waiting: null };
    if (left.size > 0) {
      this.#watches ??= new Set();
      this.#watches.add(watch);
    }
    this.#requestOutside(left);
    return watch;
  }

  /** Resumes the readers that wait for one of the tasks and for others, although these are not done. */
  resumeWatching(tasks: readonly number[]): void {
    for (const watch of this.#watches ?? []) if (tasks.some((id) => watch.tasks.has(id))) resume(watch);
  }

  /** Nothing more will be done: ends all watches. */
  end(): void {
    this.#head = this.#ready.length;
    for (const watch of this.#watches ?? []) this.#settleWatch(watch);
  }

  #countWaiting({ dependencies }: Task): number {
    let waiting = 0;
    for (const dependency of dependencies) if (!this.isDone(dependency)) waiting++;
    return waiting;
  }

  /** It runs later, or not at all: nothing that is to be delivered now needs it. */
  #isHeld(id: number): boolean {
    return this.#released !== null && !this.#released.has(id);
  }

  /** A mutation field waits until the field before it is in the response. */
  #isGated({ kind, of }: Task): boolean {
    return kind === 'layer' && (this.#graph.plan.layers[of] as LayerNode).kind === 'mutation';
  }

  #isUnknownEdge(from: number, to: number): boolean {
    const { lateEdges } = this.#graph;
    for (let index = this.#knownEdges; index < lateEdges.length; index++) {
      const edge = lateEdges[index];
      if (edge?.from === from && edge.to === to) return true;
    }
    return false;
  }

  #release(needs: Needs): ReadonlySet<number> {
    this.#needs.push(needs);
    this.#released ??= new Map();
    const tasks = needs();
    for (const id of tasks) this.#releaseTask(this.#released, id);
    return tasks;
  }

  #releaseTask(released: Map<number, number>, id: number): void {
    if (released.has(id) || this.#prior?.owns(id) === false) return;
    released.set(id, released.size);
    if (this.#waiting[id] === 0 && !this.isDone(id)) this.#ready.push(id);
  }

  /** The plan has new branches: more steps may be needed than before. */
  #renewNeeds(): void {
    const released = this.#released;
    if (released !== null) {
      for (const needs of this.#needs) for (const id of needs()) this.#releaseTask(released, id);
    }
    for (const watch of this.#watches ?? []) {
      watch.tasks = watch.needs();
      for (const id of watch.tasks) if (!this.isDone(id)) watch.left.add(id);
      this.#requestOutside(watch.left);
    }
  }

  #requestOutside(left: ReadonlySet<number>): void {
    if (this.#prior === null) return;
    const prior = this.#prior;
    const outside = new Set([...left].filter((id) => !prior.owns(id)));
    if (outside.size > 0) prior.request(outside);
  }

  #settleWatches(watches: ReadonlySet<Watch>, id: number): void {
    for (const watch of watches) if (watch.left.delete(id) && watch.left.size === 0) this.#settleWatch(watch);
  }

  #settleWatch(watch: Watch): void {
    this.#watches?.delete(watch);
    resume(watch);
  }
}

function resume(watch: Watch): void {
  const { waiting } = watch;
  watch.waiting = null;
  waiting?.resolve();
}
