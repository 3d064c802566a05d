import { Eventual } from '../../utils/Eventual.ts';
import type { RunState } from '../state/RunState.ts';
import { ActiveItems } from './ActiveItems.ts';

/** Code that goes on with a value, or with an error in its place. */
export interface Waiter<T> {
  onValue(value: T): void;
  /** The promise was rejected, or the run was aborted. */
  onError(error: unknown): void;
  /** The value came after the run was aborted. */
  onLate?(value: T): void;
}

/** A run that ends with an error. */
export interface EndingRun {
  endWith(error: unknown): void;
}

/**
 * The only place where a run waits. Aborting ends every wait with the reason, and a wait that begins after that fails at
 * once. Every promise that it is given is watched, even if the wait ends before.
 */
export class CancelScope {
  readonly #state: RunState;
  readonly #run: EndingRun;
  #waiters: ActiveItems<Waiter<never>> | null = null;
  #controller: AbortController | null = null;

  /** `run` is ended when a waiter throws: a defect of planql. */
  constructor(state: RunState, run: EndingRun) {
    this.#state = state;
    this.#run = run;
  }

  /** Goes on with the value of a promise. */
  wait<T>(promise: Promise<T> | Eventual<T>, waiter: Waiter<T>): void {
    const { aborted } = this.#state;
    if (aborted !== null) {
      this.#leave(promise, waiter);
      return this.#fail(waiter, aborted.error);
    }
    this.#waiters ??= new ActiveItems();
    const waiters = this.#waiters;
    const slot = waiters.add(waiter);
    const onValue = (value: T): void => {
      if (waiters.remove(slot, waiter)) this.#resume(waiter, value);
      else waiter.onLate?.(value);
    };
    if (promise instanceof Eventual) return promise.whenThere(onValue);
    promise.then(onValue, (error: unknown) => {
      if (waiters.remove(slot, waiter)) this.#fail(waiter, error);
    });
  }

  #leave<T>(promise: Promise<T> | Eventual<T>, waiter: Waiter<T>): void {
    const onLate = (value: T): void => waiter.onLate?.(value);
    if (promise instanceof Eventual) promise.whenThere(onLate);
    else promise.then(onLate, () => {});
  }

  #resume<T>(waiter: Waiter<T>, value: T): void {
    try {
      waiter.onValue(value);
    } catch (error) {
      this.#run.endWith(error);
    }
  }

  #fail(waiter: Waiter<never>, reason: unknown): void {
    try {
      waiter.onError(reason);
    } catch (error) {
      this.#run.endWith(error);
    }
  }

  /** Calls `listener` when the run is aborted: at once, if it is. Returns how to stop listening. */
  onAbort(listener: (error: unknown) => void): () => void {
    const waiter: Waiter<never> = { onValue() {}, onError: listener };
    const { aborted } = this.#state;
    if (aborted !== null) {
      this.#fail(waiter, aborted.error);
      return () => {};
    }
    this.#waiters ??= new ActiveItems();
    const waiters = this.#waiters;
    const slot = waiters.add(waiter);
    return () => waiters.remove(slot, waiter);
  }

  /** Aborted with the run. Created when it is first read. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      const { aborted } = this.#state;
      if (aborted !== null) this.#controller.abort(aborted.error);
    }
    return this.#controller.signal;
  }

  /** Ends all waits with `error`; nothing new starts (rule R15). */
  abort(error: unknown): void {
    if (this.#state.aborted !== null) return;
    this.#state.aborted = { error };
    this.#controller?.abort(error);
    for (const waiter of this.#waiters?.takeAll() ?? []) this.#fail(waiter, error);
  }
}
