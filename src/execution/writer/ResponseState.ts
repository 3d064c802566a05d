import { type FieldNode, type GraphQLError, locatedError } from 'graphql';
import type { ObjectOutput, FieldNode as PlannedField } from '../../plan/Plan.ts';
import { Exit, Failure } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { nativePromise } from '../../utils/nativePromise.ts';
import type { Driver } from '../driver/Driver.ts';
import type { Progress } from '../driver/Progress.ts';
import { UNFINISHED } from '../state/errors.ts';
import type { RunState } from '../state/RunState.ts';
import { NullableAncestor, type PendingNode, PendingPosition, type PositionInPart } from './PendingPosition.ts';
import type { RowMapper } from './rowMappers.ts';
import { typedPath } from './typedPath.ts';

/** The outcome of a position whose error or null must bubble to the nearest nullable position. */
export const BUBBLE: unique symbol = Symbol('bubble');

/** Stands for a value that is a promise. The position becomes a pending position. */
export const PENDING: unique symbol = Symbol('pending');

/** The outcome of a leaf whose value cannot be written as it is: nothing was written. */
export const OTHER: unique symbol = Symbol('other');

const NO_PROMISE: Promise<unknown> = Promise.resolve();

/** The field that a position belongs to, for error messages. */
export type FieldReference = Pick<PlannedField, 'coordinate' | 'nodes'>;

/**
 * Completes a position: implements `CompleteValue` of the GraphQL specification. Returns the value in the response, or
 * `BUBBLE`.
 */
export type Complete = (state: ResponseState, value: unknown, row: number) => unknown;

/** An object that can be written in parts. */
export interface DivisibleObject {
  /** Its number among the plan's outputs. */
  readonly id: number;
  readonly node: ObjectOutput;
  /** Whether a request may deliver fields of it later. */
  readonly mayDefer: boolean;
  /** Writes all fields. */
  readonly whole: Complete;
  /** Writes some of the fields, given by their indexes in the list of fields. */
  subset(fields: readonly number[]): Complete;
}

/** A list whose later items may be delivered after it. */
export interface StreamableList {
  /** Its number among the plan's outputs. */
  readonly list: number;
  readonly layer: number;
  readonly label: string | null;
  readonly place: FieldReference;
  /** Writes the item in a row of the layer. */
  readonly complete: Complete;
  /** Maps rows of the list's position to rows of the layer's parent. Null: they are the same. */
  readonly toParentRow: RowMapper | null;
}

/** Decides which fields of objects are written: not those that are delivered later, or that nobody asked for. */
export interface FieldSelection {
  /** The deferred fragments around the current position. A pending position keeps them for when it is filled. */
  context: unknown;
  /** Writes the selected fields of an object, and records those that are delivered later. */
  object(state: ResponseState, object: DivisibleObject, value: unknown, row: number): unknown;
  /** Records the items of a written list that are still to come. */
  list(state: ResponseState, site: StreamableList, row: number): void;
  /** Forgets everything below a path that became null. */
  drop(path: readonly (string | number)[]): void;
}

/** Fills the pending positions that were left in a response. */
export interface PendingPositionOwner {
  /** The promise of a pending position has settled. `outcome` is its value, or a `Failure` if it was rejected. */
  settle(position: PendingPosition, outcome: unknown): void;
}

/** The state of writing one response: current path, errors, pending positions. */
export class ResponseState {
  /** The data to write: the run's state, or a snapshot of it. */
  run: RunState;
  /** The run that is answered. */
  readonly driver: Driver;
  /** The progress of the steps that the output waits for. */
  progress: Progress;
  errors: GraphQLError[] = [];
  /** The pending positions in the part that is being written, in the order of the response. */
  pending: PendingNode[] = [];
  /** Null until writing has left pending positions. */
  owner: PendingPositionOwner | null = null;
  /** Pending positions that wait for the run. */
  unfinished: PendingPosition[] = [];
  /** The current `BUBBLE` means that the run does not have a value yet, not that there is a null. */
  isUnfinished = false;
  /** The response path: its first `depth` entries. Updated by plain stores, which cost next to nothing. */
  readonly path: (string | number)[] = [];
  depth = 0;
  /** With `onError: 'HALT'` the first error ends the response. */
  halted = false;
  /** Null where all fields are written. */
  selection: FieldSelection | null = null;
  /** The promise that `look` found. */
  promise: Promise<unknown> = NO_PROMISE;
  /** The prototype of the last value that a look found plain: no value that has it is an error or a signal. */
  known: object | null = Object.prototype;

