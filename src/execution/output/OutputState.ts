import { type FieldNode, type GraphQLError, locatedError } from 'graphql';
import type { FieldNode as PlannedField } from '../../plan/Plan.ts';
import { Exit, Failure } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { Deliveries } from '../incremental/Deliveries.ts';
import type { Run } from '../Run.ts';
import { typedPath } from './typedPath.ts';

/** What a position is when an error or a null in it must go up to the nearest position that may be null. */
export const BUBBLE: unique symbol = Symbol('bubble');

/** What a position is while the value that the output found there is still to come. */
export const PENDING: unique symbol = Symbol('pending');

/** What completing a leaf is whose value is not written as it is: nothing was written. */
export const OTHER: unique symbol = Symbol('other');

/** What the output says of the field that a position belongs to, when something is wrong with it. */
export type FieldPlace = Pick<PlannedField, 'coordinate' | 'nodes'>;

/** The state of writing one response: where it is, and what went wrong. The same for every form of output. */
export class OutputState {
  readonly run: Run;
  readonly errors: GraphQLError[] = [];
  /** The response path: the first `depth` entries count. Kept by plain stores, so that it costs next to nothing. */
  readonly path: (string | number)[] = [];
  depth = 0;
  /** With `onError: 'HALT'` the first error ends the response. */
  halted = false;
  /** What is to be delivered after this; null where all comes at once. */
  deliveries: Deliveries | null = null;
  readonly #pending: Promise<void>[] = [];
  #settled: Map<string, unknown> | null = null;

  constructor(run: Run) {
    this.run = run;
  }

  /** Records a field error. Returns what the position becomes. */
  fail(place: FieldPlace, error: unknown, nonNull: boolean): typeof BUBBLE | null {
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
    return nonNull || this.halted ? BUBBLE : null;
  }

  /**
   * Looks at a value that may be more than a value: failures, exits, errors and promises become what they stand for: a
   * value, a `Failure`, or `PENDING` when it will be known only after `settle`.
   */
  look(value: unknown): unknown {
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return value;
    try {
      if (isPromiseLike(value)) return this.#awaited(value);
      if (value instanceof Exit) return value.value;
      return value instanceof Error ? new Failure(value) : value;
    } catch (error) {
      // A getter or proxy of the value threw.
      return new Failure(error);
    }
  }

  /** Getters may give another promise each time that the response is written: the first one counts. */
  #awaited(promise: PromiseLike<unknown>): unknown {
    let isFirst = false;
    const outcome = this.once(() => {
      isFirst = true;
      return promise;
    });
    if (!isFirst && promise instanceof Promise) promise.catch(() => {});
    return outcome instanceof Error ? new Failure(outcome) : outcome;
  }

  /** Calls a function that the output found in the place of a field's value. */
  callField(place: FieldPlace, owner: unknown, method: () => unknown): unknown {
    const path = typedPath(this.run, this.path.slice(0, this.depth));
    const { context } = this.run.linked.source;
    return context.callField(place.coordinate, this.#includedNodes(place), path, this.run.extra, owner, method);
  }

  /**
   * The value of something that must be asked for once only at the current path, even if the response is written
   * again: a call, an iteration. Promises are waited for: `PENDING` now, the value in the next round. `what` keeps
   * apart what is asked at one path.
   */
  once(ask: () => unknown, what = 'value'): unknown {
    const key = what + JSON.stringify(this.path.slice(0, this.depth));
    this.#settled ??= new Map();
    const settled = this.#settled;
    if (settled.has(key)) return settled.get(key);
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
    settled.set(key, PENDING);
    const store = (outcome: unknown): void => {
      settled.set(key, outcome);
    };
    this.#pending.push(Promise.resolve(value).then(store, (error: unknown) => store(new Failure(error))));
    return PENDING;
  }

  /** A promise of all that was found pending, after which the response is written again; null when it is complete. */
  settle(): Promise<void> | null {
    if (this.#pending.length === 0) return null;
    const pending = Promise.all(this.#pending.splice(0)).then(() => {});
    this.errors.length = 0;
    this.deliveries?.drop([]);
    this.depth = 0;
    this.halted = false;
    return this.run.orAborted(pending).then(() => {
      const { aborted } = this.run;
      if (aborted === null) return;
      for (const [key, value] of this.#settled ?? []) {
        if (value === PENDING) this.#settled?.set(key, new Failure(aborted.error));
      }
    });
  }
}

/** Apart from its callers, whose every field would else pay for what this closure holds. */
export function callOnce(state: OutputState, place: FieldPlace, owner: unknown, method: () => unknown): unknown {
  return state.once(() => state.callField(place, owner, method));
}
