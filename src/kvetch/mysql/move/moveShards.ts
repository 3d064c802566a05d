import { KvetchOptionError, MoveError, quote } from '../../errors.ts';
import { LOGICAL_SHARDS } from '../../ids/routing.ts';
import type { MysqlShardStore } from '../MysqlShardStore.ts';
import { OPEN } from '../shardStates.ts';
import { abortMove } from './abortMove.ts';
import { deleteRows } from './copyRows.ts';
import { moveChunk } from './moveChunk.ts';
import type { Move, MoveOptions, MoveReport } from './moveOptions.ts';
import { openChunk } from './openChunk.ts';
import { phasesOf } from './phasesOf.ts';

/**
 * Moves shards to another server while they are read and written, some at a time: copied, then closed here and opened
 * there. Where it stands is kept by the servers, so that another process can go on or take it back.
 */
export async function moveShards(
  storeOf: (name: string) => MysqlShardStore,
  options: MoveOptions,
): Promise<MoveReport> {
  const { shards, mode = 'start', chunk = 64, overlapMs = 2000, keep = false, onProgress } = options;
  const [source, target] = [storeOf(options.from), storeOf(options.to)];
  checkOptions(options, chunk);
  let rows = 0;
  const move: Move = {
    ...{ source, target, overlapMs },
    tell: async (stage, span, copied) => onProgress?.({ stage, shards: span, rows: rows + copied }),
  };
  if (mode === 'abort') return { shards: await abortMove(move, shards), rows, frozenMs: 0 };
  const there = await target.holdings();
  const phases = phasesOf(await source.holdings(), there, shards, chunk);
  if (mode === 'start') checkStart(options, phases);
  let moved = 0;
  let longest = 0;
  for (const { phase, span } of phases) {
    if (phase === 'copy') {
      const { rows: copied, frozenMs } = await moveChunk(move, span, mode === 'start');
      rows += copied;
      longest = Math.max(longest, frozenMs);
    } else if (phase === 'open') await openChunk(move, span, (shard) => there.epochs[shard] ?? 0);
    if (phase !== 'done') moved += span[1] - span[0] + 1;
    if (keep) continue;
    await move.tell('purge', span, 0);
    await deleteRows(await source.database(), span);
  }
  return { shards: moved, rows, frozenMs: longest };
}

function checkOptions({ from, to, shards: [first, last] }: MoveOptions, chunk: number): void {
  if (from === to) throw new KvetchOptionError(`Shards cannot be moved from ${quote(from)} to itself.`);
  if (!Number.isInteger(first) || !Number.isInteger(last) || first < 0 || last >= LOGICAL_SHARDS || first > last) {
    throw new KvetchOptionError(`The range is ${first}-${last} and must be within 0-${LOGICAL_SHARDS - 1}.`);
  }
  if (!Number.isInteger(chunk) || chunk < 1)
    throw new KvetchOptionError(`"chunk" is ${quote(chunk)} and must be an integer of 1 or more.`);
}

function checkStart({ from, to }: MoveOptions, phases: ReturnType<typeof phasesOf>): void {
  const done = phases.find(({ phase }) => phase === 'done');
  if (done !== undefined) throw new MoveError(`Shard ${done.span[0]} is at "${to}" already.`);
  const touched = phases.find(({ phase, state }) => phase === 'open' || state !== OPEN);
  if (touched === undefined) return;
  throw new MoveError(
    `A move of shard ${touched.span[0]} from "${from}" is under way, or was interrupted: resume it (--resume) or abort it (--abort).`,
  );
}
