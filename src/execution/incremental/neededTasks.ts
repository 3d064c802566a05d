import type { FieldNode, ListOutput, ObjectOutput, OutputNode, PositionNode } from '../../plan/Plan.ts';
import type { LinkedPlan, LinkedStep, Task } from '../link/LinkedPlan.ts';
import type { DeliveredWith, DeliveryChoice } from './DeliveryChoice.ts';

/** Something that is to be delivered: fields of an object, or a position. */
export interface Demand {
  readonly whole: DeliveredWith;
  readonly object: number;
  /** Places in the object's list of fields; null: the object as a whole, as far as it is delivered with `whole`. */
  readonly fields: readonly number[] | null;
  /** In the place of an object: the items of a list output. */
  readonly items: number;
}

/**
 * The tasks that what is delivered together waits for: what its outputs read, and all that this depends on (8.3).
 * What is delivered later is not among it, and so does not run yet.
 */
export function neededTasks(linked: LinkedPlan, choice: DeliveryChoice, demand: Demand): Set<number> {
  const walk = new Walk(linked, choice, demand.whole);
  const { outputs } = linked.plan;
  if (demand.items !== -1) walk.items(outputs[demand.items] as ListOutput);
  else if (demand.fields === null) walk.output(demand.object);
  else walk.fields(outputs[demand.object] as ObjectOutput, demand.fields);
  return walk.withDependencies();
}

class Walk {
  readonly #linked: LinkedPlan;
  readonly #choice: DeliveryChoice;
  readonly #whole: DeliveredWith;
  readonly #seen = new Set<number>();
  readonly #tasks = new Set<number>();

  constructor(linked: LinkedPlan, choice: DeliveryChoice, whole: DeliveredWith) {
    this.#linked = linked;
    this.#choice = choice;
    this.#whole = whole;
  }

  output(id: number): void {
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    const output = this.#linked.plan.outputs[id] as OutputNode;
    switch (output.kind) {
      case 'object':
        this.#layer(output.layer);
        return this.fields(output, this.#choice.partition(id, this.#whole).inPlace);
      case 'list':
        return this.items(output);
      case 'abstract':
        this.#layer(output.layer);
        this.#step(output.typename);
        this.#add(this.#linked.abstracts.get(output.typename)?.task);
        for (const { layer, position } of output.branches) {
          this.#layer(layer);
          this.position(position);
        }
        return;
      default:
    }
  }

  fields({ fields }: ObjectOutput, indexes: readonly number[]): void {
    for (const index of indexes) {
      const { position, requires, phase, effects } = fields[index] as FieldNode;
      this.#layer(phase);
      this.#step(requires);
      for (const effect of effects) this.#step(effect);
      this.position(position);
    }
  }

  items({ layer, item }: ListOutput): void {
    this.#layer(layer);
    this.position(item);
  }

  position({ read, output }: PositionNode): void {
    this.#step(read.step);
    this.output(output);
  }

  #step(id: number): void {
    if (id !== -1) this.#add((this.#linked.steps[id] as LinkedStep).task);
  }

  #layer(id: number): void {
    if (id !== -1) this.#add(this.#linked.layerTasks[id]);
  }

  #add(task: Task | null | undefined): void {
    if (task != null) this.#tasks.add(task.id);
  }

  /** Sets are gone through in the order of insertion, what is added on the way included. */
  withDependencies(): Set<number> {
    for (const id of this.#tasks) {
      for (const dependency of (this.#linked.tasks[id] as Task).dependencies) this.#tasks.add(dependency);
    }
    return this.#tasks;
  }
}
