import type { ScanPage, ScanRequest } from '../shards/ShardStore.ts';
import type { FencedServer } from './FencedServer.ts';
import { pageLimit } from './literals.ts';
import type { RowTable } from './rowMapping.ts';
import { CLOSED, isReadable, selectEpoch } from './shardStates.ts';

/** How cleaners go through a table. */
export interface Scan<TRow> {
  /** From `scanWindow`. */
  readonly window: string | null;
  readonly order: string;
  /** The row's part of `ScanPage.next`. */
  readonly keyOf: (row: TRow) => ReadonlyArray<string | number>;
}

/** Reads one page for cleaners, less the rows of shards that are not here (any more, or yet). */
export async function scanPage<TRow extends { readonly shard: number }>(
  to: FencedServer,
  { limit }: ScanRequest,
  { table, columns, toRow }: RowTable<TRow>,
  { window, order, keyOf }: Scan<TRow>,
): Promise<ScanPage<TRow>> {
  await to.open();
  const rowLimit = pageLimit(limit);
  if (window === null) return { rows: [], next: null };
  const sql = `SELECT ${columns}, (${selectEpoch()}) FROM ${table} WHERE ${window} ORDER BY ${order} LIMIT ${rowLimit}`;
  const { answers, states } = await to.fence.at(async () => {
    const rows = await to.server.read((session) => session.rows(sql));
    return { epoch: (rows[0]?.at(-1) ?? null) as number | null, answers: rows };
  });
  const rows = answers.map((row) => toRow(row));
  const last = rows.at(-1);
  const isFull = last !== undefined && rows.length === limit;
  return {
    rows: rows.filter(({ shard }) => isReadable(states[shard] ?? CLOSED)),
    next: isFull ? JSON.stringify(keyOf(last)) : null,
  };
}
