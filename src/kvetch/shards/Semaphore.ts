import type { MaybePromise } from '../../utils/MaybePromise.ts';

/** Lets so many calls go ahead at a time; so many others wait for their turn, in order. */
export class Semaphore {
  readonly #limit: number;
  readonly #maxWaiting: number;
  readonly #refusal: () => Error;
  readonly #waiting: Array<() => void> = [];
  #inside = 0;

  /** What comes when `maxWaiting` wait already is refused at once, with the error that `refusal` makes. */
  constructor(limit: number, maxWaiting: number, refusal: () => Error) {
    this.#limit = limit;
    this.#maxWaiting = maxWaiting;
    this.#refusal = refusal;
  }

  async run<T>(call: () => MaybePromise<T>): Promise<T> {
    if (this.#inside < this.#limit) this.#inside++;
    else if (this.#waiting.length >= this.#maxWaiting) throw this.#refusal();
    else await new Promise<void>((enter) => this.#waiting.push(enter)); // who leaves hands over the place
    try {
      return await call();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside--;
      else next();
    }
  }
}
