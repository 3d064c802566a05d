import type { KvetchContext } from '../KvetchContext.ts';
import type { EdgeRow, EntryRow } from '../shards/rows.ts';
import type { Batch, EdgeKey, EntryKey } from '../shards/ShardStore.ts';
import { putEdges, putEntries } from '../writes/putDerived.ts';
import type { CleanPage } from './runPass.ts';

/** The derived rows that a cleaner is about to put. */
export interface CleanerWrites {
  readonly edges: EdgeRow[];
  readonly entries: EntryRow[];
}

export function newWrites(): CleanerWrites {
  return { edges: [], entries: [] };
}

/** Puts the rows, unless it is a dry run; what cannot be written is counted and left for the next run. */
export async function write(
  { context, settings, counters }: CleanPage,
  { edges, entries }: CleanerWrites,
): Promise<void> {
  if (settings.dryRun) return;
  const answers = [...(await putEdges(context, edges)), ...(await putEntries(context, entries))];
  counters.errors += answers.filter((answer) => answer instanceof Error).length;
}

export function readEdgeRows({ shards }: KvetchContext, rows: readonly EdgeRow[]): Batch<EdgeRow | null> {
  return shards.scatter({
    keys: rows,
    shardOf: ({ shard }) => shard,
    call: (store, keys: readonly EdgeKey[]) => store.readEdges(keys),
    effect: 'not-applied',
  });
}

export function readEntryRows({ shards }: KvetchContext, rows: readonly EntryRow[]): Batch<EntryRow | null> {
  return shards.scatter({
    keys: rows,
    shardOf: ({ shard }) => shard,
    call: (store, keys: readonly EntryKey[]) => store.readEntries(keys),
    effect: 'not-applied',
  });
}

export function readHolderRows({ shards }: KvetchContext, rows: readonly EntryRow[]): Batch<EntryRow | null> {
  return shards.scatter({
    keys: rows,
    shardOf: ({ shard }) => shard,
    call: (store, keys: readonly EntryRow[]) => store.readHolders(keys),
    effect: 'not-applied',
  });
}
