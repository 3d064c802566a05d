import type { ShardSpan } from '../../shards/ShardStore.ts';
import type { Move } from './moveOptions.ts';
import { openArrived } from './shardSteps.ts';

/**
 * Opens shards at the target that are whole there, and closed at the source. `epochs` is what the caller knows them by,
 * by shard: if an abort has changed them since, they stay closed.
 */
export async function openChunk(move: Move, shards: ShardSpan, epochs: (shard: number) => number): Promise<void> {
  await move.tell('open', shards, 0);
  const target = await move.target.database();
  const [from, to] = shards;
  for (let start = from, end = from; start <= to; start = ++end) {
    while (end < to && epochs(end + 1) === epochs(start)) end++;
    await openArrived(target, [start, end], epochs(start));
  }
  await adoptWatermarks(move);
}

/** What the source's cleaners have not seen yet the target's must look at, however old it is. */
async function adoptWatermarks({ source, target }: Move): Promise<void> {
  const there = await source.database();
  const marks = await there.read((session) => session.rows('SELECT task, watermark_us FROM kvetch_cleaner'));
  const here = await target.database();
  const lower = 'UPDATE kvetch_cleaner SET watermark_us = LEAST(watermark_us, ?) WHERE task = ?';
  for (const [task, watermarkUs] of marks) {
    await here.write((session) => session.preparedWrite(lower, [watermarkUs as number, task as Buffer]));
  }
}