  /** Whether the response will be JSON text: leaves that JSON cannot express are failures of their positions. */
  readonly isText: boolean;

  constructor(driver: Driver, isText: boolean = false) {
    this.run = driver.state;
    this.driver = driver;
    this.progress = driver;
    this.isText = isText;
  }

  /** Records a field error. Returns the outcome of the position. */
  fail(place: FieldReference, error: unknown, nonNull: boolean): typeof BUBBLE | null {
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

  #locate(place: FieldReference, error: unknown): GraphQLError {
    return locatedError(error, this.#includedNodes(place), this.path.slice(0, this.depth));
  }

  #includedNodes({ nodes }: FieldReference): FieldNode[] {
    const { context } = this.driver.linked.source;
    return nodes.filter(({ guard }) => this.run.holds(guard)).map(({ node }) => context.fieldNode(node) as FieldNode);
  }

  /** The outcome of a position whose value is null. */
  failNull(place: FieldReference, nonNull: boolean): typeof BUBBLE | null {
    if (!nonNull) return null;
    return this.fail(place, new Error(`Cannot return null for non-nullable field ${place.coordinate}.`), true);
  }

  /** The outcome of a position when something below it bubbled. The first `pending` pending positions are not below it. */
  absorb(nonNull: boolean, pending: number, output: number, value: unknown): typeof BUBBLE | null {
    // A getter's value is stored nowhere else.
    this.driver.state.unwatched.value(output, value);
    if (this.isUnfinished) return BUBBLE;
    this.selection?.drop(this.path.slice(0, this.depth));
    for (const node of this.pending.splice(pending)) node.isOver = true;
    return nonNull || this.halted ? BUBBLE : null;
  }

  /** Groups the pending positions below a nullable position: all but the first `pending`. */
  group(pending: number): void {
    const path = this.path.slice(0, this.depth);
    this.pending.push(new NullableAncestor(path, this.errors.length, this.pending.splice(pending)));
  }

  /**
   * Resolves failures, exits, errors and promises: returns a plain value, a `Failure`, or `PENDING`. The caller turns
   * `PENDING` into a pending position with `leave`. Where the given value itself is returned, it is plain.
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

  /** The same for a value of a register: it was looked at when it came, so that it can only be a signal. */
  lookInRegister(register: number, value: unknown): unknown {
    if (this.run.hasSignals[register] !== true) return value;
    if (value instanceof Exit) return value.value;
    return value instanceof Failure ? new Failure(value.error) : value;
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
  callField(place: FieldReference, owner: unknown, method: () => unknown): unknown {
    const { state } = this.driver;
    state.clock?.tick();
    if (state.aborted !== null) return new Failure(state.aborted.error);
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
   * Leaves the current position pending: null stands there until it is filled. When the promise settles, `complete` gets its
   * value or a `Failure`. `output` will write the value; -1: nothing inside the value is read.
   */
  leave(complete: Complete, row: number, output: number, promise: Promise<unknown> = this.promise): null {
    const position = new PendingPosition(this.#place(), complete, undefined, row, output);
    const settle = (outcome: unknown): void => {
      if (this.owner !== null) this.owner.settle(position, outcome);
      else this.unread(output, outcome);
    };
    const fail = (error: unknown): void => settle(new Failure(error));
    try {
      promise.then(settle, fail);
    } catch (error) {
      // The promise's class does not let a promise be derived: it has a species that throws.
      queueMicrotask(() => fail(error));
    }
    this.pending.push(position);
    return null;
  }

  /** Leaves a position pending whose value the run does not have yet. Later `complete` gets `value`. */
  leaveUnfinished(complete: Complete, value: unknown, row: number): null {
    this.isUnfinished = false;
    const position = new PendingPosition(this.#place(), complete, value, row, -1);
    this.unfinished.push(position);
    this.pending.push(position);
    return null;
  }

  #place(): PositionInPart {
    return {
      path: this.path.slice(0, this.depth),
      errorsBefore: this.errors.length,
      context: this.selection?.context,
    };
  }

  /** Moves to a pending position, to write its position as a separate part. */
  moveTo({ path, context }: PendingPosition): void {
    for (const [depth, key] of path.entries()) this.path[depth] = key;
    this.depth = path.length;
    this.errors = [];
    this.pending = [];
    if (this.selection !== null) this.selection.context = context;
  }

  /** A value arrived that nothing reads any more. Promises in it are watched. */
  unread(output: number, value: unknown): void {
    if (value instanceof Failure) return;
    const { unwatched } = this.driver.state;
    unwatched.arm();
    unwatched.value(output, value);
  }
}
