import { edgeChange } from '../changes/changeKey.ts';
import { endOfNumbers, NUMBER_DIGITS, sumOfKeys } from '../codec/sumOfKeys.ts';
import { mapEntries } from '../reads/attempt.ts';
import { stampEdge } from '../shards/mergeRows.ts';
import { type EdgePageRequest, isCountOfAll } from '../shards/pageRequests.ts';
import { compareEdges } from '../shards/reflectsWrite.ts';
import type { EdgeRow } from '../shards/rows.ts';
import type {
  CountRequest,
  EdgeKey,
  EdgePut,
  EdgeStore,
  Entry,
  ScanPage,
  ScanRequest,
  Stamp,
} from '../shards/ShardStore.ts';
import type { SqlValue } from './openDatabase.ts';
import { type Numbered, readBothWays, readPages } from './readPages.ts';
import { type EdgeColumns, edgeColumns, toEdgeRow } from './rowMapping.ts';
import type { SqliteChanges } from './SqliteChanges.ts';
import type { SqliteOutbox } from './SqliteOutbox.ts';
import type { Statements } from './Statements.ts';
import { type ScannedTable, scanPage } from './scanPage.ts';

/** Where edges lie, and by what their lists are ordered. */
type Place = 'pos' | 'sort_key';
const tableOf: Readonly<Record<Place, string>> = { pos: 'kvetch_edges', sort_key: 'kvetch_ordered' };
const join = 'e.edge_id = r.value ->> 0 AND e.from_id = r.value ->> 1';
const orders: ScannedTable<EdgeColumns, EdgeRow>['orders'] = {
  key: { key: ['edge_id', 'from_id', 'to_id'], keyOf: (row) => [row.edge_id, row.from_id, row.to_id] },
  time: {
    key: ['updated_us', 'edge_id', 'from_id', 'to_id'],
    keyOf: (row) => [row.updated_us, row.edge_id, row.from_id, row.to_id],
  },
};

/** The statements for a table. */
function statementsFor(place: Place) {
  const table = tableOf[place];
  const columns = edgeColumns(place);
  const bounds = place === 'sort_key' ? ' AND sort_key >= ? AND sort_key < ?' : '';
  const page =
    (than: '>' | '<', order: string) =>
    (at: number): string =>
      // spelt out, because a row comparison would not use the index in every store that copies this
      `SELECT ${at} AS n, ${columns} FROM ${table} e
       WHERE edge_id = ? AND from_id = ? AND state = 1${bounds} AND ${place} ${than}= ? AND (${place} ${than} ? OR to_id ${than} ?) ${order} LIMIT ?`;
  // a new key counts even where a live edge keeps its place
  const moved = place === 'pos' ? 'excluded.state = 0 OR (? AND state = 1)' : 'excluded.state = 0 OR (? AND 0)';
  const none: readonly SqlValue[] = [0, '', ...(place === 'sort_key' ? ['', ''] : []), 0, 0, '', 0];
  return {
    selectByKeys: `SELECT r.key AS n, ${columns} FROM json_each(?) r CROSS JOIN ${table} e ON ${join} AND e.to_id = r.value ->> 2`,
    counts: `SELECT (SELECT COUNT(*) FROM ${table} e WHERE ${join} AND e.state = 1) AS n FROM json_each(?) r ORDER BY r.key`,
    countPart: (at: number): string =>
      `SELECT ${at} AS n, COUNT(*) AS count FROM
       (SELECT 1 FROM ${table} WHERE edge_id = ? AND from_id = ? AND state = 1${bounds} LIMIT ?)`,
    sum: (at: number): string =>
      `SELECT ${at} AS n, substr(${place}, 1, ${NUMBER_DIGITS}) AS digits, COUNT(*) AS count FROM ${table}
       WHERE edge_id = ? AND from_id = ? AND state = 1${bounds} GROUP BY digits LIMIT ?`,
    forward: page('>', `ORDER BY ${place}, to_id`),
    backward: page('<', `ORDER BY ${place} DESC, to_id DESC`),
    none,
    scanned: { from: `${table} e`, columns, toRow: toEdgeRow, orders },
    /**
     * `mergeEdge` in SQL. Right-hand sides see the row as it was, so all columns agree on the winner. The two
     * last values are whether a live edge keeps its place.
     */
    put: `INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (edge_id, from_id, to_id) DO UPDATE SET
    ${place} = CASE WHEN ${moved} THEN ${place} ELSE excluded.${place} END,
    created_us = CASE WHEN excluded.state = 0 OR (? AND state = 1) THEN created_us ELSE excluded.created_us END,
    src_version = excluded.src_version, state = excluded.state, updated_us = excluded.updated_us,
    codec = excluded.codec, body = CASE WHEN excluded.state = 0 THEN NULL ELSE excluded.body END
  WHERE excluded.src_version >= src_version`,
    purge: `DELETE FROM ${table} WHERE edge_id = ? AND from_id = ? AND to_id = ? AND src_version = ? AND state = 0`,
  };
}

