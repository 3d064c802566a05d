import { type FieldNode, type GraphQLError, locatedError } from 'graphql';
import type { ObjectOutput, FieldNode as PlannedField, PositionNode } from '../../plan/Plan.ts';
import { Exit, Failure } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { watchPromise } from '../../utils/watchPromise.ts';
import type { Driver } from '../driver/Driver.ts';
import { UNFINISHED } from '../state/errors.ts';
import type { RunState } from '../state/RunState.ts';
import type { RowMapper } from './rowMappers.ts';
import { typedPath } from './typedPath.ts';

/** What a position is when an error or a null in it must go up to the nearest position that may be null. */
export const BUBBLE: unique symbol = Symbol('bubble');

/** What a position is while the value that the output found there is still to come. */
export const PENDING: unique symbol = Symbol('pending');

/** What completing a leaf is whose value is not written as it is: nothing was written. */
export const OTHER: unique symbol = Symbol('other');

/** What the output says of the field that a position belongs to, when something is wrong with it. */
export type FieldPlace = Pick<PlannedField, 'coordinate' | 'nodes'>;

/**
 * Completes a position: implements `CompleteValue` of the GraphQL specification. What it returns is the form's
 * business, except for `BUBBLE`.
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
  /** Writes the fields of an object that are delivered with it, and notes the others. */
  object(state: OutputState, object: DeferrableObject, value: unknown, row: number): unknown;
  /** Notes the items of a written list that are still to come. */
  list(state: OutputState, site: ListSite, row: number): void;
  /** Forgets everything below a path: it became null, or it is about to be written once more. */
  drop(path: readonly (string | number)[]): void;
}

/** The value at a path, while it is still to come. */
class Awaited {
  readonly path: readonly (string | number)[];
  // Of whether it is missing where it may not be; never rejects. Null: a task of the run will give it.
  readonly isLost: Promise<boolean> | null;

  constructor(path: readonly (string | number)[], isLost: Promise<boolean> | null) {
    this.path = path;
    this.isLost = isLost;
  }
}

const SERIALIZED = 'serialized';

/** What a scalar's promise gave at a place, or `PENDING`. */
export class Serialized {
  readonly outcome: unknown;

  constructor(outcome: unknown) {
    this.outcome = outcome;
  }
}

/** The state of writing one response: where it is, and what went wrong. The same for every form of output. */
export class OutputState {
  /** The data to write: that of the run, or a snapshot of it. */
  run: RunState;
  /** The run that the response is of. */
  readonly driver: Driver;
  readonly errors: GraphQLError[] = [];
  /** The response path: the first `depth` entries count. Kept by plain stores, so that it costs next to nothing. */
  readonly path: (string | number)[] = [];
  depth = 0;
  /** With `onError: 'HALT'` the first error ends the response. */
  halted = false;
  /** Null where everything is delivered at once. */
  laterParts: LaterParts | null = null;
  /** What was found pending, in the order of the response. */
  readonly #pending: Awaited[] = [];
  #settled: Map<string, unknown> | null = null;
  /** Whether a scalar gave a promise. */
  #serializesLater = false;

  constructor(driver: Driver) {
    this.run = driver.state;
    this.driver = driver;
  }

