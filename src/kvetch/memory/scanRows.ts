import type { ScanPage, ScanRequest } from '../shards/ShardStore.ts';

interface Scanned {
  readonly shard: number;
  readonly updatedUs: number;
}

/** One page of a cleaner's scan. It sorts the whole window each time: memory stores are small and seldom cleaned. */
export function scanRows<TRow extends Scanned>(
  rows: Iterable<TRow>,
  { order, fromShard, toShard, fromUs, toUs, after: behind, limit }: ScanRequest,
  keyOf: (row: TRow) => string,
): ScanPage<TRow> {
  const found: { readonly key: string; readonly row: TRow }[] = [];
  const [after = null] = behind === null ? [] : (JSON.parse(behind) as [string]);
  const timeOf = ({ updatedUs }: TRow): string => (order === 'key' ? '' : `${String(updatedUs).padStart(16, '0')} `);
  for (const row of rows) {
    if (row.shard < fromShard || row.shard > toShard || row.updatedUs < fromUs || row.updatedUs > toUs) continue;
    const key = `${timeOf(row)}${keyOf(row)}`;
    if (after === null || key > after) found.push({ key, row });
  }
  found.sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return { rows: page.map(({ row }) => row), next: last === undefined ? null : JSON.stringify([last.key]) };
}
