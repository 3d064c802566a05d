import { type FieldNode, type GraphQLError, locatedError } from 'graphql';
import type { ObjectOutput, FieldNode as PlannedField } from '../../plan/Plan.ts';
import { Exit, Failure } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { nativePromise } from '../../utils/nativePromise.ts';
import type { Driver } from '../driver/Driver.ts';
import type { Progress } from '../driver/Progress.ts';
import { UNFINISHED } from '../state/errors.ts';
import type { RunState } from '../state/RunState.ts';
import { type Assembly, ObjectAssembly } from './Assembly.ts';
import { Hole, type HolePlace, NullableGroup, type Spot } from './Hole.ts';
import type { RowMapper } from './rowMappers.ts';
import { typedPath } from './typedPath.ts';

/** The outcome of a position whose error or null must bubble to the nearest nullable position. */
export const BUBBLE: unique symbol = Symbol('bubble');

/** Stands for a value that is a promise. The position becomes a hole. */
export const PENDING: unique symbol = Symbol('pending');

/** The outcome of a leaf whose value cannot be written as it is: nothing was written. */
export const OTHER: unique symbol = Symbol('other');

const NO_PROMISE: Promise<unknown> = Promise.resolve();

/** The field that a position belongs to, for error messages. */
export type FieldPlace = Pick<PlannedField, 'coordinate' | 'nodes'>;

/**
 * Completes a position: implements `CompleteValue` of the GraphQL specification. The result depends on the form of the
 * response, except for `BUBBLE`.
 */
export type Complete<TState extends OutputState> = (state: TState, value: unknown, row: number) => unknown;

/** An object some of whose fields may be delivered after it. */
export interface DeferrableObject {
  /** Its number among the plan's outputs. */
  readonly id: number;
  readonly node: ObjectOutput;
  /** Writes some of the fields, given by their indexes in the list of fields. */
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
  /** Maps rows of the list's position to rows of the layer's parent. Null: they are the same. */
  readonly toParentRow: RowMapper | null;
}

/** Records, while a response is written, its parts that are delivered after it. */
export interface LaterParts {
  /** The deferred fragments around the current position. A hole keeps them for when it is filled. */
  context: unknown;
  /** Writes the fields of an object that are delivered with it, and records the others. */
  object(state: OutputState, object: DeferrableObject, value: unknown, row: number): unknown;
  /** Records the items of a written list that are still to come. */
  list(state: OutputState, site: ListSite, row: number): void;
  /** Forgets everything below a path that became null. */
  drop(path: readonly (string | number)[]): void;
}

/** Fills the holes that were left in a response. */
export interface HoleOwner {
  /** The promise of a hole has settled. `outcome` is its value, or a `Failure` if it was rejected. */
  settle(hole: Hole, outcome: unknown): void;
}

/** The state of writing one response: current path, errors, holes. All forms of responses share it. */
export class OutputState {
  /** The data to write: the run's state, or a snapshot of it. */
  run: RunState;
  /** The run that is answered. */
  readonly driver: Driver;
  /** The progress of the steps that the output waits for. */
  progress: Progress;
  errors: GraphQLError[] = [];
  /** The holes in the part that is being written, in the order of the response. */
  spots: Spot[] = [];
  /** Null until writing has left holes. */
  owner: HoleOwner | null = null;
  /** Holes that wait for the run. */
  unfinished: Hole[] = [];
  /** The current `BUBBLE` means that the run does not have a value yet, not that there is a null. */
  isUnfinished = false;
  /** The response path: its first `depth` entries. Updated by plain stores, which cost next to nothing. */
  readonly path: (string | number)[] = [];
  depth = 0;
  /** With `onError: 'HALT'` the first error ends the response. */
  halted = false;
  /** Null where everything is delivered at once. */
  laterParts: LaterParts | null = null;
  /** The promise that `look` found. */
  promise: Promise<unknown> = NO_PROMISE;
  /** The prototype of the last value that a look found plain: no value that has it is an error or a signal. */
  known: object | null = Object.prototype;

