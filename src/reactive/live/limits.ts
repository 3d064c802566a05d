/** Limits on the live queries of one process. */
export interface LiveLimits {
  /** Live queries in all. Default 10,000. */
  readonly queries: number;
  /** Live queries of one connection. Default 100. */
  readonly perConnection: number;
  /** Live queries of one subject, over all its connections. Default 1,000. */
  readonly perSubject: number;
  /** The least time between the starts of two runs of one live query, in milliseconds, whatever it asks for. Default 0. */
  readonly minThrottleMs: number;
  /** Runs at a time; others wait. Default 32. */
  readonly runs: number;
  /** A run that takes longer fails, and is tried again, in milliseconds. Default 30,000. */
  readonly runMs: number;
}

export const LIVE_LIMITS: LiveLimits = {
  queries: 10_000,
  perConnection: 100,
  perSubject: 1000,
  minThrottleMs: 0,
  runs: 32,
  runMs: 30_000,
};
