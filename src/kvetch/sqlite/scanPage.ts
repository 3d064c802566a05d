import type { ScanOrder, ScanPage, ScanRequest } from '../shards/ShardStore.ts';
import type { SqlValue } from './openDatabase.ts';
import type { Statements } from './Statements.ts';

/** How cleaners go through a table in one order. */
interface Scan<TColumns> {
  /** The columns of an index. */
  readonly key: readonly string[];
  /** A row's own values of them. */
  readonly keyOf: (columns: TColumns) => readonly SqlValue[];
}

export interface ScannedTable<TColumns, TRow> {
  readonly from: string;
  readonly columns: string;
  readonly toRow: (columns: TColumns) => TRow;
  readonly orders: Readonly<Record<ScanOrder, Scan<TColumns>>>;
}

/** One page of a cleaner's scan. */
export function scanPage<TColumns, TRow>(
  statements: Statements,
  { from, columns, toRow, orders }: ScannedTable<TColumns, TRow>,
  { order, fromShard, toShard, fromUs, toUs, after, limit }: ScanRequest,
): ScanPage<TRow> {
  const { key, keyOf } = orders[order];
  const start: readonly SqlValue[] = after === null ? [] : (JSON.parse(after) as readonly SqlValue[]);
  const behind = after === null ? '' : `(${key.join(', ')}) > (${key.map(() => '?').join(', ')}) AND`;
  const sql = `SELECT ${columns} FROM ${from}
  WHERE ${behind} updated_us BETWEEN ? AND ? AND shard BETWEEN ? AND ? ORDER BY ${key.join(', ')} LIMIT ?`;
  const found = statements.all<TColumns>(sql, ...start, fromUs, toUs, fromShard, toShard, limit);
  const last = found.length === limit ? found.at(-1) : undefined;
  return { rows: found.map(toRow), next: last === undefined ? null : JSON.stringify(keyOf(last)) };
}
