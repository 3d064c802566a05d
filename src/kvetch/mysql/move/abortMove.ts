import { MoveError } from '../../errors.ts';
import type { ShardSpan } from '../../shards/ShardStore.ts';
import type { Holdings } from '../Fence.ts';
import { ARRIVING, CLOSED, isReadable, OPEN } from '../shardStates.ts';
import type { Move } from './moveOptions.ts';
import { discardTarget, REVOKED, reopen, revokeTarget } from './shardSteps.ts';
import { sizeOf, spansOf } from './spans.ts';

/**
 * Gives shards of an unfinished move back to the source. Shards that are open at the target stay there. If the source has
 * not closed a shard yet, the target need not answer: it cannot open the shard afterwards. Rows that are left there are
 * removed when the range is aborted once more.
 */
export async function abortMove(move: Move, range: ShardSpan): Promise<number> {
  const here = await move.source.holdings();
  const there = await move.target.holdings().catch(() => null);
  let given = 0;
  for (const { span, of: epoch } of spansOf(range, (shard) => begunAt(move, here, there, shard))) {
    if (epoch === null) continue;
    await move.tell('abort', span, 0);
    for (const { span: part, of: isRevoked } of spansOf(span, (shard) => arrivesWith(epoch, there, shard)))
      await giveBack(move, part, epoch, isRevoked, there);
    given += sizeOf(span);
  }
  const leftBelow = (shard: number): number | null =>
    here.states[shard] === OPEN && there?.states[shard] === ARRIVING ? (here.epochs[shard] ?? 0) : null;
  for (const { span, of: epoch } of spansOf(range, leftBelow))
    if (epoch !== null) await discardTarget(await move.target.database(), span, epoch);
  return given;
}

/** The epoch of a shard at the source when a move has begun with it and not ended, else `null`. */
function begunAt({ target }: Move, here: Holdings, there: Holdings | null, shard: number): number | null {
  const state = here.states[shard] ?? CLOSED;
  const epoch = here.epochs[shard] ?? 0;
  if (state === OPEN || isReadable(there?.states[shard] ?? CLOSED)) return null;
  if (state !== CLOSED) return epoch;
  if (there === null)
    throw new MoveError(`Shard ${shard} may be open at "${target.name}", which does not answer: abort when it does.`);
  return arrivesWith(epoch, there, shard) ? epoch : null; // else it is somewhere else altogether
}

/** Whether a shard with this epoch at the source is arriving at the target: it may be on its way to another one. */
function arrivesWith(epoch: number, there: Holdings | null, shard: number): boolean {
  if (there?.states[shard] !== ARRIVING) return false;
  const lead = (there.epochs[shard] ?? 0) - epoch;
  return lead === 1 || lead === REVOKED;
}

/** `isRevoked`: the target is kept from opening the shards, and nobody else opens them: they may be closed at the source by now. */
async function giveBack(
  move: Move,
  span: ShardSpan,
  epoch: number,
  isRevoked: boolean,
  there: Holdings | null,
): Promise<void> {
  const source = await move.source.database();
  if (there === null) return reopen(source, span, epoch, false);
  const target = await move.target.database();
  if (isRevoked) await revokeTarget(target, span, epoch);
  await reopen(source, span, epoch, isRevoked);
  await discardTarget(target, span, epoch + REVOKED);
}
