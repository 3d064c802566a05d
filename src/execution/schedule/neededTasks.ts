import { listOutput, objectOutput } from '../../plan/outputAt.ts';
import type { FieldNode, ListOutput, ObjectOutput, PositionNode } from '../../plan/Plan.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { Task, TaskGraph } from './TaskGraph.ts';

/** A part of the response, given by outputs of the plan. */
export interface TaskRequirement {
  /** An object output; -1: the items of a list are required. */
  readonly object: number;
  /** Places in the object's list of fields; null: all fields that `fieldsOf` gives. */
  readonly fields: readonly number[] | null;
  /** A list output, if `object` is -1. */
  readonly items: number;
}

/**
 * The tasks that a part of the response waits for: those that its outputs read, and all that these depend on (8.3).
 * `fieldsOf` tells which fields of an object belong to the part, by their places.
 */
export function neededTasks(
  graph: TaskGraph,
  { object, fields, items }: TaskRequirement,
  fieldsOf: (object: number) => Iterable<number>,
): Set<number> {
  const walk = new OutputWalk(graph, fieldsOf);
  if (object === -1) walk.items(listOutput(graph.plan, items));
  else if (fields === null) walk.output(object);
  else walk.fields(objectOutput(graph.plan, object), fields);
  return graph.withDependencies(walk.tasks);
}

/** Collects the tasks that outputs read, going down from one output to those in it. */
export class OutputWalk {
  readonly tasks: Set<number> = new Set();
  readonly #graph: TaskGraph;
  readonly #fieldsOf: (object: number) => Iterable<number>;
  readonly #seen = new Set<number>();

  constructor(graph: TaskGraph, fieldsOf: (object: number) => Iterable<number>) {
    this.#graph = graph;
    this.#fieldsOf = fieldsOf;
  }

  output(id: number): void {
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    const output = nodeAt(this.#graph.plan.outputs, id);
    switch (output.kind) {
      case 'object':
        this.layer(output.layer);
        return this.fields(output, this.#fieldsOf(id));
      case 'list':
        return this.items(output);
      case 'abstract':
        this.dispatch(output.typename, output.layer);
        for (const { layer, position } of output.branches) {
          this.layer(layer);
          this.position(position);
        }
        return;
      default:
    }
  }

  fields({ fields }: ObjectOutput, indexes: Iterable<number>): void {
    for (const index of indexes) {
      const field = nodeAt(fields, index);
      this.field(field);
      this.position(field.position);
    }
  }

  /** The work of a field itself, without the value in it. */
  field({ requires, phase, effects }: FieldNode): void {
    this.layer(phase);
    this.step(requires);
    for (const effect of effects) this.step(effect);
  }

  items({ layer, item }: ListOutput): void {
    this.layer(layer);
    this.position(item);
  }

  position({ read, output }: PositionNode): void {
    this.step(read.step);
    this.output(output);
  }

  /** Which type a value of an abstract position has. */
  dispatch(typename: number, layer: number): void {
    this.layer(layer);
    this.step(typename);
    this.#add(this.#graph.abstracts.get(typename)?.task);
  }

  step(id: number): void {
    if (id !== -1) this.#add(this.#graph.stepTasks[id]);
  }

  layer(id: number): void {
    if (id !== -1) this.#add(this.#graph.layerTasks[id]);
  }

  #add(task: Task | null | undefined): void {
    if (task != null) this.tasks.add(task.id);
  }
}
