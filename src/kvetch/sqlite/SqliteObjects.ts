import { objectChange } from '../changes/changeKey.ts';
import { ClaimLostError } from '../errors.ts';
import { type EdgeRow, LIVE, type ObjectRow } from '../shards/rows.ts';
import type {
  BrowseRequest,
  ObjectInsert,
  ObjectReplacement,
  ObjectRewrite,
  ObjectStore,
  ScanPage,
  ScanRequest,
  UnitStamps,
  UnitWrite,
} from '../shards/ShardStore.ts';
import { readBothWays, readPages } from './readPages.ts';
import { type ObjectColumns, objectColumns, toObjectRow } from './rowMapping.ts';
import type { SqliteChanges } from './SqliteChanges.ts';
import type { SqliteEdges } from './SqliteEdges.ts';
import type { SqliteEntries } from './SqliteEntries.ts';
import type { SqliteOutbox } from './SqliteOutbox.ts';
import type { Statements } from './Statements.ts';
import { type ScannedTable, scanPage } from './scanPage.ts';

const CHUNK = 500;

/** Ids travel as one JSON array, so that one statement serves batches of every size. */
const selectByIds = `SELECT ${objectColumns} FROM json_each(?) r CROSS JOIN kvetch_objects o ON o.obj_id = r.value`;
const selectById = `SELECT ${objectColumns} FROM kvetch_objects o WHERE o.obj_id = ?`;
const scanned: ScannedTable<ObjectColumns, ObjectRow> = {
  ...{ from: 'kvetch_objects o', columns: objectColumns, toRow: toObjectRow },
  orders: {
    key: { key: ['obj_id'], keyOf: (row) => [row.obj_id] },
    time: { key: ['updated_us', 'obj_id'], keyOf: (row) => [row.updated_us, row.obj_id] },
  },
};

/** The objects of one SQLite store. */
export class SqliteObjects implements ObjectStore {
  readonly #statements: Statements;
  readonly #edgesOf: (row: EdgeRow) => SqliteEdges;
  readonly #entries: SqliteEntries;
  readonly #outbox: SqliteOutbox;
  readonly #changes: SqliteChanges;

  constructor(
    statements: Statements,
    edgesOf: (row: EdgeRow) => SqliteEdges,
    entries: SqliteEntries,
    outbox: SqliteOutbox,
    changes: SqliteChanges,
  ) {
    this.#statements = statements;
    this.#edgesOf = edgesOf;
    this.#entries = entries;
    this.#outbox = outbox;
    this.#changes = changes;
  }

  readObjects(ids: readonly string[]): ReadonlyArray<ObjectRow | null> {
    if (ids.length === 1) return [this.#one(ids[0] ?? '')];
    const unique = [...new Set(ids)];
    const found = new Map<string, ObjectRow>();
    for (let start = 0; start < unique.length; start += CHUNK) {
      const chunk = JSON.stringify(unique.slice(start, start + CHUNK));
      for (const row of this.#statements.all<ObjectColumns>(selectByIds, chunk))
        found.set(row.obj_id, toObjectRow(row));
    }
    return ids.map((id) => found.get(id) ?? null);
  }

  browse(requests: readonly BrowseRequest[]): ReadonlyArray<readonly ObjectRow[]> {
    return readBothWays(requests, (some, way) => {
      const select = (at: number): string =>
        `SELECT ${at} AS n, ${objectColumns} FROM kvetch_objects o
         WHERE type_id = ? AND state = 1 AND obj_id ${way.than} ? ORDER BY obj_id ${way.order} LIMIT ?`;
      const pages = some.map(({ typeId, afterId, limit }) => [typeId, afterId ?? way.start, limit]);
      return readPages(this.#statements, { select, none: [0, '', 0] }, pages, toObjectRow, (a, b) =>
        a.id < b.id ? -way.sign : way.sign,
      );
    });
  }

  scanObjects(request: ScanRequest): ScanPage<ObjectRow> {
    return scanPage(this.#statements, scanned, request);
  }

  insertObjects(inserts: readonly ObjectInsert[]): ReadonlyArray<ObjectRow | null | Error> {
    return this.#statements.writeEach(inserts, ({ row, edges, note, claims = [] }) => {
      const there = this.#one(row.id);
      if (there !== null) return there;
      const lost = this.#entries.confirm(claims);
      if (lost !== null) return new ClaimLostError(lost.index);
      this.#insert(row);
      for (const edge of edges) this.#edgesOf(edge.row).put(edge);
      this.#outbox.put(note);
      return null;
    });
  }

  replaceObjects(replacements: readonly ObjectReplacement[]): ReadonlyArray<boolean | Error> {
    return this.#statements.writeEach(replacements, (replacement) => this.#replace(replacement));
  }

  rewriteObjects(rewrites: readonly ObjectRewrite[]): ReadonlyArray<ObjectRow | null | Error> {
    return this.#statements.writeEach(rewrites, ({ id, rewrite }) => {
      const there = this.#one(id);
      const replacement = there?.state === LIVE ? rewrite(there) : null;
      const replaced = replacement !== null && this.#replace(replacement);
      return replaced === true ? (replacement?.row ?? null) : replaced || null;
    });
  }

  /** Within the transaction of its caller, which a throw undoes. */
  writeUnit({ ids, ends, plan }: UnitWrite): UnitStamps {
    const read = (some: readonly string[]): ReadonlyMap<string, ObjectRow> =>
      new Map(this.readObjects(some).flatMap((row) => (row === null ? [] : [[row.id, row]])));
    const { inserts, replacements, claims, edges, entries, note } = plan(read(ids), read(ends));
    const lost = this.#entries.confirm(claims);
    if (lost !== null) throw new ClaimLostError(lost.index);
    for (const row of inserts) this.#insert(row);
    for (const row of replacements) this.#update(row);
    this.#outbox.put(note);
    return {
      edges: edges.map((put) => this.#edgesOf(put.row).put(put)),
      entries: entries.map((put) => this.#entries.put(put)),
    };
  }

  purge(rows: readonly ObjectRow[]): number {
    const sql = 'DELETE FROM kvetch_objects WHERE obj_id = ? AND version = ? AND state = 0';
    return rows.reduce((removed, { id, version }) => removed + this.#statements.run(sql, id, version), 0);
  }

  #insert(row: ObjectRow): void {
    const { id, shard, typeId, version, state, codec, createdUs, updatedUs, body } = row;
    this.#changes.add(objectChange(row));
    this.#statements.run(
      'INSERT INTO kvetch_objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[id, shard, typeId, version, state, codec, createdUs, updatedUs, body],
    );
  }

  #replace({ row, expectedVersion, notes = [], claims = [] }: ObjectReplacement): boolean | Error {
    const there = this.#one(row.id);
    if (there?.version !== expectedVersion || there.state !== LIVE) return false;
    const lost = this.#entries.confirm(claims);
    if (lost !== null) return new ClaimLostError(lost.index);
    this.#update(row);
    for (const note of notes) this.#outbox.put(note);
    return true;
  }

  #update(row: ObjectRow): void {
    const { id, version, state, codec, updatedUs, body } = row;
    this.#changes.add(objectChange(row));
    this.#statements.run(
      'UPDATE kvetch_objects SET version = ?, state = ?, codec = ?, updated_us = ?, body = ? WHERE obj_id = ?',
      ...[version, state, codec, updatedUs, body, id],
    );
  }

  #one(id: string): ObjectRow | null {
    const row = this.#statements.one<ObjectColumns>(selectById, id);
    return row === null ? null : toObjectRow(row);
  }
}