/** The edges of one SQLite store in one of its tables. */
export class SqliteEdges implements EdgeStore {
  readonly #statements: Statements;
  readonly #outbox: SqliteOutbox;
  readonly #changes: SqliteChanges;
  readonly #place: Place;
  readonly #sql: ReturnType<typeof statementsFor>;

  constructor(statements: Statements, outbox: SqliteOutbox, changes: SqliteChanges, place: Place) {
    this.#statements = statements;
    this.#outbox = outbox;
    this.#changes = changes;
    this.#place = place;
    this.#sql = statementsFor(place);
  }

  readEdgePages(requests: readonly EdgePageRequest[]): ReadonlyArray<readonly EdgeRow[]> {
    return readBothWays(requests, (some, { sign }) => this.#read(some, sign < 0));
  }

  #read(requests: readonly EdgePageRequest[], isBackward: boolean): ReadonlyArray<readonly EdgeRow[]> {
    const starts = this.#resolveStarts(requests, isBackward);
    const { forward, backward, none } = this.#sql;
    const pages = requests.map(({ edgeId, fromId, afterId, low, high, limit }, at) => {
      const start = starts[at] ?? null;
      if (start === null) return none; // behind an edge that never was
      const bounds = this.#place === 'sort_key' ? [low ?? '', high ?? END] : [];
      return [edgeId, fromId, ...bounds, start, start, afterId ?? '', limit];
    });
    const query = { select: isBackward ? backward : forward, none };
    return readPages(this.#statements, query, pages, toEdgeRow, (a, b) =>
      isBackward ? compareEdges(b, a) : compareEdges(a, b),
    );
  }

