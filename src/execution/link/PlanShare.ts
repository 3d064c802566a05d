/** Code is generated for a plan after this many runs. */
const HOT_RUNS = 16;

/**
 * Besides, at least one in this many runs was the plan's. V8 takes seconds to optimise hundreds of large functions, and their
 * code is slower meanwhile.
 */
const RIVALS = 32;

/** The runs of all plans that have no generated code yet: they share V8's optimiser. */
export interface Total {
  count: number;
}

/** The part of one plan in it. */
export class PlanShare {
  readonly #total: Total;
  #runs = 0;
  #since = 0;

  constructor(total: Total) {
    this.#total = total;
  }

  /** Counts one for the plan. Whether it is hot. */
  count(): boolean {
    const total = ++this.#total.count;
    if (this.#runs++ === 0) this.#since = total;
    if (total - this.#since > this.#runs * RIVALS) this.#runs = 0;
    return this.#runs > HOT_RUNS;
  }
}
