import { getOrCreate } from '../../utils/getOrCreate.ts';
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

interface PreparedStatements {
  readonly put: string;
  readonly read: string;
}

const statementsFor = (table: StampedTable): PreparedStatements => ({
  put: `${table.insert}${valuesOf(table, (at) => (at === SHARD_AT ? fencedShardOf('?') : '?'))}${table.update}`,
  read: `SELECT ${table.read} FROM ${table.table} WHERE ${table.key.map((column) => `${column} = ?`).join(' AND ')}`,
});
const prepared = new Map<StampedTable, PreparedStatements>();

/** More rows of a statement only make it longer to parse. */
const MAX_ROWS = 100;
const MAX_BODY_CHARS = 1 << 18;

/** Puts edges that are no object's, and returns the server's stamps of each: `stampEdge` in SQL, by the server's clock. */
export function stampEdgePuts(
  session: Session,
  place: EdgePlace,
  rows: readonly SqlValue[][],
): Promise<readonly Stamp[]> {
  return stampAll(session, edges[place], rows);
}

/** The same for entries of indexes that are kept by hand. */
export function stampEntryPuts(session: Session, rows: readonly SqlValue[][]): Promise<readonly Stamp[]> {
  return stampAll(session, entries, rows);
}

/** Two puts to one key go one after the other, as each has stamps of its own. */
async function stampAll(session: Session, table: StampedTable, rows: readonly SqlValue[][]): Promise<readonly Stamp[]> {
  const stamps: Stamp[] = new Array(rows.length);
  let open = [...rows.keys()];
  while (open.length > 0) {
    const keys = new Map<string, number>();
    for (const at of open) {
      const key = keyOf(table, itemAt(rows, at));
      if (!keys.has(key) && keys.size < MAX_ROWS) keys.set(key, at);
    }
    const part = new Set(keys.values());
    const some = [...part].map((at) => itemAt(rows, at));
    const isShort = some.every((row) => row.every((value) => !Buffer.isBuffer(value) || value.length < MAX_BODY_CHARS));
    const together = some.length > 1 && isShort;
    const answers: Stamp[] = together ? await stampTogether(session, table, some) : [];
    if (!together) for (const row of some) answers.push(await stampOne(session, table, row));
    for (const [i, at] of [...part].entries()) stamps[at] = itemAt(answers, i);
    open = open.filter((at) => !part.has(at));
  }
  return stamps;
}

async function stampOne(session: Session, table: StampedTable, row: readonly SqlValue[]): Promise<Stamp> {
  const { put, read } = getOrCreate(prepared, table, () => statementsFor(table));
  const bound = row.filter((_, at) => !table.times.includes(itemAt(table.columns, at)));
  await session.put(put, bound);
  return toStamp(itemAt(await session.preparedRows<StampRow>(read, keyValues(table, row)), 0));
}

async function stampTogether(session: Session, table: StampedTable, rows: readonly SqlValue[][]): Promise<Stamp[]> {
  const shards = new Set(rows.map((row) => numberAt(row, SHARD_AT)));
  const texts = rows.map((row, n) =>
    // the first row stands for all in the fence
    valuesOf(table, (at) => (n === 0 && at === SHARD_AT ? fencedShard(shards) : literal(itemAt(row, at)))),
  );
  await session.put(`${table.insert}${texts.join(', ')}${table.update}`);
  const where = rows.map((row) => {
    const values = keyValues(table, row).map(literal);
    return `(${table.key.map((column, at) => `${column} = ${values[at]}`).join(' AND ')})`;
  });
  const found = await session.rows<StampRow>(
    `SELECT ${table.read}, ${table.key.join(', ')} FROM ${table.table} WHERE ${where.join(' OR ')}`,
  );
  const byKey = new Map(found.map((row) => [row.slice(2).map(keyText).join(' '), row]));
  return rows.map((row) => toStamp(mustGet(byKey, keyOf(table, row))));
}

/** The columns that `read` reads of a row, and perhaps its key. */
type StampRow = readonly [srcVersion: number, pos: number, ...key: unknown[]];

function toStamp([srcVersion, pos]: StampRow): Stamp {
  return { srcVersion, pos };
}

function keyValues({ key, columns }: StampedTable, row: readonly SqlValue[]): SqlValue[] {
  return key.map((column) => itemAt(row, columns.indexOf(column)));
}

function keyOf(table: StampedTable, row: readonly SqlValue[]): string {
  return keyValues(table, row).map(keyText).join(' ');
}

function keyText(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}
