import type { ShardRange } from '../../kvetch/shards/ranges.ts';

/** A shard map for people. */
export function rangesText(ranges: readonly ShardRange[]): readonly string[] {
  return ranges.map(({ from, to, store }) => `${`${from}-${to}`.padEnd(11)}${store.name}`);
}
