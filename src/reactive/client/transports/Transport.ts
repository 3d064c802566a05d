import type { HeldSet, NewVersions } from '../HeldSet.ts';

/** The messages of a transport to the client. */
export interface TransportEvents {
  /** These keys have newer versions. `asOf`: all changes until then are known; of some sets, or of all. */
  stale(news: NewVersions, asOf?: number, sets?: readonly HeldSet[]): void;
  /** Everything is stale: fetch it again, some time within so many milliseconds. */
  reset(spreadMs: number): void;
  /** The set cannot be asked about any more: fetch its response again. */
  expired(set: HeldSet): void;
  /** The set cannot be watched: it is too large, say. */
  refused(set: HeldSet): void;
  /** An error. The transport goes on by itself. */
  failed(error: unknown): void;
}

/** Watches sets. */
export interface Connection {
  add(set: HeldSet): void;
  remove(set: HeldSet): void;
  close(): void;
}

/** A way to ask whether the client's data is still valid. */
export type Transport = (events: TransportEvents) => Connection;
