import type { GraphQLSchema } from 'graphql';
import { liesIn } from '../../plan/layerRelations.ts';
import type { DependencyNode, Json, LayerNode, Plan, PositionNode, StepNode } from '../../plan/Plan.ts';
import { isReference, type ParamReference, unquoteParam } from '../../plan/params.ts';
import type { LinkContext } from '../../step/LinkContext.ts';
import { findReference } from '../../step/references.ts';
import type { Step, StepClass } from '../../step/Step.ts';
import { findStepClass } from '../../step/stepClasses.ts';

/** A step of a plan with everything looked up that running it needs. */
export interface LinkedStep {
  readonly id: number;
  readonly node: StepNode;
  readonly instance: Step;
  readonly singular: boolean;
  readonly isEntry: boolean;
  /** What `execute` gets: dependencies that only come first are none of it. */
  readonly inputs: readonly DependencyNode[];
  readonly batchKey: string | null;
  readonly task: Task;
}

/** Something to be done once: execute a step, open a layer, or see which types were met. */
export interface Task {
  readonly id: number;
  readonly kind: 'step' | 'layer' | 'dispatch';
  /** The step or layer it is about; for `dispatch` the step that yields type names. */
  readonly of: number;
  dependencies: number[];
  dependents: number[];
  /** The mutation layer it belongs to, or -1. */
  readonly phase: number;
}

/**
 * Asked when a run meets object types whose branches are not in the plan. It extends plan and linked plan, and returns
 * the types for which it could not, with the reason.
 */
export type PlanBranches = (typename: number, types: readonly string[]) => ReadonlyMap<string, unknown>;

export interface LinkSource {
  readonly plan: Plan;
  readonly schema: GraphQLSchema;
  readonly locals: readonly unknown[];
  readonly context: LinkContext;
  readonly planBranches: PlanBranches | null;
  readonly codegen: CodegenMode;
}

/** When code is generated for what a plan writes: when it has proved hot, at once, or never. */
export type CodegenMode = 'auto' | 'always' | 'never';

const NO_TASKS: ReadonlySet<number> = new Set();

/** Of tasks that have none; never pushed to. */
const NO_IDS: number[] = [];

/** A plan whose names were resolved: what the scheduler runs. Grows when the plan does. */
export class LinkedPlan {
  readonly source: LinkSource;
  readonly plan: Plan;
  readonly steps: LinkedStep[] = [];
  readonly tasks: Task[] = [];
  readonly layerTasks: (Task | null)[] = [];
  /** Abstract outputs by the step that yields their type names. */
  readonly abstracts: Map<number, { readonly task: Task; readonly outputs: number[] }> = new Map();
  /** Edges from new tasks to tasks that were there before, for runs under way. */
  readonly lateEdges: { readonly from: number; readonly to: number }[] = [];
  /** What the output rooms keep for this plan: compiled writers. */
  compiled: Map<unknown, unknown> | null = null;
  /** How many bytes the next response may have, where the last one was large; else 0. */
  largeResponse = 0;
  /** Tasks that only the source of a subscription's events needs. */
  streamTasks: ReadonlySet<number> = NO_TASKS;
  streamOnlyTasks: ReadonlySet<number> = NO_TASKS;
  #within: Map<number, { readonly of: number; readonly tasks: ReadonlySet<number> }> | null = null;
  #outputs = 0;
  #required: { readonly of: number; readonly steps: ReadonlySet<number> } | null = null;
  /** By layer how many of its contributions are connected. */
  #contributions: Map<number, number> | null = null;

  constructor(source: LinkSource) {
    this.source = source;
    this.plan = source.plan;
    this.grow();
    if (this.plan.stream !== -1) this.#separateStream();
  }

