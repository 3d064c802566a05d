import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { edgeChange } from '../changes/changeKey.ts';
import { endOfNumbers, NUMBER_DIGITS, sumOfKeys } from '../codec/sumOfKeys.ts';
import { BadValueError, quote } from '../errors.ts';
import { shardOfId } from '../ids/routing.ts';
import { mapEntries } from '../reads/attempt.ts';
import { type EdgePageRequest, isCountOfAll } from '../shards/pageRequests.ts';
import { compareEdges as compareInList } from '../shards/reflectsWrite.ts';
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
import { inTurn } from './inTurn.ts';
import { idLiteral, integer, MAX_UINT32, pageLimit, type SqlValue } from './literals.ts';
import { writeWithChanges } from './MysqlChanges.ts';
import { putNotes } from './MysqlOutbox.ts';
import {
  type EdgePlace,
  edgePages,
  edgePlaces,
  edgeTables,
  edgeValues,
  idAt,
  numberAt,
  placeOf,
  type SqlRow,
  toListedEdge,
  toPlacedEdge,
} from './rowMapping.ts';
import type { Session } from './Session.ts';
import { type Scan, scanPage } from './scanPage.ts';
import { idColumn, numberColumn, scanKeys } from './scanWindow.ts';
import { selectWithEpoch } from './shardStates.ts';
import { stampEdgePuts } from './stampedPuts.ts';
import { insertRows } from './upsert.ts';

const MAX_COUNTS = 500;
/** So many lists are added up in one statement: each may answer with a row for each value. */
const MAX_SUMS = 50;
const MAX_KEYS = 500;
const EDGE_KEY = ['edge_id', 'from_id', 'to_id'] as const;
const keyMarks = (row: SqlRow): ReadonlyArray<string | number> => [numberAt(row, 0), idAt(row, 1), idAt(row, 4)];
const scan: Scan = {
  keys: scanKeys([numberColumn('edge_id'), idColumn('from_id'), idColumn('to_id')]),
  marksOf: { key: keyMarks, time: (row) => [numberAt(row, 8), ...keyMarks(row)] },
};

/** The edges of one database in one of its tables. */
export class MysqlEdges implements EdgeStore {
  readonly #to: FencedServer;
  readonly #place: EdgePlace;

  constructor(to: FencedServer, place: EdgePlace) {
    this.#to = to;
    this.#place = place;
  }

