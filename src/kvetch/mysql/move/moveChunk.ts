import { MoveError } from '../../errors.ts';
import type { ShardSpan } from '../../shards/ShardStore.ts';
import type { MysqlServer } from '../MysqlServer.ts';
import { ARRIVING } from '../shardStates.ts';
import { type Copy, copyRows, deleteRows } from './copyRows.ts';
import type { Move } from './moveOptions.ts';
import { openChunk } from './openChunk.ts';
import { closeFrozen, freeze, prepareTarget, takeOver, unfreeze } from './shardSteps.ts';
import { sumRows } from './sumRows.ts';

const MAX_TAILS = 20;
/** When at most this many changed rows are left, writes are stopped and the rest is copied. */
const SHORT_TAIL = 100;

/** Moves shards that the source has open, all together; `isFresh` refuses those that a move has begun with. */
export async function moveChunk(
  move: Move,
  shards: ShardSpan,
  isFresh: boolean,
): Promise<{ readonly rows: number; readonly frozenMs: number }> {
  const [source, target] = [await move.source.database(), await move.target.database()];
  const { epochs } = await move.target.holdings();
  const token = await takeOver(source, shards, Math.max(...epochs.slice(shards[0], shards[1] + 1)), isFresh);
  await prepareTarget(target, shards, token);
  const copy: Copy = { source, target, shards, fence: `state = ${ARRIVING} AND s.epoch = ${token.target}` };
  if (isFresh) await deleteRows(target, shards, copy.fence); // of a move away from there that kept them
  let rows = 0;
  const tail = tailOf(copy, move.overlapMs);
  await move.tell('copy', shards, rows);
  rows += await copyRows(copy, null);
  for (let tails = 1; ; tails++) {
    await move.tell('tail', shards, rows);
    const changed = await tail();
    rows += changed;
    if (changed <= SHORT_TAIL || tails === MAX_TAILS) break;
  }
  await move.tell('freeze', shards, rows);
  const start = performance.now();
  try {
    await freeze(source, shards, token);
    rows += await tail();
    await move.tell('verify', shards, rows);
    rows += await verify(copy);
    await move.tell('close', shards, rows);
  } catch (error) {
    // writers should not wait for somebody to come and resume; if this fails too they must
    await unfreeze(source, shards, token).catch(() => {});
    throw error;
  }
  await closeFrozen(source, shards, token);
  await openChunk(move, shards, () => token.target);
  return { rows, frozenMs: performance.now() - start };
}

/** Copies rows that changed since the last call, with some milliseconds of overlap. */
function tailOf(copy: Copy, overlapMs: number): () => Promise<number> {
  let since = Date.now();
  return async () => {
    const from = Math.max(0, since - overlapMs) * 1000;
    since = Date.now();
    return copyRows(copy, from);
  };
}

/** Compares every shard, and copies those that differ once more (a writer's clock may be wrong). No write happens meanwhile. */
async function verify(copy: Copy): Promise<number> {
  let rows = 0;
  for (const shard of await differing(copy)) {
    const alone: Copy = { ...copy, shards: [shard, shard] };
    await deleteRows(copy.target, alone.shards, copy.fence);
    rows += await copyRows(alone, null);
  }
  const [shard] = rows === 0 ? [] : await differing(copy);
  if (shard === undefined) return rows;
  throw new MoveError(`The copy of shard ${shard} does not equal the original, twice: the shard stays where it is.`);
}

async function differing({ source, target, shards }: Copy): Promise<readonly number[]> {
  const [here, there] = await Promise.all([source, target].map((server: MysqlServer) => sumRows(server, shards)));
  const all = new Set([...(here?.keys() ?? []), ...(there?.keys() ?? [])]);
  return [...all].filter((shard) => here?.get(shard) !== there?.get(shard));
}