  /** Links what the plan has more than when this was last called. */
  grow(): void {
    const { steps, layers } = this.plan;
    const before = this.tasks.length;
    for (let id = this.steps.length; id < steps.length; id++) this.#addStep(id, steps[id] as StepNode);
    for (let id = this.layerTasks.length; id < layers.length; id++) this.#addLayer(id, layers[id] as LayerNode);
    this.#addAbstracts();
    for (const step of this.steps) if (step.task.dependencies.length === 0) this.#connectStep(step);
    for (const task of this.layerTasks) if (task !== null && task.dependencies.length === 0) this.#connectLayer(task);
    this.#connectContributions();
    // Lists that grew by pushing have room that these never need.
    for (let id = before; id < this.tasks.length; id++) {
      const task = this.tasks[id] as Task;
      if (task.dependencies.length > 1) task.dependencies = task.dependencies.slice();
      if (task.dependents.length > 1) task.dependents = task.dependents.slice();
    }
  }

  #addStep(id: number, node: StepNode): void {
    const instance = linkStep(node, this.source);
    const layer = this.plan.layers[node.layer] as LayerNode;
    const task = this.#addTask('step', id, this.#phaseOf(node.layer));
    const batchKey = node.op === 'entry' ? null : instance.batchKey();
    const inputs = node.dependencies.some(isOrder) ? node.dependencies.filter((of) => !isOrder(of)) : node.dependencies;
    const isEntry = node.op === 'entry';
    this.steps.push({ id, node, instance, singular: layer.singular, isEntry, inputs, batchKey, task });
  }

  #addLayer(id: number, node: LayerNode): void {
    this.layerTasks.push(node.kind === 'root' ? null : this.#addTask('layer', id, this.#phaseOf(id)));
  }

  #addTask(kind: Task['kind'], of: number, phase: number): Task {
    const task: Task = { id: this.tasks.length, kind, of, dependencies: NO_IDS, dependents: NO_IDS, phase };
    this.tasks.push(task);
    return task;
  }

  #phaseOf(layer: number): number {
    for (let id = layer; id !== -1; id = (this.plan.layers[id] as LayerNode).parent) {
      if (this.plan.layers[id]?.kind === 'mutation') return id;
    }
    return -1;
  }

  #addAbstracts(): void {
    const { outputs } = this.plan;
    for (; this.#outputs < outputs.length; this.#outputs++) {
      const output = outputs[this.#outputs];
      if (output?.kind !== 'abstract') continue;
      let abstract = this.abstracts.get(output.typename);
      if (abstract === undefined) {
        const typename = this.steps[output.typename] as LinkedStep;
        const task = this.#addTask('dispatch', output.typename, typename.task.phase);
        this.#connect(typename.task, task);
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

  #connectStep({ node, task }: LinkedStep): void {
    for (const { step, layer } of node.dependencies) {
      this.#connect((this.steps[step] as LinkedStep).task, task);
      this.#connectToLayer(layer, task);
    }
    this.#connectToLayer(node.layer, task);
  }

  #connectToLayer(layer: number, task: Task): void {
    const opened = layer === -1 ? null : this.layerTasks[layer];
    if (opened != null) this.#connect(opened, task);
  }

  #connectLayer(task: Task): void {
    const node = this.plan.layers[task.of] as LayerNode;
    this.#connectToLayer(node.parent, task);
    if (node.source === -1) return;
    this.#connect((this.steps[node.source] as LinkedStep).task, task);
    const abstract = this.abstracts.get(node.source);
    if ((node.kind === 'type' || node.kind === 'combine') && abstract !== undefined) this.#connect(abstract.task, task);
  }

  #connectContributions(): void {
    this.plan.layers.forEach((node, id) => {
      if (node.contributions === null) return;
      this.#contributions ??= new Map();
      const task = this.layerTasks[id] as Task;
      for (let index = this.#contributions.get(id) ?? 0; index < node.contributions.length; index++) {
        const { layer, step } = node.contributions[index] as { layer: number; step: number };
        for (const from of [(this.steps[step] as LinkedStep).task, this.layerTasks[layer] as Task]) {
          if (task.dependencies.includes(from.id)) continue;
          this.#connect(from, task);
          this.lateEdges.push({ from: from.id, to: task.id });
        }
      }
      this.#contributions.set(id, node.contributions.length);
    });
  }

  #separateStream(): void {
    const stream = (this.steps[this.plan.stream] as LinkedStep).task;
    const closure = new Set<number>();
    const add = (id: number): void => {
      if (closure.has(id)) return;
      closure.add(id);
      for (const dependency of (this.tasks[id] as Task).dependencies) add(dependency);
    };
    add(stream.id);
    const outputReads = new Set<number>();
    for (const output of this.plan.outputs) {
      if (output.kind !== 'object') continue;
      for (const { position, requires } of output.fields) outputReads.add(position.read.step).add(requires);
    }
    const only = new Set<number>([stream.id]);
    for (const id of [...closure].sort((a, b) => b - a)) {
      const task = this.tasks[id] as Task;
      if (task.kind === 'step' && outputReads.has(task.of)) continue;
      if (task.dependents.length > 0 && task.dependents.every((dependent) => only.has(dependent))) only.add(id);
    }
    this.streamTasks = closure;
    this.streamOnlyTasks = only;
  }

  /** Whether a position that may not be null is read from the register of a step. */
  requires(step: number): boolean {
    const { length } = this.plan.outputs;
    if (this.#required?.of !== length) this.#required = { of: length, steps: requiredSteps(this.plan) };
    return this.#required.steps.has(step);
  }

  /** The tasks of a layer and of those that lie in it. */
  tasksWithin(layer: number): ReadonlySet<number> {
    this.#within ??= new Map();
    const known = this.#within.get(layer);
    if (known !== undefined && known.of === this.tasks.length) return known.tasks;
    const tasks = new Set<number>();
    for (const { id, kind, of } of this.tasks) {
      const own = kind === 'layer' ? of : (this.plan.steps[of] as StepNode).layer;
      if (liesIn(this.plan, own, layer)) tasks.add(id);
    }
    this.#within.set(layer, { of: this.tasks.length, tasks });
    return tasks;
  }
}

