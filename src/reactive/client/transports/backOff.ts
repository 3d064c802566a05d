import { pauseMs } from '../pauseMs.ts';

/** How long to wait before another attempt, in milliseconds. */
export interface BackOffOptions {
  /** Before the first one, at most. Default 500. */
  readonly minMs?: number;
  /** Default 30,000. */
  readonly maxMs?: number;
}

export interface BackOff {
  /** Calls after a while. At most one call waits. */
  retry(call: () => void): void;
  /** It works again. */
  reset(): void;
  cancel(): void;
}

/** Waits longer after each failure. */
export function backOff({ minMs = 500, maxMs = 30_000 }: BackOffOptions = {}): BackOff {
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    retry(call) {
      timer ??= setTimeout(
        () => {
          timer = undefined;
          call();
        },
        pauseMs(failures++, minMs, maxMs),
      );
    },

    reset() {
      failures = 0;
    },

    cancel() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
