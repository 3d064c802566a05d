import { itemAt } from '../../utils/itemAt.ts';
import { mustGet } from '../../utils/mustGet.ts';
import type { Stamp } from '../shards/ShardStore.ts';
import { literal, type SqlValue } from './literals.ts';
import { byPlace, type EdgePlace, edgeColumns, edgeTables, entryColumns, numberAt, SHARD_AT } from './rowMapping.ts';
import type { Session } from './Session.ts';
import { NOW_US } from './serverClock.ts';
import { fencedShard, fencedShardOf } from './shardStates.ts';

/** Behind the present row, whatever clock that came from: of two writes the later wins. */
const VERSION = 'src_version = GREATEST(src_version + 1, VALUES(src_version))';
const REVIVES = 'VALUES(state) = 1 AND state = 0';

/** A table whose rows the server stamps. */
interface StampedTable {
  readonly insert: string;
  readonly columns: readonly string[];
  /** The columns that are the server's time. */
  readonly times: readonly string[];
  readonly update: string;
  /** The table, and the columns that are read of a row: its key, in the order of the primary key, and its stamps. */
  readonly table: string;
  readonly key: readonly string[];
  readonly read: string;
}

const edges: Readonly<Record<EdgePlace, StampedTable>> = byPlace((place) => ({
  table: edgeTables[place].table,
  insert: `INSERT INTO ${edgeTables[place].table} (${edgeColumns[place]}) VALUES `,
  columns: edgeColumns[place].split(', '),
  times: [...(place === 'pos' ? ['pos'] : []), 'src_version', 'created_us', 'updated_us'],
  update: ` ON DUPLICATE KEY UPDATE ${place} = IF(${place === 'pos' ? REVIVES : 'VALUES(state) = 1'}, VALUES(${place}), ${place}),
  created_us = IF(${REVIVES}, VALUES(created_us), created_us), updated_us = VALUES(updated_us), codec = VALUES(codec),
  body = IF(VALUES(state) = 0, NULL, VALUES(body)), state = VALUES(state), ${VERSION}`,
  key: ['edge_id', 'from_id', 'to_id'],
  read: `src_version, ${place === 'pos' ? 'pos' : '0'}`,
}));

const entries: StampedTable = {
  table: 'kvetch_entries',
  insert: `INSERT INTO kvetch_entries (${entryColumns}, slot) VALUES `,
  columns: [...entryColumns.split(', '), 'slot'],
  times: ['src_version', 'created_us', 'updated_us'],
  update: ` ON DUPLICATE KEY UPDATE created_us = IF(${REVIVES}, VALUES(created_us), created_us),
  updated_us = VALUES(updated_us), state = VALUES(state), ${VERSION}`,
  key: ['index_name', 'value', 'slot'],
  read: 'src_version, 0',
};

/** Values for columns: the server's time for the time columns, `of` for the others. */
const valuesOf = ({ columns, times }: StampedTable, of: (at: number) => string): string =>
  `(${columns.map((column, at) => (times.includes(column) ? NOW_US : of(at))).join(', ')})`;

/** Puts one row. */
const statementFor = (table: StampedTable, fence: string): string =>
  `${table.insert}${valuesOf(table, (at) => (at === SHARD_AT ? fencedShardOf('?', fence) : '?'))}${table.update}`;
/** More rows of a statement only make it longer to parse. */
const MAX_ROWS = 100;
const MAX_BODY_CHARS = 1 << 18;

interface StampedPut {
  readonly values: readonly SqlValue[];
}

/**
 * Puts edges that are no object's: `stampEdge` in SQL, by the server's clock. The server's stamps of each are known when the
 * transaction is committed.
 */
export function stampEdgePuts<TPut extends StampedPut>(
  session: Session,
  place: EdgePlace,
  puts: readonly TPut[],
): Promise<() => ReadonlyMap<TPut, Stamp>> {
  return stampAll(session, edges[place], puts);
}

/** The same for entries of indexes that are kept by hand. */
export function stampEntryPuts<TPut extends StampedPut>(
  session: Session,
  puts: readonly TPut[],
): Promise<() => ReadonlyMap<TPut, Stamp>> {
  return stampAll(session, entries, puts);
}

/** Two puts to one key go one after the other, as each has stamps of its own. */
async function stampAll<TPut extends StampedPut>(
  session: Session,
  table: StampedTable,
  puts: readonly TPut[],
): Promise<() => ReadonlyMap<TPut, Stamp>> {
  const stampsOf: Array<() => ReadonlyArray<readonly [TPut, Stamp]>> = [];
  let open = puts;
  while (open.length > 0) {
    const part = new Map<string, TPut>();
    for (const put of open) {
      const key = keyOf(table, put.values);
      if (!part.has(key) && part.size < MAX_ROWS) part.set(key, put);
    }
    const taken = new Set(part.values());
    const rows = [...taken].map(({ values }) => values);
    await putRows(session, table, rows);
    const found = await pickStamps(session, table, rows);
    stampsOf.push(() =>
      found().map(([srcVersion, pos, ...key]) => [mustGet(part, key.map(keyText).join(' ')), { srcVersion, pos }]),
    );
    open = open.filter((put) => !taken.has(put));
  }
  return () => new Map(stampsOf.flatMap((stamps) => stamps()));
}

async function putRows(session: Session, table: StampedTable, rows: ReadonlyArray<readonly SqlValue[]>): Promise<void> {
  const isShort = rows.every((row) => row.every((value) => !Buffer.isBuffer(value) || value.length < MAX_BODY_CHARS));
  if (rows.length === 1 || !isShort) {
    const put = statementFor(table, session.fence);
    for (const row of rows) {
      const bound = row.filter((_, at) => !table.times.includes(itemAt(table.columns, at)));
      await session.put(put, bound);
    }
    return;
  }
  const shards = new Set(rows.map((row) => numberAt(row, SHARD_AT)));
  const texts = rows.map((row, n) =>
    // the first row stands for all in the fence
    valuesOf(table, (at) =>
      n === 0 && at === SHARD_AT ? fencedShard(shards, session.fence) : literal(itemAt(row, at)),
    ),
  );
  await session.put(`${table.insert}${texts.join(', ')}${table.update}`);
}

/** Reads the stamps of rows before anything else is done to them. */
function pickStamps(
  session: Session,
  table: StampedTable,
  rows: ReadonlyArray<readonly SqlValue[]>,
): Promise<() => readonly StampRow[]> {
  const where = rows.map((row) => {
    const values = keyValues(table, row).map(literal);
    return `(${table.key.map((column, at) => `${column} = ${values[at]}`).join(' AND ')})`;
  });
  const columns = `${table.read}, ${table.key.join(', ')}`;
  return session.pick(`SELECT ${columns} FROM ${table.table} WHERE ${where.join(' OR ')}`);
}

/** The columns that `read` reads of a row, and its key. */
type StampRow = readonly [srcVersion: number, pos: number, ...key: unknown[]];

function keyValues({ key, columns }: StampedTable, row: readonly SqlValue[]): SqlValue[] {
  return key.map((column) => itemAt(row, columns.indexOf(column)));
}

function keyOf(table: StampedTable, row: readonly SqlValue[]): string {
  return keyValues(table, row).map(keyText).join(' ');
}

function keyText(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}
