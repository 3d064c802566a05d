import { type FieldNode, type GraphQLError, locatedError } from 'graphql';
import type { ObjectOutput, FieldNode as PlannedField } from '../../plan/Plan.ts';
import { Exit, Failure } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { Driver } from '../driver/Driver.ts';
import { UNFINISHED } from '../state/errors.ts';
import type { RunState } from '../state/RunState.ts';
import { type Assembly, ObjectAssembly } from './Assembly.ts';
import { Hole, type HolePlace, NullableGroup, type Spot } from './Hole.ts';
import type { RowMapper } from './rowMappers.ts';
import { typedPath } from './typedPath.ts';

/** The outcome of a position when an error or a null in it must go up to the nearest position that may be null. */
export const BUBBLE: unique symbol = Symbol('bubble');

/** The value of a position while it is a promise: the position becomes a hole. */
export const PENDING: unique symbol = Symbol('pending');

/** The outcome of a leaf whose value cannot be written as it is: nothing was written. */
export const OTHER: unique symbol = Symbol('other');

/** The field that a position belongs to, for error messages. */
export type FieldPlace = Pick<PlannedField, 'coordinate' | 'nodes'>;

/**
 * Completes a position: implements `CompleteValue` of the GraphQL specification. The form of the response decides what
 * it returns, except for `BUBBLE`.
 */
export type Complete<TState extends OutputState> = (state: TState, value: unknown, row: number) => unknown;

/** An object of which some fields may be delivered after it. */
export interface DeferrableObject {
  /** Its number among the plan's outputs. */
  readonly id: number;
  readonly node: ObjectOutput;
  /** Writes some of the fields, given by their places in the list of fields. */
  subset(fields: readonly number[]): Complete<OutputState>;
}

/** A list whose later items may be delivered after it. */
export interface ListSite {
  /** Its number among the plan's outputs. */
  readonly list: number;
  readonly layer: number;
  readonly label: string | null;
  readonly place: FieldPlace;
  /** Writes the item in a row of the layer. */
  readonly complete: Complete<OutputState>;
  /** From rows where the list stands to rows of the layer's parent. Null: they are the same. */
  readonly toParentRow: RowMapper | null;
}

/** Takes note, while a response is written, of its parts that are delivered after it. */
export interface LaterParts {
  /** The deferred fragments around the current position. A hole keeps them for when it is filled. */
  context: unknown;
  /** Writes the fields of an object that are delivered with it, and notes the others. */
  object(state: OutputState, object: DeferrableObject, value: unknown, row: number): unknown;
  /** Notes the items of a written list that are still to come. */
  list(state: OutputState, site: ListSite, row: number): void;
  /** Forgets everything below a path, which became null. */
  drop(path: readonly (string | number)[]): void;
}

/** Fills the holes that were left in a response. */
export interface HoleOwner {
  /** The promise of a hole was fulfilled with `outcome`, or rejected: then that is a `Failure`. */
  settle(hole: Hole, outcome: unknown): void;
}

/** The state of writing one response: where it is, and what went wrong. The same for every form of output. */
export class OutputState {
  /** The data to write: that of the run, or a snapshot of it. */
  run: RunState;
  /** The run that the response is of. */
  readonly driver: Driver;
  errors: GraphQLError[] = [];
  /** The holes in the part that is being written, in the order of the response. */
  spots: Spot[] = [];
  /** Null until the first writing has left holes. */
  owner: HoleOwner | null = null;
  /** Holes that wait for the run. */
  unfinished: Hole[] = [];
  /** `BUBBLE` stands for a value that the run does not have yet, not for a null. */
  isUnfinished = false;
  /** The response path: the first `depth` entries count. Kept by plain stores, so that it costs next to nothing. */
  readonly path: (string | number)[] = [];
  depth = 0;
  /** With `onError: 'HALT'` the first error ends the response. */
  halted = false;
  /** Null where everything is delivered at once. */
  laterParts: LaterParts | null = null;
  #promise: Promise<unknown> | null = null;

  constructor(driver: Driver) {
    this.run = driver.state;
    this.driver = driver;
  }

  /** Where the next bytes go. Responses as objects have none. */
  get position(): number {
    return 0;
  }

  set position(_position: number) {}

  /** Where the bytes of the data begin. */
  get start(): number {
    return 0;
  }

  beginAssembly(root: Hole): Assembly {
    return new ObjectAssembly(root);
  }

