import { PentError } from '../errors.ts';

/** So many decisions begin together. Other work may have its turn before the next ones do. */
export const DECISIONS_A_TURN = 2048;
/** What a question costs, in decisions: the rule that asks it stops and goes on later. */
const QUESTION = 8;

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

  /** Waits until rules may begin in this turn of the event loop. Null: now. */
  turn(): Promise<void> | null {
    return this.#hasTurn() ? null : this.#nextTurn();
  }

  async #nextTurn(): Promise<void> {
    do await new Promise(setImmediate);
    while (!this.#hasTurn());
  }

  /** Goes on behind what is under way, now and then on the next event-loop turn: a chain of questions never blocks the process. */
  later(work: () => void): void {
    this.answered(1);
    if (this.#hasTurn()) queueMicrotask(work);
    else setImmediate(work);
  }

  /** Goes on at once, now and then on the next event-loop turn. */
  inTurn(work: () => void): void {
    this.answered(1);
    if (this.#hasTurn()) work();
    else setImmediate(work);
  }

  /** A request that does little never waits for another turn, and makes no immediate. */
  #hasTurn(): boolean {
    if (this.#inTurn < DECISIONS_A_TURN) return true;
    if (!this.#isCounting) {
      this.#isCounting = true;
      setImmediate(() => {
        this.#isCounting = false;
        this.#inTurn = 0;
      });
    }
    return false;
  }
}
