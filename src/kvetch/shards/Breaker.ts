/** When a breaker opens, and for how long. */
export interface BreakerOptions {
  /** This many failures in a row open the breaker. Default 3. */
  readonly failures?: number;
  /** Milliseconds until one call may try the server again. Default 500. */
  readonly resetMs?: number;
}

/**
 * Keeps calls away from a server that does not answer: while it is open every call fails at once, and after a while
 * one call at a time may find out whether the server is back.
 */
export class Breaker {
  readonly #threshold: number;
  readonly #resetMs: number;
  #failures = 0;
  #openUntil = 0;
  #isProbing = false;

  constructor({ failures = 3, resetMs = 500 }: BreakerOptions = {}) {
    this.#threshold = failures;
    this.#resetMs = resetMs;
  }

  /** Whether no call may go ahead now. */
  get isOpen(): boolean {
    return this.#failures >= this.#threshold && (this.#isProbing || performance.now() < this.#openUntil);
  }

  /** Whether a call may be sent. A call that may must report how it ended. */
  enter(): boolean {
    if (this.isOpen) return false;
    this.#isProbing = this.#failures >= this.#threshold;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#isProbing = false;
  }

  failed(): void {
    this.#failures++;
    this.#isProbing = false;
    // some jitter, so that many processes do not try a server that comes back in the same millisecond
    this.#openUntil = performance.now() + this.#resetMs * (0.75 + Math.random() / 2);
  }

  /** The call ended before the server was asked: nothing is known. */
  left(): void {
    this.#isProbing = false;
  }
}