function requiredSteps({ outputs, layers }: Plan): ReadonlySet<number> {
  const steps = new Set<number>();
  const add = ({ nonNull, read, output }: PositionNode, entry = -1): void => {
    if (!nonNull) return;
    steps.add(read.step === -1 ? entry : read.step);
    const node = outputs[output];
    if (node?.kind === 'abstract') steps.add(node.typename);
  };
  for (const output of outputs) {
    if (output.kind === 'list') add(output.item, layers[output.layer]?.entry);
    else if (output.kind === 'abstract') for (const { position } of output.branches) add(position);
    else if (output.kind === 'object') {
      for (const { position, requires } of output.fields) {
        add(position);
        if (position.nonNull) steps.add(requires);
      }
    }
  }
  return steps;
}

function isOrder({ kind }: DependencyNode): boolean {
  return kind === 'order';
}

/** Whoever planned it has registered its class; where it was imported, somebody has looked for it. */
function linkStep(node: StepNode, { locals, context }: LinkSource): Step {
  const stepClass = findStepClass(node.op) as StepClass;
  return stepClass.fromParams(linkParams(node, locals) as never, context);
}

/** The params themselves, where each of them is what it stands for. */
function linkParams({ params }: StepNode, locals: readonly unknown[]): Record<string, unknown> {
  const given = params as Record<string, unknown>;
  if (isAsItStands(given)) return given;
  const linked: Record<string, unknown> = {};
  for (const name in given) {
    const value = given[name];
    linked[name] = isReference(value) ? dereference(value, locals) : unquoteParam(value as Json);
  }
  return linked;
}

function isAsItStands(params: Record<string, unknown>): boolean {
  for (const name in params) {
    const value = params[name];
    if (isReference(value) || unquoteParam(value as Json) !== value) return false;
  }
  return true;
}

/** In the process that planned it a function is itself; in another it is found by its name, as was made sure of. */
function dereference({ $ref, local }: ParamReference, locals: readonly unknown[]): unknown {
  return local < locals.length ? locals[local] : findReference($ref as string);
}
