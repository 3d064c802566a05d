import type { ScanOrder, ScanPage, ScanRequest } from '../shards/ShardStore.ts';
import type { FencedServer } from './FencedServer.ts';
import { pageLimit } from './literals.ts';
import type { RowTable, SqlRow } from './rowMapping.ts';
import { type ScanKey, scanWindow } from './scanWindow.ts';
import { CLOSED, isReadable, selectEpoch } from './shardStates.ts';

/** How cleaners go through a table. */
export interface Scan {
  readonly keys: ScanKey;
  /** The marks of a row in `ScanPage.next`: its own values of the columns of a key. */
  readonly marksOf: Readonly<Record<ScanOrder, (row: SqlRow) => ReadonlyArray<string | number>>>;
  /** A column that is read for the marks alone, behind the others. */
  readonly extra?: string;
}

/** Reads one page for cleaners, less the rows of shards that are not here (any more, or yet). */
export async function scanPage<TRow extends { readonly shard: number }>(
  to: FencedServer,
  request: ScanRequest,
  { table, columns, toRow }: RowTable<TRow>,
  { keys, marksOf, extra }: Scan,
): Promise<ScanPage<TRow>> {
  await to.open();
  const { order, limit } = request;
  const rowLimit = pageLimit(limit);
  const key = keys[order];
  const window = scanWindow(request, key);
  if (window === null) return { rows: [], next: null };
  const read = extra === undefined ? columns : `${columns}, ${extra}`;
  const by = key.map(({ name }) => name).join(', ');
  // rows are stored by their primary key; without the hint some servers read and sort all of them
  const force = order === 'key' ? ' FORCE INDEX (PRIMARY)' : '';
  const sql = `SELECT ${read}, (${selectEpoch()}) FROM ${table}${force}
  WHERE ${window} ORDER BY ${by} LIMIT ${rowLimit}`;
  const { answers, states } = await to.fence.at(async () => {
    const rows = await to.server.read((session) => session.rows(sql));
    return { epoch: (rows[0]?.at(-1) ?? null) as number | null, answers: rows };
  });
  const rows = answers.map((row) => toRow(row));
  const last = answers.length === limit ? answers.at(-1) : undefined;
  return {
    rows: rows.filter(({ shard }) => isReadable(states[shard] ?? CLOSED)),
    next: last === undefined ? null : JSON.stringify(marksOf[order](last)),
  };
}
