import { PentError } from '../errors.ts';

/** So many decisions are made before timers and other requests have their turn. A question costs more than a decision. */
const MANY_A_TURN = 4096;
const QUESTION = 16;

/** How much the rules of one request may do. */
export class RuleBudget {
  readonly #max: number;
  #left: number;
  #inTurn = 0;
  #isCounting = false;

  constructor(max: number) {
    if (!Number.isInteger(max) || max < 1)
      throw new PentError('BAD_OPTION', `"maxDecisions" is ${String(max)} and must be an integer of 1 or more.`);
    this.#max = max;
    this.#left = max;
  }

  /** @throws PentError when the rules of the request have run too often. */
  use(count: number): void {
    this.#left -= count;
    this.#inTurn += count;
    if (this.#left >= 0) return;
    this.#left = 0;
    throw new PentError(
      'TOO_MANY_DECISIONS',
      `The privacy rules of this request have run for more than ${this.#max} objects. Read less at once, let rules ask about fewer objects, or raise "maxDecisions" of the PentContext.`,
    );
  }

  /** For the next part of a request. */
  renew(): void {
    this.#left = this.#max;
  }

  /** So many questions were answered in this turn of the event loop. */
  answered(questions: number): void {
    this.#inTurn += QUESTION * questions;
  }

  /** Goes on behind what is under way, now and then on the next event-loop turn: a chain of questions never blocks the process. */
  later(work: () => void): void {
    if (this.#hasTurn()) queueMicrotask(work);
    else setImmediate(work);
  }

  /** Goes on at once, now and then on the next event-loop turn. */
  inTurn(work: () => void): void {
    if (this.#hasTurn()) work();
    else setImmediate(work);
  }

  #hasTurn(): boolean {
    if (!this.#isCounting) {
      this.#isCounting = true;
      setImmediate(() => {
        this.#isCounting = false;
        this.#inTurn = 0;
      });
    }
    this.answered(1);
    return this.#inTurn < MANY_A_TURN;
  }
}
