import { itemAt } from '../../utils/itemAt.ts';
import { shardOfId } from '../ids/routing.ts';
import type { EdgePageRequest } from '../shards/pageRequests.ts';
import { type EdgeRow, LIVE, type OutboxNote } from '../shards/rows.ts';
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
import {
  bisectOnError,
  inChunks,
  type PageOfShard,
  type RowOfKey,
  readByKeys,
  readPages,
  runValidEntries,
} from './batches.ts';
import { compareEdges, edgeInserts } from './edgeInserts.ts';
import type { FencedServer } from './FencedServer.ts';
import { idLiteral, integer, MAX_UINT32, pageLimit, type SqlValue } from './literals.ts';
import { putNotes } from './MysqlOutbox.ts';
import { edgePages, edgeTable, edgeValues, idAt, numberAt, type SqlRow, toListedEdge } from './rowMapping.ts';
import type { Session } from './Session.ts';
import { type Scan, scanPage } from './scanPage.ts';
import { idColumn, numberColumn, scanKeys } from './scanWindow.ts';
import { selectWithEpoch } from './shardStates.ts';
import { stampEdgePuts } from './stampedPuts.ts';
import { insertRows } from './upsert.ts';

const MAX_COUNTS = 500;
const MAX_KEYS = 500;
const EDGE_KEY = ['edge_id', 'from_id', 'to_id'] as const;
const keyMarks = (row: SqlRow): ReadonlyArray<string | number> => [numberAt(row, 0), idAt(row, 1), idAt(row, 4)];
const scan: Scan = {
  keys: scanKeys([numberColumn('edge_id'), idColumn('from_id'), idColumn('to_id')]),
  marksOf: { key: keyMarks, time: (row) => [numberAt(row, 8), ...keyMarks(row)] },
};

/** The edges of one database. */
export class MysqlEdges implements EdgeStore {
  readonly #to: FencedServer;

  constructor(to: FencedServer) {
    this.#to = to;
  }

  readEdgePages(requests: readonly EdgePageRequest[]): Promise<ReadonlyArray<Entry<readonly EdgeRow[]>>> {
    const compare = (a: EdgeRow, b: EdgeRow): number => a.pos - b.pos || (a.toId < b.toId ? -1 : 1);
    const pages = runValidEntries(this.#to, requests, toPageSelect, (selects) =>
      readPages(this.#to, selects, edgePages, compare),
    );
    return requests.some(({ reverse }) => reverse === true) ? turned(requests, pages) : pages;
  }

  countEdges(requests: readonly CountRequest[]): Promise<ReadonlyArray<Entry<number>>> {
    const prepare = ({ edgeId, fromId }: CountRequest) => ({
      edgeId: integer(edgeId, MAX_UINT32),
      source: idLiteral(fromId),
      shard: shardOfId(fromId),
    });
    return runValidEntries(this.#to, requests, prepare, (keys) =>
      inChunks(keys, MAX_COUNTS, async (chunk, turn) => {
        const lists = new Map<number, Set<string>>();
        for (const { edgeId, source } of chunk) lists.set(edgeId, (lists.get(edgeId) ?? new Set()).add(source));
        const branches = [...lists].map(
          ([edgeId, sources]) =>
            `SELECT edge_id, LOWER(HEX(from_id)), COUNT(*) FROM kvetch_edges FORCE INDEX (kvetch_edges_list)
  WHERE edge_id = ${edgeId} AND from_id IN (${[...sources].join(', ')}) AND state = 1 GROUP BY edge_id, from_id`,
        );
        const sql = [
          ...branches,
          selectWithEpoch('kvetch_edges', '', edgeTable.nothing, (n) => `edge_id, LOWER(HEX(from_id)), ${n}`),
        ].join(' UNION ALL ');
        return this.#to.fence.read(chunk, shardOf, async () => {
          const rows = await this.#to.server.read(
            (session) => session.rows<[edgeId: number | null, source: string, n: number]>(sql),
            turn,
          );
          const counts = new Map(rows.map(([edgeId, source, n]) => [`${edgeId} x'${source}'`, n]));
          const answers = chunk.map(({ edgeId, source }) => counts.get(`${edgeId} ${source}`) ?? 0);
          const [, , epoch] = itemAt(
            rows,
            rows.findIndex(([edgeId]) => edgeId === null),
          );
          return { epoch, answers };
        });
      }),
    );
  }

  async readEdges(keys: readonly EdgeKey[]): Promise<ReadonlyArray<Entry<EdgeRow | null>>> {
    const toKey = ({ edgeId, fromId, toId }: EdgeKey): RowOfKey => ({
      shard: shardOfId(fromId),
      places: [[String(integer(edgeId, MAX_UINT32)), idLiteral(fromId), idLiteral(toId)]],
    });
    return runValidEntries(this.#to, keys, toKey, (found) =>
      readByKeys(this.#to, found, EDGE_KEY, edgeTable, MAX_KEYS),
    );
  }

  scanEdges(request: ScanRequest): Promise<ScanPage<EdgeRow>> {
    return scanPage(this.#to, request, edgeTable, scan);
  }

  putEdges(puts: readonly EdgePut[]): Promise<ReadonlyArray<Entry<Stamp | null>>> {
    const prepare = ({ row, keepPosition, stamped = false, note }: EdgePut): PreparedPut => {
      this.#to.checkBody(row.body);
      return { row, keepPosition, stamped, note, values: edgeValues(row) };
    };
    return runValidEntries(this.#to, puts, prepare, async (prepared) => {
      const order = prepared.map((_, at) => at);
      const at = (i: number): PreparedPut => itemAt(prepared, i);
      order.sort(
        (a, b) => Number(at(a).keepPosition) - Number(at(b).keepPosition) || compareEdges(at(a).row, at(b).row),
      );
      const answers = await bisectOnError<number, Stamp | null>(order, async (part) => {
        const put = async (open: readonly number[]) => {
          const all = async (session: Session) => {
            const stamps = new Map<number, Stamp>();
            for (const keep of [false, true]) {
              const rows = open.filter((i) => !at(i).stamped && at(i).keepPosition === keep).map((i) => at(i).values);
              await insertRows(session, edgeInserts[keep ? 1 : 0], rows);
            }
            const stamped = open.filter((i) => at(i).stamped);
            const given = await stampEdgePuts(
              session,
              stamped.map((i) => at(i).values),
            );
            for (const [n, i] of stamped.entries()) stamps.set(i, itemAt(given, n));
            const notes = open.map((i) => at(i).note);
            await putNotes(session, notes);
            return open.map((i) => stamps.get(i) ?? null);
          };
          const isPlain = open.every((i) => !at(i).stamped && at(i).note === undefined);
          return isPlain ? this.#to.server.write(all) : this.#to.server.transaction(all);
        };
        return this.#to.fence.write(part, (i) => at(i).row.shard, put);
      });
      const out: Entry<Stamp | null>[] = new Array(prepared.length);
      for (const [i, where] of order.entries()) out[where] = answers[i] ?? null;
      return out;
    });
  }
}

