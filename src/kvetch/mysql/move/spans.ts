import type { ShardSpan } from '../../shards/ShardStore.ts';
import type { Holdings } from '../Fence.ts';
import { ARRIVING, CLOSED } from '../shardStates.ts';

export const sizeOf = ([from, to]: ShardSpan): number => to - from + 1;

/** The longest runs of consecutive shards with equal values, each of limited length. */
export function spansOf<T extends string | number | boolean | null>(
  [from, to]: ShardSpan,
  of: (shard: number) => T,
  longest: number = Number.POSITIVE_INFINITY,
): ReadonlyArray<{ readonly span: ShardSpan; readonly of: T }> {
  const spans: Array<{ readonly span: ShardSpan; readonly of: T }> = [];
  for (let shard = from; shard <= to; shard++) {
    const value = of(shard);
    const last = spans.at(-1);
    if (last !== undefined && last.of === value && sizeOf(last.span) < longest)
      spans[spans.length - 1] = { ...last, span: [last.span[0], shard] };
    else spans.push({ span: [shard, shard], of: value });
  }
  return spans;
}

/**
 * By how much the epoch of a shard that is closed here and arriving there is ahead there: one when a mover from here
 * has still to open it, two when an abort has kept it from that. On its way from another server it is further ahead, as
 * coming there and leaving have both raised the epoch. `null` in other states.
 */
export function leadOf(here: Holdings, there: Holdings, shard: number): number | null {
  if ((here.states[shard] ?? CLOSED) !== CLOSED || there.states[shard] !== ARRIVING) return null;
  return (there.epochs[shard] ?? 0) - (here.epochs[shard] ?? 0);
}
