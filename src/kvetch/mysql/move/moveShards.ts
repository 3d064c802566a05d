import { anything, atLeast, checkOptions, integer, type OptionTable, oneOf } from '../../../errors/checkOptions.ts';
import { KvetchError, KvetchOptionError, MoveError, quote } from '../../errors.ts';
import { LOGICAL_SHARDS } from '../../ids/routing.ts';
import type { MysqlShardStore } from '../MysqlShardStore.ts';
import { CLOSED } from '../shardStates.ts';
import { abortMove } from './abortMove.ts';
import { adoptWatermarks } from './adoptWatermarks.ts';
import { deleteRows } from './copyRows.ts';
import { moveChunk } from './moveChunk.ts';
import type { Move, MoveOptions, MoveReport } from './moveOptions.ts';
import { openChunk } from './openChunk.ts';
import { phasesOf } from './phasesOf.ts';
import { sizeOf } from './spans.ts';

/**
 * Moves shards to another server while they are read and written, some at a time: they are copied, then closed at the
 * source and opened at the target. The servers keep the progress, so another process can resume or abort the move.
 */
export async function moveShards(
  storeOf: (name: string) => MysqlShardStore,
  options: MoveOptions,
): Promise<MoveReport> {
  const { from, to, shards, mode, overlapMs = 2000, onProgress } = options;
  const [source, target] = [storeOf(from), storeOf(to)];
  checkMove(options);
  const report: Report = { shards: 0, rows: 0, frozenMs: 0 };
  const move: Move = {
    ...{ source, target, overlapMs },
    tell: async (stage, span, rows) => onProgress?.({ stage, shards: span, rows: report.rows + rows }),
  };
  try {
    if (mode === 'abort') report.shards = await abortMove(move, shards);
    else await moveParts(move, options, report);
    return report;
  } catch (cause) {
    if (cause instanceof KvetchError) throw cause;
    const [what, again] = mode === 'abort' ? ['Taking back the move', ''] : ['The move', 'resume it (--resume) or '];
    throw new MoveError(
      `${what} from ${quote(from)} to ${quote(to)} was interrupted after ${report.shards} shards: ${again}abort it (--abort).`,
      { next: 'retry', cause },
    );
  }
}

type Report = { -readonly [TKey in keyof MoveReport]: MoveReport[TKey] };

async function moveParts(
  move: Move,
  { from, to, shards, mode, chunk, keep, signal }: MoveOptions,
  report: Report,
): Promise<void> {
  const { source, target } = move;
  const there = await target.holdings();
  const parts = phasesOf(await source.holdings(), there, shards, chunk ?? DEFAULT_CHUNK);
  for (const { span, of } of mode === 'resume' ? [] : parts) {
    if (of === 'done') throw new MoveError(`Shard ${span[0]} is at "${to}" already: --resume moves the others.`);
    if (of !== 'move')
      throw new MoveError(`A move of shard ${span[0]} from "${from}" is under way, or was interrupted: ${REMEDY}`);
  }
  for (const { span, of: phase } of parts) {
    if (signal?.aborted === true) {
      const place = `before shard ${span[0]}, after ${report.shards} shards`;
      throw new MoveError(`The move from "${from}" to "${to}" was stopped ${place}: resume it (--resume).`, {
        next: 'retry',
      });
    }
    if (phase === 'open') await openChunk(move, span, (shard) => there.epochs[shard] ?? 0);
    else if (phase !== 'done') {
      const { rows, frozenMs } = await moveChunk(move, span, phase === 'move');
      report.rows += rows;
      report.frozenMs = Math.max(report.frozenMs, frozenMs);
    }
    if (phase !== 'done') report.shards += sizeOf(span);
    // a mover that died may have left moved shards before this step
    await adoptWatermarks(move);
    if (keep === true) continue;
    await move.tell('purge', span, 0);
    await deleteRows(await source.database(), span, `state = ${CLOSED}`);
  }
}

const DEFAULT_CHUNK = 64;
const REMEDY = 'resume it (--resume) or abort it (--abort).';

const moveOptions: OptionTable<MoveOptions> = {
  from: anything,
  to: anything,
  shards: anything,
  mode: oneOf('start', 'resume', 'abort'),
  chunk: integer(1),
  overlapMs: atLeast(0),
  keep: anything,
  signal: anything,
  onProgress: anything,
};

function checkMove(options: MoveOptions): void {
  checkOptions('cluster.moveShards', options, moveOptions, KvetchOptionError);
  const {
    from,
    to,
    shards: [first, last],
  } = options;
  if (from === to) throw new KvetchOptionError(`Shards cannot be moved from ${quote(from)} to itself.`);
  if (!Number.isInteger(first) || !Number.isInteger(last) || first < 0 || last >= LOGICAL_SHARDS || first > last) {
    throw new KvetchOptionError(`The range is ${first}-${last} and must be within 0-${LOGICAL_SHARDS - 1}.`);
  }
}
