import type { KvetchContext } from '../KvetchContext.ts';
import type { EdgeRow, EntryRow, OutboxNote } from '../shards/rows.ts';
import type { Batch, EdgeKey, EntryKey } from '../shards/ShardStore.ts';
import { haveHeard } from '../writes/faults.ts';
import { entriesKey, listKey, putEdges, putEntries } from '../writes/putDerived.ts';
import type { Repair } from './runPass.ts';

/** The derived rows that a cleaner is about to put. */
export interface CleanerWrites {
  readonly edges: EdgeRow[];
  readonly entries: EntryRow[];
}

export function newWrites(): CleanerWrites {
  return { edges: [], entries: [] };
}

/** Puts the rows, unless it is a dry run; failed writes are counted and left for the next run. */
export async function write({ context, settings, counters }: Repair, { edges, entries }: CleanerWrites): Promise<void> {
  if (settings.dryRun) return;
  const notes: Array<OutboxNote | undefined> = [];
  const noted = (shard: number, key: string): OutboxNote | undefined => {
    const note = context.outbox.note(shard, [key], false);
    notes.push(note);
    return note;
  };
  const answers = await Promise.all([
    putEdges(context, edges, { noteOf: (row) => noted(row.shard, listKey(row)) }),
    putEntries(context, entries, { noteOf: (row) => noted(row.shard, entriesKey(row)) }),
  ]);
  const failed = answers.flat().filter((answer) => answer instanceof Error).length;
  counters.errors += failed;
  const keys = [...edges.map(listKey), ...entries.map(entriesKey)];
  const isTold = keys.length === 0 || (await haveHeard(context, keys));
  for (const note of notes) context.outbox.end(note, failed === 0 && isTold);
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

export function readHolderRows(
  { shards }: KvetchContext,
  rows: ReadonlyArray<Pick<EntryRow, 'index' | 'value' | 'shard'>>,
): Batch<EntryRow | null> {
  return shards.scatter({
    keys: rows,
    shardOf: ({ shard }) => shard,
    call: (store, keys) => store.readHolders(keys),
    effect: 'not-applied',
  });
}
