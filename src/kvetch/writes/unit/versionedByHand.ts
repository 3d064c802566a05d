import type { KvetchContext } from '../../KvetchContext.ts';
import type { EdgeRow, EntryRow } from '../../shards/rows.ts';
import type { Batch, EdgePut, Entry, EntryPut } from '../../shards/ShardStore.ts';
import type { UnitPlan } from './UnitPlan.ts';

/**
 * Rows by hand with the versions that they have for good: behind the rows that are there. A write that comes in between is
 * before or behind the unit, and both may be applied again.
 */
export async function versionedByHand(
  { shards }: KvetchContext,
  { edges, entries }: Pick<UnitPlan, 'edges' | 'entries'>,
): Promise<{ readonly edges: readonly EdgePut[]; readonly entries: readonly EntryPut[] }> {
  const [ofEdges, ofEntries] = await Promise.all([
    shards.scatter({
      keys: edges.map(({ row }) => row),
      shardOf: ({ shard }) => shard,
      call: (store, rows: readonly EdgeRow[]): Batch<EdgeRow | null> => store.readEdges(rows),
      effect: 'not-applied',
    }),
    shards.scatter({
      keys: entries.map(({ row }) => row),
      shardOf: ({ shard }) => shard,
      call: (store, rows: readonly EntryRow[]): Batch<EntryRow | null> => store.readEntries(rows),
      effect: 'not-applied',
    }),
  ]);
  return {
    edges: edges.map(({ row }, at) => ({
      row: behind(row, ofEdges[at] ?? null, at),
      keepPosition: true,
      isPlain: true,
    })),
    entries: entries.map(({ row }, at) => ({ row: behind(row, ofEntries[at] ?? null, at), unique: false })),
  };
}

/** Of two rows with one key in a unit the later wins. */
function behind<TRow extends EdgeRow | EntryRow>(row: TRow, there: Entry<TRow | null>, at: number): TRow {
  if (there instanceof Error) throw there;
  return there === null ? row : { ...row, srcVersion: Math.max(row.srcVersion, there.srcVersion + 1 + at) };
}
