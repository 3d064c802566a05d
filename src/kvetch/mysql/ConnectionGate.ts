import { NodeFailure } from '../shards/NodeFailure.ts';
import { TimeoutError } from '../shards/withDeadline.ts';
import { Fifo } from './Fifo.ts';
import { QueueFullError } from './serverErrors.ts';

/** Whether a call is one of the first of its batch, or one of the many that a long batch goes on with. */
export type Turn = 'first' | 'later';

/** After this many first statements, a later one has its turn, so that neither waits for ever. */
const FIRST_IN_A_ROW = 3;
/** A timer that is so many milliseconds late was held up by this program, not by the server. */
const LATE_MS = 20;

interface Waiting {
  readonly enter: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * Limits how many calls are at a server at a time. Other calls wait for as long as the server goes on answering: a
 * long queue is no failure of the server. The first statements of each batch pass the later ones of long batches.
 */
export class ConnectionGate {
  readonly #limit: number;
  readonly #maxWaiting: number;
  readonly #stallMs: number;
  readonly #first = new Fifo<Waiting>();
  readonly #later = new Fifo<Waiting>();
  #inside = 0;
  #inARow = 0;
  #leftAt = 0;
  #watch: NodeJS.Timeout | null = null;

  /** `stallMs`: waiting calls fail when no call has ended for this long. */
  constructor(limit: number, maxWaiting: number, stallMs: number) {
    this.#limit = limit;
    this.#maxWaiting = maxWaiting;
    this.#stallMs = stallMs;
  }

  /** `null` when there is a place; else a promise of one, which is rejected with a `NodeFailure`. */
  enter(turn: Turn): Promise<void> | null {
    if (this.#inside < this.#limit) {
      this.#inside++;
      return null;
    }
    if (this.#waiting >= this.#maxWaiting) {
      return Promise.reject(
        new NodeFailure('not-applied', new QueueFullError(`${this.#maxWaiting} calls wait already.`)),
      );
    }
    return new Promise((enter, refuse) => {
      (turn === 'first' ? this.#first : this.#later).push({ enter, refuse });
      if (this.#watch === null) this.#watchFrom(performance.now());
    });
  }

  /** Each `enter` needs its `leave`. */
  leave(): void {
    const next = this.#next();
    if (next === undefined) {
      this.#inside--;
      return;
    }
    this.#leftAt = performance.now();
    if (this.#watch !== null && this.#waiting === 0) {
      clearTimeout(this.#watch);
      this.#watch = null;
    }
    next.enter(); // takes the place over
  }

  get #waiting(): number {
    return this.#first.size + this.#later.size;
  }

  #next(): Waiting | undefined {
    const isLater = this.#first.size === 0 || (this.#later.size > 0 && this.#inARow >= FIRST_IN_A_ROW);
    this.#inARow = isLater ? 0 : this.#inARow + 1;
    return (isLater ? this.#later : this.#first).shift();
  }

  /** Looks again when the time would be over if nobody left from now on. */
  #watchFrom(since: number, isExtended = false): void {
    const due = since + this.#stallMs;
    this.#watch = setTimeout(
      () => {
        this.#watch = null;
        const now = performance.now();
        if (this.#waiting === 0) return;
        if (this.#leftAt > since) this.#watchFrom(this.#leftAt);
        // answers that came while the program was busy have not been looked at yet
        else if (now - due > LATE_MS && !isExtended) this.#watchFrom(now - this.#stallMs + (now - due), true);
        else this.#refuseAll();
      },
      Math.max(0, due - performance.now()),
    );
  }

  #refuseAll(): void {
    const failure = new NodeFailure('not-applied', new TimeoutError(`No connection was free for ${this.#stallMs} ms.`));
    for (const line of [this.#first, this.#later]) {
      for (let one = line.shift(); one !== undefined; one = line.shift()) one.refuse(failure);
    }
  }
}
