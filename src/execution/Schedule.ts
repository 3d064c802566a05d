import type { LayerNode } from '../plan/Plan.ts';
import type { LinkedPlan, Task } from './link/LinkedPlan.ts';

/** What a task waits for that is done. */
const DONE = -1;

/** Which tasks something needs. Asked again when the plan has grown. */
export type Needs = () => ReadonlySet<number>;

/** Something that waits until the tasks that it needs are done. */
interface Watch {
  readonly needs: Needs;
  readonly left: Set<number>;
  resolve: (() => void) | null;
}

/** What a run of later items begins with. */
export interface Inherited {
  /** Whether a task is its own: inside of the lists whose later items it has. The plan may grow. */
  readonly owns: (task: number) => boolean;
  readonly isDone: (task: number) => boolean;
  /** Asked for tasks that are not its own. */
  readonly needOutside: (tasks: ReadonlySet<number>) => void;
}

/**
 * Which tasks of a run are done, which can run, and which wait: for others, for the turn of their mutation field, or until
 * something needs them. Implements the order of 4.2 and what 8.3 adds to it.
 */
export class Schedule {
  readonly #linked: LinkedPlan;
  readonly #inherited: Inherited | null;
  /** By task: how many of its dependencies are not done; less than none for one that is done itself. */
  readonly #waiting: number[];
  /** The tasks that could run, one after the other; those before `#head` were handed out. */
  readonly #ready: number[] = [];
  #head = 0;
  #knownTasks: number;
  #knownEdges: number;
  /** The tasks that may run; null: all. */
  #released: Set<number> | null;
  readonly #needs: Needs[] = [];
  #watches: Set<Watch> | null = null;

  /** `first`: what is needed at once, where the rest waits until it is needed; null: all is. */
  constructor(linked: LinkedPlan, first: Needs | null, inherited: Inherited | null) {
    const { tasks } = linked;
    this.#linked = linked;
    this.#inherited = inherited;
    this.#knownTasks = tasks.length;
    this.#knownEdges = linked.lateEdges.length;
    this.#waiting = new Array(tasks.length);
    this.#released = inherited === null ? null : new Set();
    if (inherited !== null) {
      for (const { id } of tasks) this.#waiting[id] = !inherited.owns(id) && inherited.isDone(id) ? DONE : 0;
    }
    if (first !== null) this.#release(first);
    for (let id = 0; id < tasks.length; id++) {
      const task = tasks[id] as Task;
      if (inherited === null) this.#waiting[id] = task.dependencies.length;
      else if (!this.isDone(id)) this.#waiting[id] = this.#countWaiting(task);
      if (this.#waiting[id] === 0 && !this.#isHeld(id) && !this.#isGated(task)) this.#ready.push(id);
    }
  }

  isDone(id: number): boolean {
    return (this.#waiting[id] as number) < 0;
  }

  /** A task that can run, or null. */
  next(): Task | null {
    if (this.#head === this.#ready.length) return null;
    return this.#linked.tasks[this.#ready[this.#head++] as number] as Task;
  }

  /** A task may run now, whatever it waited for. */
  start({ id }: Task): void {
    this.#ready.push(id);
  }

  /** What waited for the task may be ready then. */
  complete({ id, dependents }: Task): void {
    this.#waiting[id] = DONE;
    if (this.#watches !== null) this.#settleWatches(this.#watches, id);
    for (const dependent of dependents) {
      // Tasks that were planned after this run began are looked at when the run grows.
      if (dependent >= this.#knownTasks || this.#isUnknownEdge(id, dependent)) continue;
      if (--(this.#waiting[dependent] as number) === 0 && !this.#isHeld(dependent)) this.#ready.push(dependent);
    }
  }

  /** Takes in what the plan has more than when this was made or last grew. */
  grow(): void {
    const { tasks, lateEdges } = this.#linked;
    if (this.#knownTasks === tasks.length && this.#knownEdges === lateEdges.length) return;
    const before = this.#knownTasks;
    this.#knownTasks = tasks.length;
    for (let id = before; id < tasks.length; id++) {
      const task = tasks[id] as Task;
      const waiting = this.#countWaiting(task);
      this.#waiting.push(waiting);
      if (waiting === 0 && !this.#isHeld(id) && !this.#isGated(task)) this.#ready.push(id);
    }
    for (; this.#knownEdges < lateEdges.length; this.#knownEdges++) {
      const { from, to } = lateEdges[this.#knownEdges] as { from: number; to: number };
      if (to < before && !this.isDone(to) && !this.isDone(from)) (this.#waiting[to] as number)++;
    }
    this.#renewNeeds();
  }

  /** Lets run what something needs, and watches it. */
  watch(needs: Needs): Watch {
    const tasks = this.#released === null ? needs() : this.#release(needs);
    const left = new Set([...tasks].filter((id) => !this.isDone(id)));
    const watch: Watch = { needs, left, resolve: null };
    if (left.size > 0) {
      this.#watches ??= new Set();
      this.#watches.add(watch);
    }
    this.#needOutside(left);
    return watch;
  }

  /** Nothing more will be done: nobody is left waiting. */
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
    return kind === 'layer' && (this.#linked.plan.layers[of] as LayerNode).kind === 'mutation';
  }

  #isUnknownEdge(from: number, to: number): boolean {
    const { lateEdges } = this.#linked;
    for (let index = this.#knownEdges; index < lateEdges.length; index++) {
      const edge = lateEdges[index];
      if (edge?.from === from && edge.to === to) return true;
    }
    return false;
  }

  #release(needs: Needs): ReadonlySet<number> {
    this.#needs.push(needs);
    this.#released ??= new Set();
    const tasks = needs();
    for (const id of tasks) this.#releaseTask(this.#released, id);
    return tasks;
  }

  #releaseTask(released: Set<number>, id: number): void {
    if (released.has(id) || this.#inherited?.owns(id) === false) return;
    released.add(id);
    if (this.#waiting[id] === 0 && !this.isDone(id)) this.#ready.push(id);
  }

  /** What is needed may be more than before, now that the plan has branches that it had not. */
  #renewNeeds(): void {
    const released = this.#released;
    if (released !== null) {
      for (const needs of this.#needs) for (const id of needs()) this.#releaseTask(released, id);
    }
    for (const watch of this.#watches ?? []) {
      for (const id of watch.needs()) if (!this.isDone(id)) watch.left.add(id);
      this.#needOutside(watch.left);
    }
  }

  #needOutside(left: ReadonlySet<number>): void {
    if (this.#inherited === null) return;
    const { owns, needOutside } = this.#inherited;
    const outside = new Set([...left].filter((id) => !owns(id)));
    if (outside.size > 0) needOutside(outside);
  }

  #settleWatches(watches: ReadonlySet<Watch>, id: number): void {
    for (const watch of watches) if (watch.left.delete(id) && watch.left.size === 0) this.#settleWatch(watch);
  }

  #settleWatch(watch: Watch): void {
    this.#watches?.delete(watch);
    watch.resolve?.();
  }
}