  constructor(driver: Driver) {
    this.run = driver.state;
    this.driver = driver;
    this.progress = driver;
  }

  /** Where the next bytes go. Unused for responses as objects. */
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

  /** The outcome of a position when something below it bubbled. The first `spots` holes are not below it. */
  absorb(nonNull: boolean, spots: number, output: number, value: unknown): typeof BUBBLE | null {
    // A getter's value is stored nowhere else.
    this.driver.state.unwatched.value(output, value);
    if (this.isUnfinished) return BUBBLE;
    this.laterParts?.drop(this.path.slice(0, this.depth));
    for (const spot of this.spots.splice(spots)) spot.isOver = true;
    return nonNull || this.halted ? BUBBLE : null;
  }

  /** Groups the holes below a nullable position: all but the first `spots`. Its bytes begin at `start`. */
  group(spots: number, start: number): void {
    const path = this.path.slice(0, this.depth);
    this.spots.push(new NullableGroup(path, this.errors.length, start, this.position, this.spots.splice(spots)));
  }

  /**
   * Resolves failures, exits, errors and promises: returns a plain value, a `Failure`, or `PENDING`. The caller turns
   * `PENDING` into a hole with `leave`. Where the given value itself is returned, it is plain.
   */
  look(value: unknown): unknown {
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return value;
    try {
      if (isPromiseLike(value)) return this.promised(value);
      const prototype: object | null = Object.getPrototypeOf(value);
      // Lists and their items come in turn.
      if (prototype === this.known || prototype === Array.prototype) return value;
      return this.unfamiliar(value, prototype);
    } catch (error) {
      // A getter or proxy of the value threw.
      return new Failure(error);
    }
  }

  /** The outcome of a look that found a promise. */
  promised(promise: PromiseLike<unknown>): typeof PENDING {
    this.promise = nativePromise(promise);
    return PENDING;
  }

  /** The outcome of a look at an object that is no promise and has another prototype than `known`: the object, if it is plain. */
  unfamiliar(value: object, prototype: object | null): unknown {
    if (value instanceof Exit) return value.value;
    if (value instanceof Error) return new Failure(value);
    if (value instanceof Failure) return new Failure(value.error);
    // An object that somebody made with the prototype of signals tells nothing of others that have it.
    if (prototype !== Failure.prototype && prototype !== Exit.prototype) this.known = prototype;
    return value;
  }

  /** Calls a function that was found as a field's value. */
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
   * Leaves a hole at the current position and writes nothing. When the promise settles, `complete` gets its value or a
   * `Failure`. `output` will write the value; -1: nothing inside the value is read.
   */
  leave(complete: Complete<never>, row: number, output: number, promise: Promise<unknown> = this.promise): undefined {
    const hole = new Hole(this.#place(), complete, undefined, row, output);
    const settle = (outcome: unknown): void => {
      if (this.owner !== null) this.owner.settle(hole, outcome);
      else this.unread(output, outcome);
    };
    const fail = (error: unknown): void => settle(new Failure(error));
    try {
      promise.then(settle, fail);
    } catch (error) {
      // The promise's class does not let a promise be derived: it has a species that throws.
      queueMicrotask(() => fail(error));
    }
    this.spots.push(hole);
  }

  /** Leaves a hole at a position whose value the run does not have yet. Later `complete` gets `value`. */
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

  /** Moves to a hole, to write its position as a separate part. */
  moveTo({ path, context }: Hole): void {
    for (const [depth, key] of path.entries()) this.path[depth] = key;
    this.depth = path.length;
    this.errors = [];
    this.spots = [];
    if (this.laterParts !== null) this.laterParts.context = context;
  }

  /** A value arrived that nothing reads any more. Promises in it are watched. */
  unread(output: number, value: unknown): void {
    if (value instanceof Failure) return;
    const { unwatched } = this.driver.state;
    unwatched.arm();
    unwatched.value(output, value);
  }
}
