import { InternalError } from '../../errors/InternalError.ts';
import { liesIn } from '../../plan/layerRelations.ts';
import type { Plan } from '../../plan/Plan.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { Stage } from '../state/RunState.ts';

/** One unit of work: execute a step, open a layer, or see which object types were met. */
export interface Task {
  readonly id: number;
  readonly kind: 'step' | 'layer' | 'dispatch';
  /** The step or layer; for `dispatch` the step that yields type names. */
  readonly of: number;
  dependencies: number[];
  dependents: number[];
}

/** An abstract output's work: which types did its type names bring, and are all of them planned? */
interface AbstractTask {
  readonly task: Task;
  readonly outputs: number[];
}

const NO_TASKS: ReadonlySet<number> = new Set();

/** The list of tasks without any; never pushed to. */
const NO_IDS: number[] = [];

/** The tasks of a plan and which of them wait for which. Grows when the plan does. */
export class TaskGraph {
  readonly plan: Plan;
  readonly tasks: Task[] = [];
  /** By step. */
  readonly stepTasks: Task[] = [];
  /** By layer; null for the root layer, which is open from the beginning. */
  readonly layerTasks: (Task | null)[] = [];
  /** By the step that yields type names. */
  readonly abstracts: Map<number, AbstractTask> = new Map();
  /** Edges from new tasks to tasks that were there before, for runs under way. */
  readonly lateEdges: { readonly from: number; readonly to: number }[] = [];
  /** How often the plan has grown. A new branch that reads what is there adds no task, but it may need tasks that were not. */
  growth = 0;
  /** The tasks behind the source of a subscription's events. */
  #streamTasks: ReadonlySet<number> = NO_TASKS;
  /** Those of an event: all but the ones that nothing needs but its source. */
  #eventTasks: ReadonlySet<number> = NO_TASKS;
  #within: Map<number, { readonly of: number; readonly tasks: ReadonlySet<number> }> | null = null;
  #outputs = 0;
  /** By layer how many of its contributions are connected. */
  #contributions: Map<number, number> | null = null;

  constructor(plan: Plan) {
    this.plan = plan;
    this.grow();
  }

  /** The tasks of a part of the plan, which may grow; null: all. */
  needsOf(stage: Stage): (() => ReadonlySet<number>) | null {
    if (stage === 'all') return null;
    return () => (stage === 'stream' ? this.#streamTasks : this.#eventTasks);
  }

  /** Takes in the parts that the plan has gained since the last call. */
  grow(): void {
    this.growth++;
    const { steps, layers } = this.plan;
    const before = this.tasks.length;
    for (let id = this.stepTasks.length; id < steps.length; id++) this.stepTasks.push(this.#addTask('step', id));
    for (let id = this.layerTasks.length; id < layers.length; id++) {
      this.layerTasks.push(layers[id]?.kind === 'root' ? null : this.#addTask('layer', id));
    }
    this.#addAbstracts();
    for (const task of this.stepTasks) if (task.dependencies.length === 0) this.#connectStep(task);
    for (const task of this.layerTasks) if (task !== null && task.dependencies.length === 0) this.#connectLayer(task);
    this.#connectContributions();
    // Lists that grew by pushing have room that these never need.
    for (let id = before; id < this.tasks.length; id++) {
      const task = nodeAt(this.tasks, id);
      if (task.dependencies.length > 1) task.dependencies = task.dependencies.slice();
      if (task.dependents.length > 1) task.dependents = task.dependents.slice();
    }
    // A branch of events may need what only their source did.
    if (this.plan.stream !== -1) this.#separateStream();
  }

  /** The task that opens a layer, which is not the root. */
  taskOfLayer(layer: number): Task {
    const task = this.layerTasks[layer];
    if (task == null) throw new InternalError(`Layer ${layer} has no task.`);
    return task;
  }

  #addTask(kind: Task['kind'], of: number): Task {
    const task: Task = { id: this.tasks.length, kind, of, dependencies: NO_IDS, dependents: NO_IDS };
    this.tasks.push(task);
    return task;
  }

  #addAbstracts(): void {
    const { outputs } = this.plan;
    for (; this.#outputs < outputs.length; this.#outputs++) {
      const output = outputs[this.#outputs];
      if (output?.kind !== 'abstract') continue;
      let abstract = this.abstracts.get(output.typename);
      if (abstract === undefined) {
        const task = this.#addTask('dispatch', output.typename);
        this.#connect(nodeAt(this.stepTasks, output.typename), task);
        abstract = { task, outputs: [] };
        this.abstracts.set(output.typename, abstract);
      }
      abstract.outputs.push(this.#outputs);
    }
  }

  #connect(from: Task, to: Task): void {
    if (to.dependencies.includes(from.id)) return;
    // Most have one: a list that is made with it needs no more room.
    if (from.dependents === NO_IDS) from.dependents = [to.id];
    else from.dependents.push(to.id);
    if (to.dependencies === NO_IDS) to.dependencies = [from.id];
    else to.dependencies.push(from.id);
  }

  #connectStep(task: Task): void {
    const node = nodeAt(this.plan.steps, task.of);
    for (const { step, layer } of node.dependencies) {
      this.#connect(nodeAt(this.stepTasks, step), task);
      this.#connectToLayer(layer, task);
    }
    this.#connectToLayer(node.layer, task);
  }

  #connectToLayer(layer: number, task: Task): void {
    const opened = layer === -1 ? null : this.layerTasks[layer];
    if (opened != null) this.#connect(opened, task);
  }

