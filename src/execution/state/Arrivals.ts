import type { Unwatched } from './Unwatched.ts';

/** The values of a list that come one by one. Those of each turn are watched, unless the list is complete within it. */
export class Arrivals {
  readonly #unwatched: Unwatched;
  readonly #steps: readonly number[];
  #values: unknown[] = [];
  #turn = -1;

  /** `steps` yield the values; `first` are there already. */
  constructor(unwatched: Unwatched, steps: readonly number[], first: readonly unknown[]) {
    this.#unwatched = unwatched;
    this.#steps = steps;
    for (const value of first) if (typeof value === 'object' && value !== null) this.add(value);
  }

  add(value: object): void {
    const { turn } = this.#unwatched;
    if (this.#turn !== turn) {
      this.#turn = turn;
      this.#values = [];
      for (const step of this.#steps) this.#unwatched.column(step, this.#values);
    }
    this.#values.push(value);
  }

  /** The list is in the registers of its steps: it is watched there. */
  forget(): void {
    this.#values.length = 0;
  }
}
