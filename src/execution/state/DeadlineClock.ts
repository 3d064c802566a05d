/** Of fast rows one in so many reads the clock, which costs up to 300 ns: the deadline is met within so many slower rows. */
const MOST_ROWS = 16;

/** Ends a run at its deadline where no timer fires, since the event loop does not turn. */
export class DeadlineClock {
  readonly #deadline: number;
  readonly #end: () => void;
  /** How many rows may begin before the clock is read again. */
  #rows = 1;
  #left = 1;
  #lastRead = 0;

  constructor(deadline: number, end: () => void) {
    this.#deadline = deadline;
    this.#end = end;
  }

  /** To be called before work of unknown length. */
  look(): void {
    this.#read();
    this.#rows = this.#left = 1;
  }

  /** To be called before each of many rows or items. */
  tick(): void {
    if (--this.#left > 0) return;
    const before = this.#lastRead;
    this.#rows = this.#read() - before > 1 ? 1 : Math.min(this.#rows * 2, MOST_ROWS);
    this.#left = this.#rows;
  }

  #read(): number {
    const now = Date.now();
    this.#lastRead = now;
    if (now >= this.#deadline) this.#end();
    return now;
  }
}
