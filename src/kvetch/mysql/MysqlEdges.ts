import type { EdgeRow } from '../shards/rows.ts';
import type {
  CountRequest,
  EdgeKey,
  EdgePageRequest,
  EdgePut,
  Entry,
  ScanPage,
  ScanRequest,
} from '../shards/ShardStore.ts';
import { aligned, inChunks, inHalves, readPages } from './batches.ts';
import { compareEdges, edgeInserts } from './edgeInserts.ts';
import { idLiteral, integer, MAX_UINT32, pageLimit, type SqlValue } from './literals.ts';
import type { MysqlServer } from './MysqlServer.ts';
import { edgeColumns, edgeValues, type SqlRow, toEdgeRow } from './rowMapping.ts';
import { scanWindow } from './scanWindow.ts';
import { insertRows } from './upsert.ts';

const MAX_COUNTS = 500;

/** The edges of one database. */
export class MysqlEdges {
  readonly #server: MysqlServer;
  readonly #checkBody: (body: string | null) => void;

  constructor(server: MysqlServer, checkBody: (body: string | null) => void) {
    this.#server = server;
    this.#checkBody = checkBody;
  }

  pages(requests: readonly EdgePageRequest[]): Promise<ReadonlyArray<Entry<readonly EdgeRow[]>>> {
    const compare = (a: EdgeRow, b: EdgeRow): number => a.pos - b.pos || (a.toId < b.toId ? -1 : 1);
    return aligned(requests, toPageSelect, (selects) => readPages(this.#server, selects, toEdgeRow, compare));
  }

  count(requests: readonly CountRequest[]): Promise<ReadonlyArray<Entry<number>>> {
    const prepare = ({ edgeId, fromId }: CountRequest) => ({
      edgeId: integer(edgeId, MAX_UINT32),
      fromId,
      source: idLiteral(fromId),
    });
    return aligned(requests, prepare, (keys) =>
      inChunks(keys, MAX_COUNTS, async (chunk) => {
        const lists = new Map<number, Set<string>>();
        for (const { edgeId, source } of chunk) lists.set(edgeId, (lists.get(edgeId) ?? new Set()).add(source));
        const branches = [...lists].map(
          ([edgeId, sources]) =>
            `SELECT edge_id, LOWER(HEX(from_id)), COUNT(*) FROM kvetch_edges FORCE INDEX (kvetch_edges_list)
  WHERE edge_id = ${edgeId} AND from_id IN (${[...sources].join(', ')}) AND state = 1 GROUP BY edge_id, from_id`,
        );
        const rows = await this.#server.read((session) => session.rows(branches.join(' UNION ALL ')));
        const counts = new Map(rows.map(([edgeId, source, n]) => [`${edgeId} x'${source}'`, n as number]));
        return chunk.map(({ edgeId, source }) => counts.get(`${edgeId} ${source}`) ?? 0);
      }),
    );
  }

  async read(keys: readonly EdgeKey[]): Promise<ReadonlyArray<Entry<EdgeRow | null>>> {
    const toSelect = (key: EdgeKey) => {
      const where = `${listOf(key)} AND to_id = ${idLiteral(key.toId)}`;
      return (at: number): string => `SELECT ${at} AS n, ${edgeColumns} FROM kvetch_edges WHERE ${where}`;
    };
    const pages = await aligned(keys, toSelect, (selects) => readPages(this.#server, selects, toEdgeRow, () => 0));
    return pages.map((page) => (page instanceof Error ? page : (page[0] ?? null)));
  }

  async scan(request: ScanRequest): Promise<ScanPage<EdgeRow>> {
    const window = scanWindow(request, ([edge, from = '', to = '']) => {
      const edgeId = integer(Number(edge));
      const rest = `from_id > ${idLiteral(from)} OR (from_id = ${idLiteral(from)} AND to_id > ${idLiteral(to)})`;
      return `edge_id > ${edgeId} OR (edge_id = ${edgeId} AND (${rest}))`;
    });
    if (window === null) return { rows: [], next: null };
    const sql = `SELECT ${edgeColumns} FROM kvetch_edges WHERE ${window}
  ORDER BY updated_us, edge_id, from_id, to_id LIMIT ${pageLimit(request.limit)}`;
    const rows = (await this.#server.read((session) => session.rows(sql))).map((row: SqlRow) => toEdgeRow(row));
    const last = rows.at(-1);
    const isFull = last !== undefined && rows.length === request.limit;
    return { rows, next: isFull ? JSON.stringify([last.updatedUs, last.edgeId, last.fromId, last.toId]) : null };
  }

  put(puts: readonly EdgePut[]): Promise<ReadonlyArray<Entry<null>>> {
    const prepare = ({ row, keepPosition }: EdgePut): PreparedPut => {
      this.#checkBody(row.body);
      return { row, keepPosition, values: edgeValues(row) };
    };
    return aligned(puts, prepare, async (prepared) => {
      const order = prepared.map((_, at) => at);
      const at = (i: number): PreparedPut => prepared[i] as PreparedPut;
      order.sort(
        (a, b) => Number(at(a).keepPosition) - Number(at(b).keepPosition) || compareEdges(at(a).row, at(b).row),
      );
      const answers = await inHalves<number, null>(order, async (part) => {
        await this.#server.write(async (session) => {
          for (const keep of [false, true]) {
            const rows = part.filter((i) => at(i).keepPosition === keep).map((i) => at(i).values);
            await insertRows(session, edgeInserts[keep ? 1 : 0], rows);
          }
        });
        return part.map(() => null);
      });
      const out: Entry<null>[] = new Array(prepared.length);
      for (const [i, where] of order.entries()) out[where] = answers[i] ?? null;
      return out;
    });
  }
}

interface PreparedPut {
  readonly row: EdgeRow;
  readonly keepPosition: boolean;
  readonly values: SqlValue[];
}

function listOf({ edgeId, fromId }: Pick<EdgeKey, 'edgeId' | 'fromId'>): string {
  return `edge_id = ${integer(edgeId, MAX_UINT32)} AND from_id = ${idLiteral(fromId)}`;
}

/** One page as a branch. What it begins behind is compared column by column; a bare id's position is looked up. */
function toPageSelect({ edgeId, fromId, afterPos, afterId, limit }: EdgePageRequest): ((at: number) => string) | null {
  const list = listOf({ edgeId, fromId });
  const rows = pageLimit(limit);
  const after = afterId === null ? '' : behind(list, afterPos, afterId);
  if (rows === 0) return null;
  return (at) =>
    `SELECT ${at} AS n, ${edgeColumns} FROM kvetch_edges FORCE INDEX (kvetch_edges_list)
  WHERE ${list} AND state = 1${after} ORDER BY pos, to_id LIMIT ${rows}`;
}

function behind(list: string, afterPos: number | null, afterId: string): string {
  const id = idLiteral(afterId);
  const pos =
    afterPos === null ? `(SELECT a.pos FROM kvetch_edges a WHERE ${list} AND a.to_id = ${id})` : integer(afterPos);
  return ` AND pos >= ${pos} AND (pos > ${pos} OR to_id > ${id})`;
}
