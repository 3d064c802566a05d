import type { Plan, PositionNode } from '../../plan/Plan.ts';
import { beginPart } from '../../step/partsOfRequests.ts';
import type { Failure } from '../../step/signals.ts';
import type { Decides } from '../../utils/collectItems.ts';
import { isIterableObject } from '../../utils/isIterableObject.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { rowAt } from '../../utils/rowAt.ts';
import type { DeadlineClock } from './DeadlineClock.ts';
import { evaluateGuard } from './guards.ts';
import type { ListReadings } from './ListReadings.ts';
import type { Request } from './Request.ts';
import { SharedValues } from './SharedValues.ts';
import type { StepPositions } from './StepPositions.ts';
import { Unwatched } from './Unwatched.ts';

/** The part of a plan that runs: all of it, the source of a subscription's events, or one event. */
export type Stage = 'all' | 'stream' | 'event';

/** A plan, and the places of its registers' readers: all its runs share it. */
export interface RunnablePlan {
  readonly plan: Plan;
  readonly positions: StepPositions;
}

/** All data of one execution of a plan: a register for each step, the rows of each layer. */
export class RunState {
  readonly plan: Plan;
  readonly request: Request;
  readonly stage: Stage;
  /** The value of the `event` layer's entry. */
  readonly event: unknown;
  /** By step: the list of its values, or for a step of a singular layer the bare value. */
  readonly registers: unknown[];
  /** By step: whether its register holds failures or exits. Absent means no. */
  readonly hasSignals: boolean[] = [];
  /** By layer: the number of rows. */
  readonly sizes: number[];
  /** By layer: for each row the row of the parent layer. Null or absent: the rows are the same. */
  readonly parentRows: (Int32Array | null)[];
  /** By list layer: where the rows of each parent row begin. */
  readonly offsets: (Int32Array | null)[];
  /** By layer: for each parent row the row here, or -1. Made when the output first needs it. */
  readonly inverses: (Int32Array | null)[] = [];
  /** By list layer: for each row its index in its list. Absent: the distance from the first row of the list. */
  readonly itemIndexes: Int32Array[] = [];
  /** By list layer: lists that threw while they were read for it, with their failures. */
  listFailures: (Map<object, Failure> | undefined)[] | null = null;
  /** In a snapshot, the list layers whose rows are still to come; null: none. */
  unopened: Set<number> | null = null;
  /** Values that the output has not read yet. */
  readonly unwatched: Unwatched;
  /** The values of `extra.shared`. */
  readonly shared: SharedValues;
  /** Why nothing new starts any more, or null. `CancelScope` sets it. */
  aborted: { readonly error: unknown } | null = null;
  /** Aborts the run when it is looked at after the deadline. Null: there is no deadline. */
  clock: DeadlineClock | null = null;
  /** Tells which item of a list is the last that is read. The driver knows. */
  decidingItem: (item: PositionNode) => Decides | null = noneDecides;
  /** Steps with rows that are null or over, since the last question. */
  possibleBubbles: number[] | null = null;
  readonly #guards: boolean[] = [];

  /** `shared`: that of the run that this one goes on with; else it has its own. */
  constructor(
    { plan, positions }: RunnablePlan,
    request: Request,
    stage: Stage,
    event: unknown,
    shared: SharedValues = new SharedValues(),
  ) {
    this.plan = plan;
    this.request = request;
    this.stage = stage;
    this.event = event;
    this.shared = shared;
    this.registers = new Array(plan.steps.length);
    this.unwatched = new Unwatched(positions, this.registers, (list, item) => this.#readEarly(list, item));
    // Lists that grow take room for many more.
    const { length } = plan.layers;
    this.parentRows = new Array(length);
    this.offsets = new Array(length);
    this.sizes = new Array(length);
    for (let layer = 1; layer < length; layer++) this.sizes[layer] = 0;
    this.sizes[0] = 1;
  }

  /** The value that the fields of the root object are read from. */
  get rootValue(): unknown {
    return this.stage === 'event' ? this.event : this.request.rootValue;
  }

  /** The items that were read of lists that are no arrays. */
  get lists(): ListReadings {
    return this.shared.lists;
  }

  /**
   * An effect has ended, or a mutation field begins: what steps read from now on is read anew (rule R19), also by a context
   * that no step has read from yet.
   */
  renew(): void {
    try {
      beginPart(this.request.contextValue, (key, create) => this.shared.get(key, create));
    } catch {
      // a context that throws when it is looked at: the steps that read from it meet the error themselves
    }
    this.shared.forget();
  }

  #readEarly(list: object, item: PositionNode): readonly unknown[] | null {
    if (!isIterableObject(list)) return null;
    const decides = this.request.onError === 'NULL' ? null : this.decidingItem(item);
    return this.lists.readEarly(list, this.untilOverdue(decides));
  }

  /** The same test for the items of a list, which throws when the deadline has passed: a list may be without end. */
  untilOverdue(decides: Decides | null): Decides | null {
    const { clock } = this;
    if (clock === null) return decides;
    return (item) => {
      clock.tick();
      if (this.aborted !== null) throw this.aborted.error;
      return decides?.(item) === true;
    };
  }

  /** Takes over the values of a step from another state of the same plan. */
  adoptStep(from: RunState, step: number): void {
    this.registers[step] = from.registers[step];
    if (from.hasSignals[step]) this.hasSignals[step] = true;
  }

  /**
   * Takes over the rows of a layer from another state of the same plan, with the values of its entry: where no part needs
   * the entry's own task, that is never done.
   */
  adoptLayer(from: RunState, layer: number): void {
    const { entry } = nodeAt(this.plan.layers, layer);
    if (entry !== -1) this.adoptStep(from, entry);
    this.sizes[layer] = rowAt(from.sizes, layer);
    this.parentRows[layer] = from.parentRows[layer] as Int32Array | null;
    this.offsets[layer] = from.offsets[layer] as Int32Array | null;
    const indexes = from.itemIndexes[layer];
    if (indexes !== undefined) this.itemIndexes[layer] = indexes;
  }

  /** Makes room for the parts that the plan has gained. */
  grow(): void {
    const { steps, layers } = this.plan;
    for (let id = this.registers.length; id < steps.length; id++) this.registers.push(undefined);
    for (let id = this.sizes.length; id < layers.length; id++) this.sizes.push(0);
  }

  /** Whether a guard holds for the variables of this request. */
  holds(guard: number): boolean {
    if (guard === 0) return true;
    let holds = this.#guards[guard];
    if (holds === undefined) {
      holds = evaluateGuard(this.plan.guards, guard, this.request.conditions, (of) => this.holds(of));
      this.#guards[guard] = holds;
    }
    return holds;
  }

  /** Rows of a step are null or over: a non-null position may have become null. */
  notePossibleBubble(step: number): void {
    if (this.possibleBubbles === null) this.possibleBubbles = [step];
    else this.possibleBubbles.push(step);
  }
}

const noneDecides = (): null => null;
