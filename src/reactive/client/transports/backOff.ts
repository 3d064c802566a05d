import { onOnline } from '../onOnline.ts';
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

/** Waits longer after each failure, and no longer when the network is back. */
export function backOff({ minMs = 500, maxMs = 30_000 }: BackOffOptions = {}): BackOff {
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = (): void => undefined;
  const cancel = (): void => {
    clearTimeout(timer);
    timer = undefined;
    stop();
  };
  return {
    retry(call) {
      if (timer !== undefined) return;
      const run = (): void => {
        cancel();
        call();
      };
      timer = setTimeout(run, pauseMs(failures++, minMs, maxMs));
      stop = onOnline(run);
    },

    reset() {
      failures = 0;
    },

    cancel,
  };
}
