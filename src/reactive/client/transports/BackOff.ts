import { pauseMs } from '../pauseMs.ts';

/** How long to wait before another attempt, in milliseconds. */
export interface BackOffOptions {
  /** Before the first one, at most. Default 500. */
  readonly minMs?: number;
  /** Default 30,000. */
  readonly maxMs?: number;
}

/** Waits longer after each failure. */
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
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        call();
      },
      pauseMs(this.#failures++, this.#minMs, this.#maxMs),
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
