/** The traffic is to come at so many operations a second (0: four clients without pauses), or to tell what it did since it last told. */
export type Ask = { readonly rate: number } | { readonly tell: true };

/** What was answered, and how many milliseconds that took. */
export interface Traffic {
  readonly answered: number;
  readonly failed: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** One full run is to begin. With `limitMs` it is stopped then, if it is still running. */
export interface CleanAsk {
  readonly maxLoad: number;
  readonly limitMs: number;
}

export interface Cleaning {
  readonly ms: number;
  /** CPU of the cleaner's process. */
  readonly cpuMs: number;
  readonly scanned: number;
}
