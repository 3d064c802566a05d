import type { ShardRange } from './ranges.ts';
import type { ShardStore } from './ShardStore.ts';

/** Stores between which logical shards can move while the program runs: what `createKvetch({ shards })` takes. */
export interface ShardCluster {
  /** All stores, also those that hold nothing. The list never changes. */
  readonly stores: readonly ShardStore[];
  /**
   * Loads which store holds which shards; the ranges cover each shard once. Where nobody can tell, the last answer or a guess stands in:
   * a store answers `ShardMovedError` for what it does not hold, which has the map loaded again.
   */
  loadRanges(): Promise<readonly ShardRange[]>;
}
