import { stampEdge } from '../shards/mergeRows.ts';
import type { EdgePageRequest } from '../shards/pageRequests.ts';
import type { EdgeRow } from '../shards/rows.ts';
import type { CountRequest, EdgeKey, EdgePut, EdgeStore, ScanPage, ScanRequest, Stamp } from '../shards/ShardStore.ts';
import type { SqlValue } from './openDatabase.ts';
import { type Numbered, readPages } from './readPages.ts';
import { type EdgeColumns, edgeColumns, toEdgeRow } from './rowMapping.ts';
import type { SqliteOutbox } from './SqliteOutbox.ts';
import type { Statements } from './Statements.ts';
import { type ScannedTable, scanPage } from './scanPage.ts';

const join = 'e.edge_id = r.value ->> 0 AND e.from_id = r.value ->> 1';
const selectByKeys = `SELECT r.key AS n, ${edgeColumns} FROM json_each(?) r CROSS JOIN kvetch_edges e
  ON ${join} AND e.to_id = r.value ->> 2`;
const counts = `SELECT (SELECT COUNT(*) FROM kvetch_edges e WHERE ${join} AND e.state = 1) AS n FROM json_each(?) r ORDER BY r.key`;
const scanned: ScannedTable<EdgeColumns, EdgeRow> = {
  ...{ from: 'kvetch_edges e', columns: edgeColumns, toRow: toEdgeRow },
  orders: {
    key: { key: ['edge_id', 'from_id', 'to_id'], keyOf: (row) => [row.edge_id, row.from_id, row.to_id] },
    time: {
      key: ['updated_us', 'edge_id', 'from_id', 'to_id'],
      keyOf: (row) => [row.updated_us, row.edge_id, row.from_id, row.to_id],
    },
  },
};
const nothing: readonly SqlValue[] = [0, '', 0, 0, '', 0];

/**
 * `mergeEdge` in SQL. Right-hand sides see the row as it was, so all columns agree on the winner. The two
 * last values are whether a live edge keeps its place.
 */
const put = `INSERT INTO kvetch_edges VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (edge_id, from_id, to_id) DO UPDATE SET
    pos = CASE WHEN excluded.state = 0 OR (? AND state = 1) THEN pos ELSE excluded.pos END,
    created_us = CASE WHEN excluded.state = 0 OR (? AND state = 1) THEN created_us ELSE excluded.created_us END,
    src_version = excluded.src_version, state = excluded.state, updated_us = excluded.updated_us,
    codec = excluded.codec, body = CASE WHEN excluded.state = 0 THEN NULL ELSE excluded.body END
  WHERE excluded.src_version >= src_version`;

/** The edges of one SQLite store. */
export class SqliteEdges implements EdgeStore {
  readonly #statements: Statements;
  readonly #outbox: SqliteOutbox;

  constructor(statements: Statements, outbox: SqliteOutbox) {
    this.#statements = statements;
    this.#outbox = outbox;
  }

  readEdgePages(requests: readonly EdgePageRequest[]): ReadonlyArray<readonly EdgeRow[]> {
    const backward = requests.filter(({ reverse }) => reverse === true);
    if (backward.length === 0) return this.#readForward(requests);
    const ahead = this.#readForward(requests.filter(({ reverse }) => reverse !== true)).values();
    const back = this.#readBackward(backward).values();
    return requests.map(({ reverse }) => (reverse === true ? back : ahead).next().value ?? []);
  }

  #readBackward(requests: readonly EdgePageRequest[]): ReadonlyArray<readonly EdgeRow[]> {
    const starts = this.#resolveStarts(requests, Number.MAX_SAFE_INTEGER);
    const select = (at: number): string =>
      `SELECT ${at} AS n, ${edgeColumns} FROM kvetch_edges e
       WHERE edge_id = ? AND from_id = ? AND state = 1 AND pos <= ? AND (pos < ? OR to_id < ?) ORDER BY pos DESC, to_id DESC LIMIT ?`;
    const pages = requests.map(({ edgeId, fromId, afterId, limit }, at) => {
      const pos = starts[at] ?? null;
      return pos === null ? nothing : [edgeId, fromId, pos, pos, afterId ?? '', limit];
    });
    return readPages(this.#statements, { select, none: nothing }, pages, toEdgeRow, (a, b) => compareRows(b, a));
  }