  /** Where each page begins, `null` where the edge to begin behind is unknown. */
  #resolveStarts(requests: readonly EdgePageRequest[], isBackward: boolean): ReadonlyArray<number | string | null> {
    const isOrdered = this.#place === 'sort_key';
    const [first, last] = isOrdered ? ['', END] : [-1, Number.MAX_SAFE_INTEGER];
    const bare = requests.filter(({ afterPos, afterId }) => afterId !== null && afterPos === null);
    const found = this.readEdges(bare.map(({ edgeId, fromId, afterId }) => ({ edgeId, fromId, toId: afterId ?? '' })));
    let next = 0;
    return requests.map(({ afterPos, afterId, afterKey }) => {
      if (afterId === null) return isBackward ? last : first;
      if (afterPos !== null) return isOrdered ? (afterKey ?? '') : afterPos;
      const row = found[next++];
      return (isOrdered ? row?.key : row?.pos) ?? null;
    });
  }

  countEdges(requests: readonly CountRequest[]): ReadonlyArray<Entry<number>> {
    const summed = requests.filter(({ sum }) => sum !== undefined);
    if (summed.length === 0) return this.#counts(requests);
    const sums = this.#sums(summed).values();
    const counts = this.#counts(requests.filter(({ sum }) => sum === undefined)).values();
    return requests.map(({ sum }) => (sum === undefined ? counts : sums).next().value ?? 0);
  }

  #counts(requests: readonly CountRequest[]): readonly number[] {
    if (requests.some((request) => !isCountOfAll(request))) return this.#countParts(requests);
    const keys = JSON.stringify(requests.map(({ edgeId, fromId }) => [edgeId, fromId]));
    return this.#statements.all<Numbered>(this.#sql.counts, keys).map(({ n }) => n);
  }

  /** LIMIT takes no column: these are branches, as pages are. */
  #countParts(requests: readonly CountRequest[]): readonly number[] {
    const { countPart, none } = this.#sql;
    const parts = requests.map(({ edgeId, fromId, low = '', high = END, upTo = -1 }) => [
      ...[edgeId, fromId],
      ...(this.#place === 'sort_key' ? [low, high] : []),
      upTo,
    ]);
    const noPart = none.slice(0, parts[0]?.length);
    const query = { select: countPart, none: noPart };
    const toCount = ({ count }: { readonly count: number }): number => count;
    return readPages(this.#statements, query, parts, toCount, () => 0).map(([count]) => count ?? 0);
  }

  #sums(requests: readonly CountRequest[]): ReadonlyArray<Entry<number>> {
    const { sum: select, none } = this.#sql;
    // one value more than are added up tells that there are too many
    const parts = requests.map(({ edgeId, fromId, low = '', high, sum }) => [
      ...[edgeId, fromId, low, endOfNumbers(high)],
      (sum?.maxValues ?? 0) + 1,
    ]);
    const query = { select, none: [...none.slice(0, 4), 0] };
    const toPair = ({ digits, count }: { readonly digits: string; readonly count: number }) => [digits, count] as const;
    const found = readPages(this.#statements, query, parts, toPair, () => 0);
    return mapEntries(requests, ({ sum }, at) => (sum === undefined ? 0 : sumOfKeys(sum, new Map(found[at]))));
  }

  readEdges(keys: readonly EdgeKey[]): ReadonlyArray<EdgeRow | null> {
    const out: (EdgeRow | null)[] = keys.map(() => null);
    if (keys.length === 0) return out;
    const json = JSON.stringify(keys.map(({ edgeId, fromId, toId }) => [edgeId, fromId, toId]));
    for (const row of this.#statements.all<EdgeColumns & Numbered>(this.#sql.selectByKeys, json))
      out[row.n] = toEdgeRow(row);
    return out;
  }

  scanEdges(request: ScanRequest): ScanPage<EdgeRow> {
    return scanPage(this.#statements, this.#sql.scanned, request);
  }

  putEdges(puts: readonly EdgePut[]): ReadonlyArray<Stamp | null> {
    return this.#statements.writeEach(puts, (put) => this.put(put));
  }

  /** Within the transaction of its caller. */
  put(put: EdgePut): Stamp | null {
    const { row: given, keepPosition, stamped = false, note } = put;
    this.#outbox.put(note);
    this.#changes.add(edgeChange(put));
    const row = stamped ? stampEdge(this.readEdges([given])[0] ?? null, given) : given;
    const { edgeId, fromId, toId, shard, pos, key = '', srcVersion, state, createdUs, updatedUs, codec, body } = row;
    const place = this.#place === 'pos' ? pos : key;
    const values = [edgeId, fromId, toId, shard, place, srcVersion, state, createdUs, updatedUs, codec, body];
    const keep = keepPosition ? 1 : 0;
    this.#statements.run(this.#sql.put, ...values, keep, keep);
    return stamped ? { srcVersion, pos } : null;
  }

  purge(rows: readonly EdgeRow[]): number {
    return rows.reduce((removed, row) => {
      return removed + this.#statements.run(this.#sql.purge, row.edgeId, row.fromId, row.toId, row.srcVersion);
    }, 0);
  }
}

/** Above all keys. */
const END = 'g';
