import { objectOutput } from '../../plan/outputAt.ts';
import type { DeferNode, FieldNode, ObjectOutput } from '../../plan/Plan.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';

/** The numbers of the deferred fragments that a part belongs to, in order. Empty: the initial response. */
export type DeferSet = readonly number[];

/** Fields of one object that are delivered together, after the object. */
interface LaterFields {
  readonly set: DeferSet;
  /** Indexes in the object's list of fields. */
  readonly fields: readonly number[];
}

/** The deferred fragments that a part of a response is delivered with. */
export interface DeliveredWith {
  readonly set: DeferSet;
  /** For later items of a list, the fragments around the list. Their fields of an item are delivered with the item. */
  readonly passed: DeferSet;
}

/** For the initial response. */
export const NOTHING_DEFERRED: DeliveredWith = { set: [], passed: [] };

/** Which fields of an object are delivered with it, and which later. */
export interface Partition {
  readonly inPlace: readonly number[];
  readonly later: readonly LaterFields[];
}

/**
 * Decides when the fields of a request are delivered (8.2). That depends on the plan and the request's variables, never on
 * data. Decisions are kept for the request.
 */
export class DeferPartitioner {
  readonly #linked: LinkedPlan;
  readonly #holds: (guard: number) => boolean;
  readonly #partitions = new Map<string, Partition>();

  constructor(linked: LinkedPlan, holds: (guard: number) => boolean) {
    this.#linked = linked;
    this.#holds = holds;
  }

  /** The deferred fragments that begin at an object and are deferred in this request. */
  begun({ defers }: ObjectOutput): readonly number[] {
    return defers.filter((defer) => this.#holds(this.#node(defer).guard));
  }

  /** The fields of an object that is part of `whole`. */
  partition(object: number, whole: DeliveredWith): Partition {
    return getOrCreate(this.#partitions, `${object}|${whole.set}|${whole.passed}`, () =>
      this.#divide(objectOutput(this.#linked.plan, object), whole),
    );
  }

  /** The fields of an object, whenever they are delivered. */
  all(object: number, whole: DeliveredWith): readonly number[] {
    const { inPlace, later } = this.partition(object, whole);
    return [...inPlace, ...later.flatMap(({ fields }) => fields)];
  }

  #divide({ fields }: ObjectOutput, { set: own, passed }: DeliveredWith): Partition {
    const inPlace: number[] = [];
    const later = new Map<string, { set: DeferSet; fields: number[] }>();
    fields.forEach((field, index) => {
      if (!this.#holds(field.guard)) return;
      const set = this.#setOf(field, passed);
      const key = `${set}`;
      if (set.length === 0 || key === `${own}`) {
        inPlace.push(index);
        return;
      }
      const group = getOrCreate(later, key, () => ({ set, fields: [] }));
      group.fields.push(index);
    });
    return { inPlace, later: [...later.values()] };
  }

  /** Empty: with its object. A fragment inside another of the set is left out, since that one is delivered first. */
  #setOf({ deliveries }: FieldNode, passed: DeferSet): DeferSet {
    const set = new Set<number>();
    for (const { defer, guard } of deliveries) {
      if (!this.#holds(guard)) continue;
      const deferred = this.deferred(defer);
      if (deferred === -1 || passed.includes(deferred)) return [];
      set.add(deferred);
    }
    const outermost = [...set].filter((defer) => !this.#ancestors(defer).some((outer) => set.has(outer)));
    return outermost.sort((a, b) => a - b);
  }

  /** The fragment, or the nearest one around it, that is deferred in this request; -1: none. */
  deferred(defer: number): number {
    let current = defer;
    while (current !== -1 && !this.#holds(this.#node(current).guard)) current = this.#node(current).parent;
    return current;
  }

  #ancestors(defer: number): number[] {
    const ancestors: number[] = [];
    for (let { parent } = this.#node(defer); parent !== -1; parent = this.#node(parent).parent) ancestors.push(parent);
    return ancestors;
  }

  #node(defer: number): DeferNode {
    return nodeAt(this.#linked.plan.defers, defer);
  }
}
