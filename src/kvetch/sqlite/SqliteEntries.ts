import { mergeClaim, mergeRelease } from '../shards/mergeRows.ts';
import type { EntryPageRequest } from '../shards/pageRequests.ts';
import type { EntryRow } from '../shards/rows.ts';
import type { EntryClaim, EntryKey, EntryPut, ScanPage, ScanRequest } from '../shards/ShardStore.ts';
import { readPages } from './readPages.ts';
import { entryColumns, toEntryRow } from './rowMapping.ts';
import type { Statements } from './Statements.ts';

const scan = `SELECT ${entryColumns} FROM kvetch_entries x
  WHERE (updated_us, index_name, target_id, value) > (?, ?, ?, ?) AND updated_us BETWEEN ? AND ? AND shard BETWEEN ? AND ?
  ORDER BY updated_us, index_name, target_id, value LIMIT ?`;

/** `mergeEntry` in SQL. */
const put = `INSERT INTO kvetch_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (index_name, value, target_id) DO UPDATE SET
    created_us = CASE WHEN excluded.state = 0 OR state = 1 THEN created_us ELSE excluded.created_us END,
    src_version = excluded.src_version, state = excluded.state, updated_us = excluded.updated_us
  WHERE excluded.src_version >= src_version`;
const remove = 'DELETE FROM kvetch_entries WHERE index_name = ? AND value = ?';

/** The index entries of one SQLite store. Claims read and write within the caller's transaction. */
export class SqliteEntries {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  pages(requests: readonly EntryPageRequest[]): ReadonlyArray<readonly EntryRow[]> {
    const select = (at: number): string =>
      `SELECT ${at} AS n, ${entryColumns} FROM kvetch_entries x
       WHERE index_name = ? AND value = ? AND state = 1 AND target_id > ? ORDER BY target_id LIMIT ?`;
    const pages = requests.map(({ index, value, afterId, limit }) => [index, value, afterId ?? '', limit]);
    const compare = (a: EntryRow, b: EntryRow): number => (a.targetId < b.targetId ? -1 : 1);
    return readPages(this.#statements, { select, none: ['', '', '', 0] }, pages, toEntryRow, compare);
  }

  read(keys: readonly EntryKey[]): ReadonlyArray<EntryRow | null> {
    const values = keys.map(({ index, value, targetId }) => [index, value, targetId]);
    return this.#rows('index_name = ? AND value = ? AND target_id = ?', ['', '', ''], values);
  }

  holders(keys: ReadonlyArray<Pick<EntryRow, 'index' | 'value'>>): ReadonlyArray<EntryRow | null> {
    const values = keys.map(({ index, value }) => [index, value]);
    return this.#rows('index_name = ? AND value = ?', ['', ''], values);
  }

  scan({ fromShard, toShard, fromUs, toUs, after, limit }: ScanRequest): ScanPage<EntryRow> {
    const start = after === null ? [-1, '', '', ''] : (JSON.parse(after) as [number, string, string, string]);
    const rows = this.#statements.all(scan, ...start, fromUs, toUs, fromShard, toShard, limit).map(toEntryRow);
    const last = rows.at(-1);
    const full = last !== undefined && rows.length === limit;
    return { rows, next: full ? JSON.stringify([last.updatedUs, last.index, last.targetId, last.value]) : null };
  }

  put({ row, unique }: EntryPut): void {
    if (!unique) {
      this.#insert(row);
      return;
    }
    const released = mergeRelease(this.holders([row])[0] ?? null, row);
    if (released !== null) this.#replace(released);
  }

  claim({ row, replaces }: EntryClaim): EntryRow | null {
    const existing = this.holders([row])[0] ?? null;
    const merged = mergeClaim(existing, row, replaces);
    if (merged === null) return existing;
    this.#replace(merged);
    return null;
  }

  purge(rows: readonly EntryRow[]): number {
    const sql = `${remove} AND target_id = ? AND src_version = ? AND state = 0`;
    return rows.reduce((removed, row) => {
      return removed + this.#statements.run(sql, row.index, row.value, row.targetId, row.srcVersion);
    }, 0);
  }

  #replace(row: EntryRow): void {
    this.#statements.run(remove, row.index, row.value);
    this.#insert(row);
  }

  #insert({ index, value, targetId, shard, srcVersion, state, createdUs, updatedUs }: EntryRow): void {
    this.#statements.run(put, index, value, targetId, shard, srcVersion, state, createdUs, updatedUs);
  }

  /** At most one row per key. Values are bound one by one: SQLite's JSON functions end a text at its first NUL. */
  #rows(
    where: string,
    none: readonly string[],
    keys: ReadonlyArray<readonly string[]>,
  ): ReadonlyArray<EntryRow | null> {
    const select = (at: number): string => `SELECT ${at} AS n, ${entryColumns} FROM kvetch_entries x WHERE ${where}`;
    return readPages(this.#statements, { select, none }, keys, toEntryRow, () => 0).map(([row]) => row ?? null);
  }
}
