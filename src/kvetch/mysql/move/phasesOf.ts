import { MoveError } from '../../errors.ts';
import type { ShardSpan } from '../../shards/ShardStore.ts';
import type { Holdings } from '../Fence.ts';
import { CLOSED, isReadable, OPEN, stateNames } from '../shardStates.ts';
import { REVOKED } from './shardSteps.ts';
import { leadOf, spansOf } from './spans.ts';

/** The next step of shards: move them; go on, as a move has begun with them; open arrived ones; nothing. */
export type Phase = 'move' | 'goOn' | 'open' | 'done';

/** The next step of each shard, as the two servers report, in parts of at most so many shards. */
export function phasesOf(
  source: Holdings,
  target: Holdings,
  range: ShardSpan,
  chunk: number,
): ReadonlyArray<{ readonly span: ShardSpan; readonly of: Phase }> {
  return spansOf(range, (shard) => phaseOf(source, target, shard), chunk);
}

function phaseOf(source: Holdings, target: Holdings, shard: number): Phase {
  const here = source.states[shard] ?? CLOSED;
  const there = target.states[shard] ?? CLOSED;
  if (isReadable(there)) return 'done';
  if (isReadable(here)) return here === OPEN ? 'move' : 'goOn';
  const lead = leadOf(source, target, shard);
  if (lead === 1) return 'open';
  if (lead === REVOKED)
    throw new MoveError(`An abort of the move of shard ${shard} was interrupted: abort it again (--abort).`);
  throw new MoveError(
    `Shard ${shard} is ${stateNames[here]} at the source and ${stateNames[there]} at the target: it is not on its way from one to the other.`,
  );
}