  #readForward(requests: readonly EdgePageRequest[]): ReadonlyArray<readonly EdgeRow[]> {
    const starts = this.#resolveStarts(requests, -1);
    const select = (at: number): string =>
      // spelt out, because a row comparison would not use the index in every store that copies this
      `SELECT ${at} AS n, ${edgeColumns} FROM kvetch_edges e
       WHERE edge_id = ? AND from_id = ? AND state = 1 AND pos >= ? AND (pos > ? OR to_id > ?) ORDER BY pos, to_id LIMIT ?`;
    const pages = requests.map(({ edgeId, fromId, afterId, limit }, at) => {
      const pos = starts[at] ?? null;
      if (pos === null) return nothing; // behind an edge that never was
      return [edgeId, fromId, pos, pos, afterId ?? '', limit];
    });
    return readPages(this.#statements, { select, none: nothing }, pages, toEdgeRow, compareRows);
  }

  /** Where each page begins: `end` for the end of the list, `null` where the edge to begin behind is unknown. */
  #resolveStarts(requests: readonly EdgePageRequest[], end: number): ReadonlyArray<number | null> {
    const bare = requests.filter(({ afterPos, afterId }) => afterId !== null && afterPos === null);
    const found = this.readEdges(bare.map(({ edgeId, fromId, afterId }) => ({ edgeId, fromId, toId: afterId ?? '' })));
    let next = 0;
    return requests.map(({ afterPos, afterId }) => {
      if (afterId === null) return end;
      return afterPos ?? found[next++]?.pos ?? null;
    });
  }

  countEdges(requests: readonly CountRequest[]): readonly number[] {
    const keys = JSON.stringify(requests.map(({ edgeId, fromId }) => [edgeId, fromId]));
    return this.#statements.all<Numbered>(counts, keys).map(({ n }) => n);
  }

  readEdges(keys: readonly EdgeKey[]): ReadonlyArray<EdgeRow | null> {
    const out: (EdgeRow | null)[] = keys.map(() => null);
    if (keys.length === 0) return out;
    const json = JSON.stringify(keys.map(({ edgeId, fromId, toId }) => [edgeId, fromId, toId]));
    for (const row of this.#statements.all<EdgeColumns & Numbered>(selectByKeys, json)) out[row.n] = toEdgeRow(row);
    return out;
  }

  scanEdges(request: ScanRequest): ScanPage<EdgeRow> {
    return scanPage(this.#statements, scanned, request);
  }

  putEdges(puts: readonly EdgePut[]): ReadonlyArray<Stamp | null> {
    return this.#statements.writeEach(puts, (put) => this.put(put));
  }

  /** Within the transaction of its caller. */
  put({ row: given, keepPosition, stamped = false, note }: EdgePut): Stamp | null {
    this.#outbox.put(note);
    const row = stamped ? stampEdge(this.readEdges([given])[0] ?? null, given) : given;
    const { edgeId, fromId, toId, shard, pos, srcVersion, state, createdUs, updatedUs, codec, body } = row;
    const values = [edgeId, fromId, toId, shard, pos, srcVersion, state, createdUs, updatedUs, codec, body];
    const keep = keepPosition ? 1 : 0;
    this.#statements.run(put, ...values, keep, keep);
    return stamped ? { srcVersion, pos } : null;
  }

  purge(rows: readonly EdgeRow[]): number {
    const sql =
      'DELETE FROM kvetch_edges WHERE edge_id = ? AND from_id = ? AND to_id = ? AND src_version = ? AND state = 0';
    return rows.reduce((removed, row) => {
      return removed + this.#statements.run(sql, row.edgeId, row.fromId, row.toId, row.srcVersion);
    }, 0);
  }
}

function compareRows(a: EdgeRow, b: EdgeRow): number {
  return a.pos - b.pos || (a.toId < b.toId ? -1 : 1);
}
