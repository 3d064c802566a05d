import { itemAt } from '../../../utils/itemAt.ts';
import type { ShardSpan } from '../../shards/ShardStore.ts';
import { literal, type SqlValue } from '../literals.ts';
import type { MysqlServer } from '../MysqlServer.ts';
import { isFenced, toFailure } from '../serverErrors.ts';
import { type Insert, insertRows } from '../upsert.ts';
import { behind } from './keyOrder.ts';
import { type MovedTable, movedTables } from './movedTables.ts';
import { takenOver } from './takenOver.ts';

const PAGE = 200;

/** The rows of shards, on their way from one server to another. */
export interface Copy {
  readonly source: MysqlServer;
  readonly target: MysqlServer;
  readonly shards: ShardSpan;
  /** The state that the shards must have at the target: arriving, by this mover. */
  readonly fence: string;
}

/**
 * Copies all rows, or those changed since a time (microseconds). The source is authoritative: rows that exist at the
 * target are overwritten. Returns the number of rows.
 */
export async function copyRows(copy: Copy, sinceUs: number | null): Promise<number> {
  let rows = 0;
  for (const table of movedTables) rows += await copyTable(copy, table, sinceUs);
  return rows;
}

async function copyTable(
  { source, target, shards, fence }: Copy,
  table: MovedTable,
  sinceUs: number | null,
): Promise<number> {
  const { name, columns } = table;
  const [index, order] =
    sinceUs === null ? ['shard', ['shard', ...table.key]] : ['scan', ['updated_us', ...table.scanKey]];
  const window = `shard BETWEEN ${shards[0]} AND ${shards[1]}${sinceUs === null ? '' : ` AND updated_us >= ${literal(sinceUs)}`}`;
  const insert: Insert = {
    head: `INSERT INTO ${name} (${columns.join(', ')}) VALUES `,
    tail: ` ON DUPLICATE KEY UPDATE ${columns.map((column) => `${column} = VALUES(${column})`).join(', ')}`,
    shardAt: columns.indexOf('shard'),
    fence,
  };
  let copied = 0;
  let after = '';
  for (;;) {
    const sql = `SELECT ${columns.join(', ')} FROM ${name} FORCE INDEX (${name}_${index})
  WHERE ${window}${after} ORDER BY ${order.join(', ')} LIMIT ${PAGE}`;
    const rows = await source.read((session) => session.rows<SqlValue[]>(sql));
    await target
      .write((session) => insertRows(session, insert, rows))
      .catch((error: unknown) => {
        throw isFenced(error) ? takenOver(shards[0]) : toFailure(error);
      });
    copied += rows.length;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return copied;
    after = ` AND (${behind('>', order, (column) => itemAt(last, columns.indexOf(column)))})`;
  }
}

/** Deletes the rows of shards while `fence` holds for all of them at the server. Returns how many there were. */
export async function deleteRows(server: MysqlServer, [from, to]: ShardSpan, fence: string): Promise<number> {
  let deleted = 0;
  for (const { name } of movedTables) {
    const sql = `DELETE FROM ${name} WHERE shard BETWEEN ${from} AND ${to}
  AND (SELECT COUNT(*) FROM kvetch_shards s WHERE s.shard BETWEEN ${from} AND ${to} AND NOT (s.${fence}) LOCK IN SHARE MODE) = 0
  LIMIT ${PAGE * 5}`;
    for (let found = -1; found !== 0; deleted += found) found = await server.write((session) => session.write(sql));
  }
  return deleted;
}
