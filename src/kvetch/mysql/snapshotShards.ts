import { itemAt } from '../../utils/itemAt.ts';
import { ShardMovedError } from '../errors.ts';
import type { StoredRows } from '../shards/rows.ts';
import type { ShardSpan } from '../shards/ShardStore.ts';
import type { FencedServer } from './FencedServer.ts';
import type { SqlValue } from './literals.ts';
import { behind } from './move/keyOrder.ts';
import { type MovedTable, movedTables } from './move/movedTables.ts';
import { type SqlRow, toEdgeRow, toEntryRow, toObjectRow } from './rowMapping.ts';
import type { Session } from './Session.ts';
import { isReadable, STATE } from './shardStates.ts';

const PAGE = 500;

/** How a page of each table becomes rows. */
const toRows: Readonly<Record<string, (rows: readonly SqlRow[]) => StoredRows>> = {
  kvetch_objects: (rows) => ({ objects: rows.map((row) => toObjectRow(row)), edges: [], entries: [] }),
  kvetch_edges: edgesOf,
  kvetch_ordered: edgesOf,
  kvetch_entries: (rows) => ({ objects: [], edges: [], entries: rows.map((row) => toEntryRow(row)) }),
};

function edgesOf(rows: readonly SqlRow[]): StoredRows {
  return { objects: [], edges: rows.map((row) => toEdgeRow(row)), entries: [] };
}

/** Shows all rows of some shards as they are at one moment. Throws a `ShardMovedError` before the first, when one is not here. */
export async function snapshotShards(
  to: FencedServer,
  span: ShardSpan,
  visit: (rows: StoredRows) => Promise<void>,
): Promise<void> {
  await to.open();
  await to.server.snapshot(async (session) => {
    await assertReadable(session, span);
    for (const table of movedTables) await eachPage(session, table, span, visit);
  });
}

async function assertReadable(session: Session, [from, to]: ShardSpan): Promise<void> {
  const rows = await session.rows<[shard: number, state: number]>(
    `SELECT shard, ${STATE} FROM kvetch_shards WHERE shard BETWEEN ${from} AND ${to}`,
  );
  const here = new Set(rows.flatMap(([shard, state]) => (isReadable(state) ? [shard] : [])));
  for (let shard = from; shard <= to; shard++) if (!here.has(shard)) throw new ShardMovedError(shard);
}

async function eachPage(
  session: Session,
  { name, columns, key }: MovedTable,
  [from, to]: ShardSpan,
  visit: (rows: StoredRows) => Promise<void>,
): Promise<void> {
  const order = ['shard', ...key];
  for (let after = ''; ; ) {
    const rows = await session.rows<SqlValue[]>(`SELECT ${columns.join(', ')} FROM ${name} FORCE INDEX (${name}_shard)
  WHERE shard BETWEEN ${from} AND ${to}${after} ORDER BY ${order.join(', ')} LIMIT ${PAGE}`);
    const last = rows.at(-1);
    if (last !== undefined) await visit((toRows[name] as (typeof toRows)[string])(rows));
    if (last === undefined || rows.length < PAGE) return;
    after = ` AND (${behind('>', order, (column) => itemAt(last, columns.indexOf(column)))})`;
  }
}
