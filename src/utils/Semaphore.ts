import type { MaybePromise } from './MaybePromise.ts';

/** How many calls may wait, and the error for those beyond that. */
export interface WaitingLimit {
  readonly max: number;
  readonly refusal: () => Error;
}

/** Lets so many calls go ahead at a time; the others wait for their turn, in order. */
export class Semaphore {
  readonly #limit: number;
  readonly #waitingLimit: WaitingLimit | null;
  readonly #waiting: Array<() => void> = [];
  #inside = 0;

  /** Calls beyond `waitingLimit` are refused at once. Null: all wait. */
  constructor(limit: number, waitingLimit: WaitingLimit | null = null) {
    this.#limit = limit;
    this.#waitingLimit = waitingLimit;
  }

  async run<T>(call: () => MaybePromise<T>): Promise<T> {
    const queue = this.#waitingLimit;
    if (this.#inside < this.#limit) this.#inside++;
    else if (queue !== null && this.#waiting.length >= queue.max) throw queue.refusal();
    else await new Promise<void>((enter) => this.#waiting.push(enter)); // `leave` hands over its place
    try {
      return await call();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside--;
      else next();
    }
  }
}
