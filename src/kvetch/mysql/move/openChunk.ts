import type { ShardSpan } from '../../shards/ShardStore.ts';
import type { Move } from './moveOptions.ts';
import { openArrived } from './shardSteps.ts';

/**
 * Opens shards at the target that are complete there and closed at the source. `epochs` are those that the caller has
 * seen, by shard: if an abort has changed one since, that shard stays closed.
 */
export async function openChunk(move: Move, shards: ShardSpan, epochs: (shard: number) => number): Promise<void> {
  await move.tell('open', shards, 0);
  await adoptFeed(move);
  const target = await move.target.database();
  const [from, to] = shards;
  for (let start = from, end = from; start <= to; start = ++end) {
    while (end < to && epochs(end + 1) === epochs(start)) end++;
    await openArrived(target, [start, end], epochs(start));
  }
}

/** A target that was never told to keep changes keeps them as long as the source: what is written there is in the feed, too. */
async function adoptFeed({ source, target }: Move): Promise<void> {
  const [there, here] = await Promise.all([source.changes.retentionMs(), target.changes.retentionMs()]);
  if (there === null || here !== null) return;
  target.changes.keep(there);
  await target.init();
}
