import type { MaybePromise } from '../../utils/MaybePromise.ts';

/** Lets so many calls go ahead at a time; the others wait for their turn, in order. */
export class Gate {
  readonly #limit: number;
  readonly #waiting: Array<() => void> = [];
  #inside = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<T>(call: () => MaybePromise<T>): Promise<T> {
    if (this.#inside < this.#limit) this.#inside++;
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
