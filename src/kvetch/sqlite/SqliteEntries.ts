import { mergeClaim, mergeConfirm, mergeRelease, stampEntry } from '../shards/mergeRows.ts';
import type { EntryPageRequest } from '../shards/pageRequests.ts';
import type { EntryRow } from '../shards/rows.ts';
import type { EntryClaim, EntryKey, EntryPut, EntryStore, ScanPage, ScanRequest, Stamp } from '../shards/ShardStore.ts';
import { readBothWays, readPages } from './readPages.ts';
import { type EntryColumns, entryColumns, escapeNul, toEntryRow } from './rowMapping.ts';
import type { SqliteOutbox } from './SqliteOutbox.ts';
import type { Statements } from './Statements.ts';
import { type ScannedTable, scanPage } from './scanPage.ts';

const scanned: ScannedTable<EntryColumns, EntryRow> = {
  ...{ from: 'kvetch_entries x', columns: entryColumns, toRow: toEntryRow },
  orders: {
    key: { key: ['index_name', 'value', 'target_id'], keyOf: (row) => [row.index_name, row.value, row.target_id] },
    time: {
      key: ['updated_us', 'index_name', 'target_id', 'value'],
      keyOf: (row) => [row.updated_us, row.index_name, row.target_id, row.value],
    },
  },
};

/** `mergeEntry` in SQL. */
const put = `INSERT INTO kvetch_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (index_name, value, target_id) DO UPDATE SET
    created_us = CASE WHEN excluded.state = 0 OR state = 1 THEN created_us ELSE excluded.created_us END,
    src_version = excluded.src_version, state = excluded.state, updated_us = excluded.updated_us
  WHERE excluded.src_version >= src_version`;
const remove = 'DELETE FROM kvetch_entries WHERE index_name = ? AND value = ?';

/** The index entries of one SQLite store. Claims read and write within one transaction. */
export class SqliteEntries implements EntryStore {
  readonly #statements: Statements;
  readonly #outbox: SqliteOutbox;

  constructor(statements: Statements, outbox: SqliteOutbox) {
    this.#statements = statements;
    this.#outbox = outbox;
  }

  readEntryPages(requests: readonly EntryPageRequest[]): ReadonlyArray<readonly EntryRow[]> {
    return readBothWays(requests, (some, way) => {
      const select = (at: number): string =>
        `SELECT ${at} AS n, ${entryColumns} FROM kvetch_entries x
         WHERE index_name = ? AND value = ? AND state = 1 AND target_id ${way.than} ? ORDER BY target_id ${way.order} LIMIT ?`;
      const pages = some.map(({ index, value, afterId, limit }) => [
        ...[index, escapeNul(value)],
        ...[afterId ?? way.start, limit],
      ]);
      const compare = (a: EntryRow, b: EntryRow): number => (a.targetId < b.targetId ? -way.sign : way.sign);
      return readPages(this.#statements, { select, none: ['', '', '', 0] }, pages, toEntryRow, compare);
    });
  }

  readEntries(keys: readonly EntryKey[]): ReadonlyArray<EntryRow | null> {
    const values = keys.map(({ index, value, targetId }) => [index, escapeNul(value), targetId]);
    return this.#rows('index_name = ? AND value = ? AND target_id = ?', ['', '', ''], values);
  }

  readHolders(keys: ReadonlyArray<Pick<EntryRow, 'index' | 'value'>>): ReadonlyArray<EntryRow | null> {
    const values = keys.map(({ index, value }) => [index, escapeNul(value)]);
    return this.#rows('index_name = ? AND value = ?', ['', ''], values);
  }

  scanEntries(request: ScanRequest): ScanPage<EntryRow> {
    return scanPage(this.#statements, scanned, request);
  }

  putEntries(puts: readonly EntryPut[]): ReadonlyArray<Stamp | null> {
    return this.#statements.writeEach(puts, (put) => this.put(put));
  }

  /** Within the transaction of its caller. */
  put({ row, unique, stamped = false, note }: EntryPut): Stamp | null {
    this.#outbox.put(note);
    const entry = stamped ? stampEntry(this.readEntries([row])[0] ?? null, row) : row;
    if (unique) this.#release(row);
    else this.#insert(entry);
    return stamped ? { srcVersion: entry.srcVersion, pos: 0 } : null;
  }

  /** Confirms claims within the transaction that writes their object: the first that is lost, or `null` when none is. */
  confirm(claims: readonly EntryRow[]): EntryRow | null {
    const confirmed = claims.map((claim) => mergeConfirm(this.#holder(claim), claim));
    const lost = claims.find((_, at) => confirmed[at] === null) ?? null;
    if (lost === null) for (const row of confirmed) if (row !== null) this.#replace(row);
    return lost;
  }

  claimEntries(claims: readonly EntryClaim[]): ReadonlyArray<EntryRow | null> {
    return this.#statements.writeEach(claims, ({ row, replaces }) => {
      const existing = this.#holder(row);
      const merged = mergeClaim(existing, row, replaces);
      if (merged === null) return existing;
      this.#replace(merged);
      return null;
    });
  }

  purge(rows: readonly EntryRow[]): number {
    const sql = `${remove} AND target_id = ? AND src_version = ? AND state = 0`;
    return rows.reduce((removed, row) => {
      return removed + this.#statements.run(sql, row.index, escapeNul(row.value), row.targetId, row.srcVersion);
    }, 0);
  }

  #holder(row: EntryRow): EntryRow | null {
    return this.readHolders([row])[0] ?? null;
  }

  #release(row: EntryRow): void {
    const released = mergeRelease(this.#holder(row), row);
    if (released !== null) this.#replace(released);
  }

  #replace(row: EntryRow): void {
    this.#statements.run(remove, row.index, escapeNul(row.value));
    this.#insert(row);
  }

  #insert({ index, value, targetId, shard, srcVersion, state, createdUs, updatedUs }: EntryRow): void {
    this.#statements.run(put, index, escapeNul(value), targetId, shard, srcVersion, state, createdUs, updatedUs);
  }

  /** At most one row per key. Values are bound one by one. */
  #rows(
    where: string,
    none: readonly string[],
    keys: ReadonlyArray<readonly string[]>,
  ): ReadonlyArray<EntryRow | null> {
    const select = (at: number): string => `SELECT ${at} AS n, ${entryColumns} FROM kvetch_entries x WHERE ${where}`;
    return readPages(this.#statements, { select, none }, keys, toEntryRow, () => 0).map(([row]) => row ?? null);
  }
}