  readEdgePages(requests: readonly EdgePageRequest[]): Promise<ReadonlyArray<Entry<readonly EdgeRow[]>>> {
    const columns = requests.every(({ isBrief }) => isBrief) ? edgePlaces : edgePages;
    const pages = runValidEntries(
      this.#to,
      requests,
      (request) => toPageSelect(request, columns),
      (selects) => readPages(this.#to, selects, columns[this.#place], compareInList),
    );
    return inTurn(requests, pages);
  }

  countEdges(requests: readonly CountRequest[]): Promise<ReadonlyArray<Entry<number>>> {
    const { table, nothing } = edgeTables[this.#place];
    const prepare = (request: CountRequest) => {
      const { edgeId, fromId, upTo, sum = null } = request;
      const limit = upTo === undefined ? '' : ` LIMIT ${integer(upTo)}`;
      const part = sum === null ? request : { ...request, high: endOfNumbers(request.high) };
      const from = `FROM ${table} FORCE INDEX (${table}_list)
  WHERE ${listOf(request)} AND state = 1${within(part)}`;
      // in the place of an id: the place in the chunk, and what the keys begin with
      const select = (at: number): string =>
        sum === null
          ? `'${at}', COUNT(*) FROM (SELECT 1 ${from}${limit}) AS part${at}`
          : `CONCAT('${at}:', LOWER(HEX(number))), n FROM (SELECT LEFT(sort_key, ${NUMBER_DIGITS / 2}) AS number, COUNT(*) AS n
  ${from} GROUP BY number LIMIT ${integer(sum.maxValues + 1)}) AS part${at}`;
      return {
        edgeId: integer(edgeId, MAX_UINT32),
        source: idLiteral(fromId),
        shard: shardOfId(fromId),
        sum,
        part: isCountOfAll(request) ? null : select,
      };
    };
    return runValidEntries(this.#to, requests, prepare, (keys) =>
      inChunks(keys, keys.some(({ sum }) => sum !== null) ? MAX_SUMS : MAX_COUNTS, async (chunk, turn) => {
        const lists = new Map<number, Set<string>>();
        for (const { edgeId, source, part } of chunk)
          if (part === null) lists.set(edgeId, (lists.get(edgeId) ?? new Set()).add(source));
        const branches = [...lists].map(
          ([edgeId, sources]) =>
            `SELECT edge_id, LOWER(HEX(from_id)), COUNT(*) FROM ${table} FORCE INDEX (${table}_list)
  WHERE edge_id = ${edgeId} AND from_id IN (${[...sources].join(', ')}) AND state = 1 GROUP BY edge_id, from_id`,
        );
        const parts = chunk.flatMap(({ edgeId, part }, at) => (part === null ? [] : [`SELECT ${edgeId}, ${part(at)}`]));
        const sql = [
          ...branches,
          ...parts,
          selectWithEpoch(table, '', nothing, (n) => `edge_id, LOWER(HEX(from_id)), ${n}`),
        ].join(' UNION ALL ');
        return this.#to.fence.read(chunk, shardOf, async () => {
          const rows = await this.#to.server.read(
            (session) => session.rows<[edgeId: number | null, source: string, n: number]>(sql),
            turn,
          );
          const counts = new Map(rows.map(([edgeId, source, n]) => [`${edgeId} x'${source}'`, n]));
          const summed = new Map<string, Map<string, number>>();
          for (const [, source, n] of rows) {
            const [at = '', digits] = (source ?? '').split(':');
            if (digits !== undefined) getOrCreate(summed, at, () => new Map<string, number>()).set(digits, n);
          }
          const answers = mapEntries(chunk, ({ edgeId, source, part, sum }, at) =>
            sum === null
              ? (counts.get(`${edgeId} ${part === null ? source : `x'${at}'`}`) ?? 0)
              : sumOfKeys(sum, summed.get(String(at)) ?? new Map()),
          );
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
      readByKeys(this.#to, found, EDGE_KEY, edgeTables[this.#place], MAX_KEYS),
    );
  }

  scanEdges(request: ScanRequest): Promise<ScanPage<EdgeRow>> {
    return scanPage(this.#to, request, edgeTables[this.#place], scan);
  }

  putEdges(puts: readonly EdgePut[]): Promise<ReadonlyArray<Entry<Stamp | null>>> {
    const prepare = (put: EdgePut): PreparedPut => {
      this.#to.checkBody(put.row.body);
      return preparePut(put);
    };
    return runValidEntries(this.#to, puts, prepare, async (prepared) => {
      const order = prepared.map((_, at) => at);
      const at = (i: number): PreparedPut => itemAt(prepared, i);
      order.sort((a, b) => comparePuts(at(a), at(b)));
      const answers = await bisectOnError<number, Stamp | null>(order, async (part) => {
        const put = async (open: readonly number[]) => {
          const changed = open.map(at).flatMap(edgeChange);
          const all = async (session: Session) => {
            const stamps = await putEdgeRows(session, this.#place, open.map(at));
            await putNotes(
              session,
              open.map((i) => at(i).note),
            );
            return stamps;
          };
          const isOne = open.every((i) => !at(i).stamped && at(i).note === undefined);
          const stampsOf = await writeWithChanges(this.#to.server, all, { changed, isOne });
          const stamps = stampsOf();
          return open.map((i) => stamps.get(at(i)) ?? null);
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

/** A put with its values. */
export interface PreparedPut {
  readonly row: EdgeRow;
  readonly keepPosition: boolean;
  readonly stamped: boolean;
  readonly isPlain: boolean;
  readonly note: OutboxNote | undefined;
  readonly values: SqlValue[];
}

export function preparePut({ row, keepPosition, stamped = false, isPlain = false, note }: EdgePut): PreparedPut {
  return { row, keepPosition, stamped, isPlain, note, values: edgeValues(row) };
}

/** The order in which puts are made. */
export function comparePuts(a: PreparedPut, b: PreparedPut): number {
  return Number(a.keepPosition) - Number(b.keepPosition) || compareEdges(a.row, b.row);
}

/** Puts edges of one table, in the order of `comparePuts`. The stamps of stamped ones are known at the commit. */
export async function putEdgeRows(
  session: Session,
  place: EdgePlace,
  puts: readonly PreparedPut[],
): Promise<() => ReadonlyMap<PreparedPut, Stamp>> {
  for (const keep of [false, true]) {
    const some = puts.filter(({ stamped, keepPosition }) => !stamped && keepPosition === keep);
    await insertRows(
      session,
      edgeInserts[place][keep ? 1 : 0],
      some.map(({ values }) => values),
    );
  }
  return stampEdgePuts(
    session,
    place,
    puts.filter(({ stamped }) => stamped),
  );
}

function listOf({ edgeId, fromId }: Pick<EdgeKey, 'edgeId' | 'fromId'>): string {
  return `edge_id = ${integer(edgeId, MAX_UINT32)} AND from_id = ${idLiteral(fromId)}`;
}

/** One page as a branch. Its start is compared column by column; a bare id's position is looked up. */
function toPageSelect(request: EdgePageRequest, columns: typeof edgePages): PageOfShard<EdgeRow> {
  const { edgeId, fromId, limit, reverse = false } = request;
  const place = placeOf(request);
  const list = listOf({ edgeId, fromId });
  const rows = pageLimit(limit);
  const { table } = edgeTables[place];
  const order = reverse ? `${place} DESC, to_id DESC` : `${place}, to_id`;
  const where = `${list} AND state = 1${within(request)}${behind(request, place, table, list)}`;
  const select = (at: number): string =>
    `SELECT ${at} AS n, ${columns[place].columns} FROM ${table} FORCE INDEX (${table}_list)
  WHERE ${where} ORDER BY ${order} LIMIT ${rows}`;
  const shard = shardOfId(fromId);
  const read = columns === edgePlaces ? toPlacedEdge : toListedEdge;
  const toRow = (row: SqlRow, at: number): EdgeRow => read({ edgeId, fromId, shard, state: LIVE }, row, at);
  return { shard, select: rows === 0 ? null : select, toRow };
}

function behind(
  { afterPos, afterId, afterKey, reverse = false }: EdgePageRequest,
  place: EdgePlace,
  table: string,
  list: string,
): string {
  if (afterId === null) return '';
  const id = idLiteral(afterId);
  const ofId = `(SELECT a.${place} FROM ${table} a WHERE ${list} AND a.to_id = ${id})`;
  const known = place === 'pos' ? String(integer(afterPos ?? 0)) : keyLiteral(afterKey ?? '');
  const start = afterPos === null ? ofId : known;
  const than = reverse ? '<' : '>';
  return ` AND ${place} ${than}= ${start} AND (${place} ${than} ${start} OR to_id ${than} ${id})`;
}

function within({ low, high }: Pick<EdgePageRequest, 'low' | 'high'>): string {
  const from = low === undefined ? '' : ` AND sort_key >= ${keyLiteral(low)}`;
  return high === undefined ? from : `${from} AND sort_key < ${keyLiteral(high)}`;
}

/** A key, or a bound of keys, as bytes. */
function keyLiteral(key: string): string {
  if (/^(?:[0-9a-f]{2})*$/.test(key)) return `x'${key}'`;
  throw new BadValueError(`The order key ${quote(key)} is none.`);
}