const shardOf = ({ shard }: { readonly shard: number }): number => shard;

interface PreparedPut {
  readonly row: EdgeRow;
  readonly keepPosition: boolean;
  readonly stamped: boolean;
  readonly note: OutboxNote | undefined;
  readonly values: SqlValue[];
}

function listOf({ edgeId, fromId }: Pick<EdgeKey, 'edgeId' | 'fromId'>): string {
  return `edge_id = ${integer(edgeId, MAX_UINT32)} AND from_id = ${idLiteral(fromId)}`;
}

/** Pages in the order in which they were asked for. */
async function turned(
  requests: readonly EdgePageRequest[],
  pages: Promise<ReadonlyArray<Entry<readonly EdgeRow[]>>>,
): Promise<ReadonlyArray<Entry<readonly EdgeRow[]>>> {
  return (await pages).map((page, at) =>
    requests[at]?.reverse === true && !(page instanceof Error) ? page.toReversed() : page,
  );
}

/** One page as a branch. Its start is compared column by column; a bare id's position is looked up. */
function toPageSelect({
  edgeId,
  fromId,
  afterPos,
  afterId,
  limit,
  reverse = false,
}: EdgePageRequest): PageOfShard<EdgeRow> {
  const list = listOf({ edgeId, fromId });
  const rows = pageLimit(limit);
  const after = afterId === null ? '' : behind(list, afterPos, afterId, reverse);
  const order = reverse ? 'pos DESC, to_id DESC' : 'pos, to_id';
  const select = (at: number): string =>
    `SELECT ${at} AS n, ${edgePages.columns} FROM kvetch_edges FORCE INDEX (kvetch_edges_list)
  WHERE ${list} AND state = 1${after} ORDER BY ${order} LIMIT ${rows}`;
  const shard = shardOfId(fromId);
  const toRow = (row: SqlRow, at: number): EdgeRow => toListedEdge({ edgeId, fromId, shard, state: LIVE }, row, at);
  return { shard, select: rows === 0 ? null : select, toRow };
}

function behind(list: string, afterPos: number | null, afterId: string, reverse: boolean): string {
  const id = idLiteral(afterId);
  const pos =
    afterPos === null ? `(SELECT a.pos FROM kvetch_edges a WHERE ${list} AND a.to_id = ${id})` : integer(afterPos);
  const than = reverse ? '<' : '>';
  return ` AND pos ${than}= ${pos} AND (pos ${than} ${pos} OR to_id ${than} ${id})`;
}
