import { objectsWritten } from '../writeComposite.ts';

/**
 * Code is generated for a plan when closures have written so many objects of its responses: by then they have cost about as
 * much as generating and compiling it. Whenever a plan stops being used, at most the same was spent on it twice.
 */
const HOT_OBJECTS = 1_000;

/** After so many the code is made at once: the event loop has not turned. */
const BUSY_OBJECTS = 4 * HOT_OBJECTS;

/**
 * Besides, at least one in this many objects was the plan's. V8 takes seconds to optimise hundreds of large functions, and
 * their code is slower meanwhile.
 */
const RIVALS = 32;

/** How much closures have written for a plan: the only policy that decides when its output is worth generated code. */
export class Hotness {
  #objects = 0;
  #before = 0;

  /** Counts what was written since all plans together had written `before` objects. */
  add(before: number): void {
    if (this.#objects === 0) this.#before = before;
    this.#objects += objectsWritten.count - before;
    if (objectsWritten.count - this.#before > this.#objects * RIVALS) this.#objects = 0;
  }

  get isHot(): boolean {
    return this.#objects >= HOT_OBJECTS;
  }

  get isBusy(): boolean {
    return this.#objects >= BUSY_OBJECTS;
  }
}
