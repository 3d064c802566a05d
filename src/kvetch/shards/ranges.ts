import { KvetchOptionError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { ShardSpan, ShardStore } from './ShardStore.ts';

/** A range of logical shards and the node that holds it. */
export interface ShardRange {
  readonly from: number;
  readonly to: number;
  readonly store: ShardStore;
}

/** Divides the logical shards evenly among stores. */
export function evenRanges(stores: readonly ShardStore[]): readonly ShardRange[] {
  return stores.map((store, at) => {
    const [from, to] = evenSpan(at, stores.length);
    return { from, to, store };
  });
}

/** The shards of one of so many that share them evenly. */
export function evenSpan(at: number, count: number): ShardSpan {
  const start = (place: number): number => Math.floor((place * LOGICAL_SHARDS) / count);
  return [start(at), start(at + 1) - 1];
}

/** Refuses ranges that do not cover all shards exactly once. */
export function checkRanges(ranges: ReadonlyArray<Omit<ShardRange, 'store'>>): void {
  let next = 0;
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    if (from !== next || to < from)
      throw new KvetchOptionError(`The shard map must cover 0..4095 once; it breaks at ${next}.`);
    next = to + 1;
  }
  if (next !== LOGICAL_SHARDS) throw new KvetchOptionError(`The shard map must cover 0..4095; it ends at ${next - 1}.`);
}