  /** Records a field error. Returns the outcome of the position. */
  fail(place: FieldPlace, error: unknown, nonNull: boolean): typeof BUBBLE | null {
    if (error === UNFINISHED) {
      this.isUnfinished = true;
      return BUBBLE;
    }
    this.errors.push(this.#locate(place, error));
    const { onError } = this.run.request;
    if (onError === 'HALT') {
      this.halted = true;
      return BUBBLE;
    }
    return nonNull && onError !== 'NULL' ? BUBBLE : null;
  }

  #locate(place: FieldPlace, error: unknown): GraphQLError {
    return locatedError(error, this.#includedNodes(place), this.path.slice(0, this.depth));
  }

  #includedNodes({ nodes }: FieldPlace): FieldNode[] {
    const { context } = this.driver.linked.source;
    return nodes.filter(({ guard }) => this.run.holds(guard)).map(({ node }) => context.fieldNode(node) as FieldNode);
  }

  /** The outcome of a position whose value is null. */
  failNull(place: FieldPlace, nonNull: boolean): typeof BUBBLE | null {
    if (!nonNull) return null;
    return this.fail(place, new Error(`Cannot return null for non-nullable field ${place.coordinate}.`), true);
  }

  /** The outcome of a position when something below it bubbled up. The first `spots` holes are not below it. */
  absorb(nonNull: boolean, spots: number): typeof BUBBLE | null {
    if (this.isUnfinished) return BUBBLE;
    this.laterParts?.drop(this.path.slice(0, this.depth));
    for (let index = spots; index < this.spots.length; index++) (this.spots[index] as Spot).isOver = true;
    this.spots.length = spots;
    return nonNull || this.halted ? BUBBLE : null;
  }

  /** A position that may be null was written, from `start` on, and the holes after the first `spots` are below it. */
  group(spots: number, start: number): void {
    const path = this.path.slice(0, this.depth);
    this.spots.push(new NullableGroup(path, this.errors.length, start, this.position, this.spots.splice(spots)));
  }

  /**
   * Looks at a value that may be more than a value: failures, exits, errors and promises become a value, a `Failure`, or
   * `PENDING`, which `leave` makes a hole.
   */
  look(value: unknown): unknown {
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return value;
    try {
      if (isPromiseLike(value)) {
        this.#promise = Promise.resolve(value);
        return PENDING;
      }
      if (value instanceof Exit) return value.value;
      return value instanceof Error ? new Failure(value) : value;
    } catch (error) {
      // A getter or proxy of the value threw.
      return new Failure(error);
    }
  }

  /** Calls a function that the output found in the place of a field's value. */
  callField(place: FieldPlace, owner: unknown, method: () => unknown): unknown {
    const path = typedPath(this.driver.linked, this.run, this.path.slice(0, this.depth));
    const { context } = this.driver.linked.source;
    const nodes = this.#includedNodes(place);
    try {
      return context.callField(place.coordinate, nodes, path, this.driver.rootContext(), owner, method);
    } catch (error) {
      return new Failure(error);
    }
  }

  /**
   * Leaves a hole at the current position. `complete` is given the value of the promise, or a `Failure`, when it is
   * there. `output` will write the value; -1 where nothing in it is read. Nothing is written for a hole.
   */
  leave(
    complete: Complete<never>,
    row: number,
    output: number,
    promise: Promise<unknown> = this.#promise as Promise<unknown>,
  ): undefined {
    const hole = new Hole(this.#place(), complete, undefined, row, output);
    const settle = (outcome: unknown): void => {
      if (this.owner !== null) this.owner.settle(hole, outcome);
      else this.unread(output, outcome);
    };
    const fail = (error: unknown): void => settle(new Failure(error));
    try {
      promise.then(settle, fail);
    } catch (error) {
      // Its class does not let a promise be derived.
      queueMicrotask(() => fail(error));
    }
    this.spots.push(hole);
  }

  /** Leaves a hole at a position whose value the run does not have yet. `complete` is given `value` again. */
  leaveUnfinished(complete: Complete<never>, value: unknown, row: number): undefined {
    this.isUnfinished = false;
    const hole = new Hole(this.#place(), complete, value, row, -1);
    this.unfinished.push(hole);
    this.spots.push(hole);
  }

  #place(): HolePlace {
    return {
      path: this.path.slice(0, this.depth),
      errorsBefore: this.errors.length,
      at: this.position,
      context: this.laterParts?.context,
    };
  }

  /** Goes to a hole, whose position is written as a part of its own. */
  moveTo({ path, context }: Hole): void {
    for (let depth = 0; depth < path.length; depth++) this.path[depth] = path[depth] as string | number;
    this.depth = path.length;
    this.errors = [];
    this.spots = [];
    if (this.laterParts !== null) this.laterParts.context = context;
  }

  /** A value came that nobody reads any more: promises in it are watched. */
  unread(output: number, value: unknown): void {
    if (value instanceof Failure) return;
    const { unwatched } = this.driver.state;
    unwatched.arm();
    unwatched.value(output, value);
  }
}
