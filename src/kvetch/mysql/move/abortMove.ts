import { MoveError } from '../../errors.ts';
import type { ShardSpan } from '../../shards/ShardStore.ts';
import { ARRIVING, CLOSED, isReadable, OPEN } from '../shardStates.ts';
import type { Move } from './moveOptions.ts';
import { disown, forget, reopen } from './shardSteps.ts';

/**
 * Gives shards back to the source that a move has begun with and not ended. Those that are open at the target stay
 * there. Where the source has not closed them yet the target need not answer: it can never open them afterwards.
 */
export async function abortMove(move: Move, [from, to]: ShardSpan): Promise<number> {
  const here = await move.source.holdings();
  const there = await move.target.holdings().catch(() => null);
  const isBegun = (shard: number): boolean => {
    const state = here.states[shard] ?? CLOSED;
    const other = there?.states[shard] ?? CLOSED;
    if (state === OPEN || isReadable(other)) return false;
    if (state !== CLOSED) return true;
    if (there === null) {
      throw new MoveError(
        `Shard ${shard} may be open at "${move.target.name}", which does not answer: abort when it does.`,
      );
    }
    return other === ARRIVING; // else it is somewhere else altogether
  };
  let given = 0;
  for (const span of spansOf(from, to, isBegun)) {
    await move.tell('abort', span, 0);
    if (there !== null) await disown(await move.target.database(), span);
    await reopen(await move.source.database(), span, Math.max(0, ...(there?.epochs.slice(span[0], span[1] + 1) ?? [])));
    if (there !== null) await forget(await move.target.database(), span);
    given += span[1] - span[0] + 1;
  }
  return given;
}

/** The longest runs of shards for which something is so. */
function spansOf(from: number, to: number, isSo: (shard: number) => boolean): readonly ShardSpan[] {
  const spans: ShardSpan[] = [];
  for (let shard = from; shard <= to; shard++) {
    if (!isSo(shard)) continue;
    const last = spans.at(-1);
    if (last?.[1] === shard - 1) spans[spans.length - 1] = [last[0], shard];
    else spans.push([shard, shard]);
  }
  return spans;
}
