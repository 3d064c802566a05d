/** Limits on the requests of one client, and on waiting for it. */
export interface ServerLimits {
  /** Keys of one set, that is, of one response. Default 5,000. */
  readonly maxSetKeys: number;
  /** Keys of all sets of one connection, or of one poll. Default 20,000. */
  readonly maxKeys: number;
  /** Sets of one connection, or of one poll. Default 1,000. */
  readonly maxSets: number;
  /** Bytes of a request's body, or of a message. Default 1 MiB. */
  readonly maxBytes: number;
  /** Messages of a WebSocket a second. Default 50. */
  readonly maxMessagesPerSecond: number;
  /**
   * Open streams and sockets of one subject in one process, those of live queries included. Default: no limit,
   * since a subject may stand for all visitors.
   */
  readonly maxConnections: number;
  /** How long a poll may wait, in milliseconds. Default 25,000. */
  readonly maxWaitMs: number;
  /** The milliseconds between two heartbeats on an idle stream or socket. Default 12,000. */
  readonly heartbeatMs: number;
  /** A connection that takes nothing for so long is ended. Default 30,000. */
  readonly slowMs: number;
  /** Over how many milliseconds clients spread their fetches after a reset. Default 5,000. */
  readonly spreadMs: number;
}

export const defaultLimits: ServerLimits = {
  maxSetKeys: 5000,
  maxKeys: 20_000,
  maxSets: 1000,
  maxBytes: 1 << 20,
  maxMessagesPerSecond: 50,
  maxConnections: Number.POSITIVE_INFINITY,
  maxWaitMs: 25_000,
  heartbeatMs: 12_000,
  slowMs: 30_000,
  spreadMs: 5000,
};
