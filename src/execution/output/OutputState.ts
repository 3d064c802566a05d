import { type FieldNode, type GraphQLError, locatedError } from 'graphql';
import type { FieldNode as PlannedField } from '../../plan/Plan.ts';
import { Exit, Failure } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { Deliveries } from '../incremental/Deliveries.ts';
import type { Run } from '../Run.ts';
import { UNFINISHED } from '../unfinished.ts';
import { typedPath } from './typedPath.ts';

/** What a position is when an error or a null in it must go up to the nearest position that may be null. */
export const BUBBLE: unique symbol = Symbol('bubble');

/** What a position is while the value that the output found there is still to come. */
export const PENDING: unique symbol = Symbol('pending');

/** What completing a leaf is whose value is not written as it is: nothing was written. */
export const OTHER: unique symbol = Symbol('other');

/** What the output says of the field that a position belongs to, when something is wrong with it. */
export type FieldPlace = Pick<PlannedField, 'coordinate' | 'nodes'>;

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

/** The state of writing one response: where it is, and what went wrong. The same for every form of output. */
export class OutputState {
  /** What is written: `live`, or what that is so far. */
  run: Run;
  /** The run that the response is of. */
  readonly live: Run;
  readonly errors: GraphQLError[] = [];
  /** The response path: the first `depth` entries count. Kept by plain stores, so that it costs next to nothing. */
  readonly path: (string | number)[] = [];
  depth = 0;
  /** With `onError: 'HALT'` the first error ends the response. */
  halted = false;
  /** What is to be delivered after this; null where all comes at once. */
  deliveries: Deliveries | null = null;
  /** What was found pending, in the order of the response. */
  readonly #pending: Awaited[] = [];
  #settled: Map<string, unknown> | null = null;

  constructor(run: Run) {
    this.run = run;
    this.live = run;
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
    const { context } = this.run.linked.source;
    return nodes.filter(({ guard }) => this.run.holds(guard)).map(({ node }) => context.fieldNode(node) as FieldNode);
  }

  /** What a null at a position becomes. */
  failNull(place: FieldPlace, nonNull: boolean): typeof BUBBLE | null {
    if (!nonNull) return null;
    return this.fail(place, new Error(`Cannot return null for non-nullable field ${place.coordinate}.`), true);
  }

  /** What a position becomes when something below it bubbled up. */
  absorb(nonNull: boolean): typeof BUBBLE | null {
    this.deliveries?.drop(this.path.slice(0, this.depth));
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
   * value, a `Failure`, or `PENDING` when it will be known only after `settle`.
   */
  look(value: unknown, nonNull: boolean): unknown {
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return value;
    try {
      if (isPromiseLike(value)) return this.#await(value, nonNull);
      if (value instanceof Exit) return value.value;
      return value instanceof Error ? new Failure(value) : value;
    } catch (error) {
      // A getter or proxy of the value threw.
      return new Failure(error);
    }
  }

  /** Getters may give another promise each time that the response is written: the first one counts. */
  #await(promise: PromiseLike<unknown>, nonNull: boolean): unknown {
    let isFirst = false;
    const outcome = this.once(() => {
      isFirst = true;
      return promise;
    }, nonNull);
    if (!isFirst && promise instanceof Promise) promise.catch(() => {});
    return outcome instanceof Error ? new Failure(outcome) : outcome;
  }

  /** Calls a function that the output found in the place of a field's value. */
  callField(place: FieldPlace, owner: unknown, method: () => unknown): unknown {
    const path = typedPath(this.run, this.path.slice(0, this.depth));
    const { context } = this.run.linked.source;
    return context.callField(place.coordinate, this.#includedNodes(place), path, this.live.extra, owner, method);
  }

  /**
   * The value of something that must be asked for once only at the current path, even if the response is written
   * again: a call, an iteration. Promises are waited for: `PENDING` now, the value in the next round. `what` keeps
   * apart what is asked at one path.
   */
  once(ask: () => unknown, nonNull: boolean, what = 'value'): unknown {
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
      return nonNull && (outcome === null || outcome === undefined || outcome instanceof Failure);
    };
    const isLost = Promise.resolve(value).then(store, (error: unknown) => store(new Failure(error)));
    const awaited = new Awaited(path, isLost);
    settled.set(key, awaited);
    return this.#pend(awaited);
  }

  #pend(awaited: Awaited): typeof PENDING {
    this.#pending.push(awaited);
    return PENDING;
  }

  /** A promise of what was found pending, after which the response is written again; null when it is complete. */
  settle(written: unknown): Promise<void> | null {
    const pending = this.#pending.splice(0);
    if (pending.length === 0 || written === BUBBLE) return null;
    this.errors.length = 0;
    this.deliveries?.drop([]);
    this.depth = 0;
    this.halted = false;
    if (this.run !== this.live) return this.live.drive();
    return settled(this.live, pending).then(() => {
      const { aborted } = this.live;
      if (aborted === null) return;
      for (const [key, value] of this.#settled ?? []) {
        if (value instanceof Awaited) this.#settled?.set(key, new Failure(aborted.error));
      }
    });
  }
}

/** All of it is there, or something is missing because of which the rest may be of no account; or the run is aborted. */
function settled(run: Run, pending: readonly Awaited[]): Promise<void> {
  if (run.aborted !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = run.onAbort(() => resolve());
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
  nonNull: boolean,
  owner: unknown,
  method: () => unknown,
): unknown {
  return state.once(() => state.callField(place, owner, method), nonNull);
}