  #connectLayer(task: Task): void {
    const node = nodeAt(this.plan.layers, task.of);
    this.#connectToLayer(node.parent, task);
    if (node.source === -1) return;
    this.#connect(nodeAt(this.stepTasks, node.source), task);
    const abstract = this.abstracts.get(node.source);
    if ((node.kind === 'type' || node.kind === 'combine') && abstract !== undefined) this.#connect(abstract.task, task);
  }

  #connectContributions(): void {
    this.plan.layers.forEach((node, id) => {
      if (node.contributions === null) return;
      this.#contributions ??= new Map();
      const task = this.taskOfLayer(id);
      for (let index = this.#contributions.get(id) ?? 0; index < node.contributions.length; index++) {
        const { layer, step } = nodeAt(node.contributions, index);
        for (const from of [nodeAt(this.stepTasks, step), this.taskOfLayer(layer)]) {
          if (task.dependencies.includes(from.id)) continue;
          this.#connect(from, task);
          this.lateEdges.push({ from: from.id, to: task.id });
        }
      }
      this.#contributions.set(id, node.contributions.length);
    });
  }

  #separateStream(): void {
    const stream = nodeAt(this.stepTasks, this.plan.stream);
    const closure = this.withDependencies(new Set([stream.id]));
    const outputReads = new Set<number>();
    for (const output of this.plan.outputs) {
      if (output.kind !== 'object') continue;
      for (const { position, requires } of output.fields) outputReads.add(position.read.step).add(requires);
    }
    const only = new Set<number>([stream.id]);
    for (const id of [...closure].sort((a, b) => b - a)) {
      const task = nodeAt(this.tasks, id);
      if (task.kind === 'step' && outputReads.has(task.of)) continue;
      if (task.dependents.length > 0 && task.dependents.every((dependent) => only.has(dependent))) only.add(id);
    }
    this.#streamTasks = closure;
    this.#eventTasks = new Set(this.tasks.flatMap(({ id }) => (only.has(id) ? [] : [id])));
  }

  /** Adds to a set of tasks all that they depend on. Returns the set. */
  withDependencies(tasks: Set<number>): Set<number> {
    // Sets are iterated in the order of insertion, including tasks that are added on the way.
    for (const id of tasks) for (const dependency of nodeAt(this.tasks, id).dependencies) tasks.add(dependency);
    return tasks;
  }

  /** The tasks of a layer and of the layers that lie in it. */
  tasksWithin(layer: number): ReadonlySet<number> {
    this.#within ??= new Map();
    const known = this.#within.get(layer);
    if (known !== undefined && known.of === this.tasks.length) return known.tasks;
    const tasks = new Set<number>();
    for (const { id, kind, of } of this.tasks) {
      const own = kind === 'layer' ? of : nodeAt(this.plan.steps, of).layer;
      if (liesIn(this.plan, own, layer)) tasks.add(id);
    }
    this.#within.set(layer, { of: this.tasks.length, tasks });
    return tasks;
  }
}
