import type { ShardSpan } from '../../shards/ShardStore.ts';
import type { MysqlShardStore } from '../MysqlShardStore.ts';

/** The stages of a move, in this order. */
export type Stage = 'copy' | 'tail' | 'freeze' | 'verify' | 'close' | 'open' | 'purge' | 'abort';

/**
 * The options of `cluster.move`.
 * @inline
 */
export interface MoveOptions {
  /** The names of two servers of the cluster. */
  readonly from: string;
  /** The name of the server that gets the shards. */
  readonly to: string;
  /** Logical shards, both ends included. */
  readonly shards: ShardSpan;
  /** `start` refuses shards that a move has touched, `resume` goes on with them, `abort` gives them back. Default `start`. */
  readonly mode?: 'start' | 'resume' | 'abort';
  /** How many shards go together: their writes wait while the rest of them is copied and compared. Default 64. */
  readonly chunk?: number;
  /** How far apart the clocks of writers may be without making the wait longer. Default 2,000 ms. */
  readonly overlapMs?: number;
  /** Leaves the rows at the source, where nobody sees them any more; a later move back removes them. Default `false`. */
  readonly keep?: boolean;
  /** Ends the move before its next shards: none is left frozen, and it can be resumed. */
  readonly signal?: AbortSignal;
  /** Called when a stage begins; the move waits for it. */
  readonly onProgress?: (progress: MoveProgress) => void | Promise<void>;
}

export interface MoveProgress {
  readonly stage: Stage;
  readonly shards: ShardSpan;
  /** Rows copied so far, of all shards. */
  readonly rows: number;
}

export interface MoveReport {
  /** Shards that are at the target now and were not before; when aborted, shards that were given back. */
  readonly shards: number;
  readonly rows: number;
  /** The longest time that writes to a shard had to wait. */
  readonly frozenMs: number;
}

/** The two servers, and the report of progress. */
export interface Move {
  readonly source: MysqlShardStore;
  readonly target: MysqlShardStore;
  readonly overlapMs: number;
  readonly tell: (stage: Stage, shards: ShardSpan, rows: number) => Promise<void>;
}
