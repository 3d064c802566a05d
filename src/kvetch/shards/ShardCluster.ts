import type { ShardRange } from './ranges.ts';
import type { ShardStore } from './ShardStore.ts';

/** Stores between which logical shards can move while the program runs: an argument of `createKvetch({ shards })`. */
export interface ShardCluster {
  /** All stores, also those that hold nothing. The list never changes. */
  readonly stores: readonly ShardStore[];
  /**
   * Loads which store holds which shards; the ranges cover each shard once. Where no server answers, the last answer or
   * a guess stands in: a store answers `ShardMovedError` for shards that it does not hold, and the map is loaded again.
   */
  loadRanges(): Promise<readonly ShardRange[]>;
}
