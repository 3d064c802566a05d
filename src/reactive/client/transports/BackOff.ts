/** How long to wait before another attempt, in milliseconds. */
export interface BackOffOptions {
  /** Before the first one, at most. Default 500. */
  readonly minMs?: number;
  /** Default 30,000. */
  readonly maxMs?: number;
}

/** Waits longer after each failure, by a random part of the time, so that clients do not come all at once. */
export class BackOff {
  readonly #minMs: number;
  readonly #maxMs: number;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor({ minMs = 500, maxMs = 30_000 }: BackOffOptions = {}) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
  }

  /** Calls after a while. At most one call waits. */
  retry(call: () => void): void {
    if (this.#timer !== null) return;
    const limit = Math.min(this.#maxMs, this.#minMs * 2 ** this.#failures++);
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        call();
      },
      limit * (0.5 + Math.random() / 2),
    );
  }

  /** It works again. */
  reset(): void {
    this.#failures = 0;
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