  /** Records a field error. Returns what the position becomes. */
  fail(place: FieldPlace, error: unknown, nonNull: boolean): typeof BUBBLE | null {
    if (error === UNFINISHED) {
      this.#pending.push(new Awaited(this.path.slice(0, this.depth), null));
      return null;
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

  /** What a null at a position becomes. */
  failNull(place: FieldPlace, nonNull: boolean): typeof BUBBLE | null {
    if (!nonNull) return null;
    return this.fail(place, new Error(`Cannot return null for non-nullable field ${place.coordinate}.`), true);
  }

  /** What a position becomes when something below it bubbled up. */
  absorb(nonNull: boolean): typeof BUBBLE | null {
    this.laterParts?.drop(this.path.slice(0, this.depth));
    while (this.#isBelow(this.#pending.at(-1))) this.#pending.pop();
    return nonNull || this.halted ? BUBBLE : null;
  }

  #isBelow(awaited: Awaited | undefined): boolean {
    if (awaited === undefined) return false;
    for (let at = 0; at < this.depth; at++) if (awaited.path[at] !== this.path[at]) return false;
    return true;
  }

  /**
   * Looks at a value that may be more than a value: failures, exits, errors and promises become what they stand for: a
   * value, a `Failure`, or `PENDING` when it will be known only after `settle`. `output` will write the value.
   */
  look(value: unknown, nonNull: boolean, output: number): unknown {
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return value;
    try {
      if (isPromiseLike(value)) return this.#await(value, nonNull, output);
      if (value instanceof Exit) return value.value;
      return value instanceof Error ? new Failure(value) : value;
    } catch (error) {
      // A getter or proxy of the value threw.
      return new Failure(error);
    }
  }

  /** Getters may give another promise each time that the response is written: the first one counts. */
  #await(promise: PromiseLike<unknown>, nonNull: boolean, output: number): unknown {
    let isFirst = false;
    const outcome = this.once(
      () => {
        isFirst = true;
        return promise;
      },
      nonNull,
      output,
    );
    if (!isFirst) watchPromise(promise, (found) => this.driver.state.unwatched.value(output, found));
    return outcome instanceof Error ? new Failure(outcome) : outcome;
  }

  /** Calls a function that the output found in the place of a field's value. */
  callField(place: FieldPlace, owner: unknown, method: () => unknown): unknown {
    const path = typedPath(this.driver.linked, this.run, this.path.slice(0, this.depth));
    const { context } = this.driver.linked.source;
    return context.callField(
      place.coordinate,
      this.#includedNodes(place),
      path,
      this.driver.rootContext(),
      owner,
      method,
    );
  }

  /**
   * The value of something that must be asked for once only at the current path, even if the response is written
   * again: a call, an iteration. Promises are waited for: `PENDING` now, the value in the next round. `what` keeps
   * apart what is asked at one path; `output` will write what comes, -1 where nothing in it is read.
   */
  once(ask: () => unknown, nonNull: boolean, output: number, what = 'value'): unknown {
    const path = this.path.slice(0, this.depth);
    const key = what + JSON.stringify(path);
    this.#settled ??= new Map();
    const settled = this.#settled;
    if (settled.has(key)) {
      const found = settled.get(key);
      return found instanceof Awaited ? this.#pend(found) : found;
    }
    let value: unknown;
    let isPending = false;
    try {
      value = ask();
      isPending = isPromiseLike(value);
    } catch (error) {
      value = new Failure(error);
    }
    if (!isPending) {
      settled.set(key, value);
      return value;
    }
    const store = (outcome: unknown): boolean => {
      settled.set(key, outcome);
      this.driver.state.unwatched.value(output, outcome);
      return nonNull && (outcome === null || outcome === undefined || outcome instanceof Failure);
    };
    const isLost = Promise.resolve(value).then(store, (error: unknown) => store(new Failure(error)));
    const awaited = new Awaited(path, isLost);
    settled.set(key, awaited);
    return this.#pend(awaited);
  }

  /** Waits for what a scalar serialises. */
  awaitSerialized(promise: PromiseLike<unknown>): unknown {
    this.#serializesLater = true;
    return this.once(() => promise, false, -1, SERIALIZED);
  }

  /** What became of the promise that a scalar gave for this place, when the response was written before. */
  serializedAt(): Serialized | undefined {
    if (!this.#serializesLater) return undefined;
    const key = SERIALIZED + JSON.stringify(this.path.slice(0, this.depth));
    if (this.#settled?.has(key) !== true) return undefined;
    const found = this.#settled.get(key);
    return new Serialized(found instanceof Awaited ? this.#pend(found) : found);
  }

  #pend(awaited: Awaited): typeof PENDING {
    this.driver.state.unwatched.arm();
    this.#pending.push(awaited);
    return PENDING;
  }

  /** A promise of what was found pending, after which the response is written again; null when it is complete. */
  settle(written: unknown): Promise<void> | null {
    const pending = this.#pending.splice(0);
    if (pending.length === 0 || written === BUBBLE) return null;
    this.errors.length = 0;
    this.laterParts?.drop([]);
    this.depth = 0;
    this.halted = false;
    if (this.run !== this.driver.state) return this.driver.drive();
    return settled(this.driver, pending).then(() => {
      const { aborted } = this.driver.state;
      if (aborted === null) return;
      for (const [key, value] of this.#settled ?? []) {
        if (value instanceof Awaited) this.#settled?.set(key, new Failure(aborted.error));
      }
    });
  }
}

/** All of it is there, or something is missing because of which the rest may be of no account; or the run is aborted. */
function settled(driver: Driver, pending: readonly Awaited[]): Promise<void> {
  if (driver.state.aborted !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = driver.scope.onAbort(() => resolve());
    const end = (): void => {
      stop();
      resolve();
    };
    let left = pending.length;
    for (const { isLost } of pending) {
      isLost?.then((lost) => {
        if (--left === 0) end();
        // What else comes in the same turn of the event loop is told of with it.
        else if (lost) setImmediate(end);
      });
    }
  });
}

/** Apart from its callers, whose every field would else pay for what this closure holds. */
export function callOnce(
  state: OutputState,
  place: FieldPlace,
  position: Pick<PositionNode, 'nonNull' | 'output'>,
  owner: unknown,
  method: () => unknown,
): unknown {
  return state.once(() => state.callField(place, owner, method), position.nonNull, position.output);
}
