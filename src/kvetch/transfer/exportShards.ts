import { setTimeout as sleep } from 'node:timers/promises';
import { ExportWriteError, ShardMovedError } from '../errors.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { isUnavailable } from '../shards/ShardMap.ts';
import type { ShardSpan } from '../shards/ShardStore.ts';
import { shardError } from '../shards/Shards.ts';
import { toLines } from './rowLines.ts';

const TRIES = 10;
const MAX_WAIT_MS = 1000;

/**
 * Hands all rows of some shards over, tombstones included, as lines of JSON, page by page. The rows of a server are
 * read at one moment, so every shard is consistent in itself. Throws when a server fails: drop the lines that were
 * handed over until then. Returns the number of lines.
 */
export async function exportShards(
  context: KvetchContext,
  span: ShardSpan,
  write: (lines: readonly string[]) => Promise<void>,
): Promise<number> {
  let count = 0;
  for (const part of await context.shards.partsOf(...span)) count += await exportPart(context, part.span, write);
  return count;
}

async function exportPart(
  context: KvetchContext,
  span: ShardSpan,
  write: (lines: readonly string[]) => Promise<void>,
): Promise<number> {
  for (let tries = 1; ; tries++) {
    let count = 0;
    try {
      for (const { store, span: own } of await context.shards.partsOf(...span)) {
        const visit = async (lines: readonly string[]): Promise<void> => {
          count += lines.length;
          await write(lines).catch((cause: unknown) => {
            throw new ExportWriteError(cause);
          });
        };
        await Promise.resolve(store.snapshot(own, (rows) => visit(toLines(context.schema, rows)))).catch(
          (error: unknown) => {
            throw shardError(error, store, own[0], 'not-applied');
          },
        );
      }
      return count;
    } catch (error) {
      // where rows were handed over, they cannot be taken back
      if (!(error instanceof ShardMovedError || isUnavailable(error)) || count > 0 || tries === TRIES) throw error;
      const { mapVersion } = context.shards;
      await context.shards.relearn();
      // in the middle of a move nobody has the shard; a server that does not answer may have given it away before
      if (error instanceof ShardMovedError) await sleep(Math.min(MAX_WAIT_MS, 20 * 2 ** tries));
      else if (context.shards.mapVersion === mapVersion) throw error;
    }
  }
}
