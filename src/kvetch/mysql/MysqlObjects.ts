import { BodyTooLargeError } from '../errors.ts';
import type { ObjectRow } from '../shards/rows.ts';
import type {
  BrowseRequest,
  Entry,
  ObjectInsert,
  ObjectReplacement,
  ScanPage,
  ScanRequest,
} from '../shards/ShardStore.ts';
import { aligned, chunksOf, inHalves, readPages } from './batches.ts';
import { compareEdges, compareIds, edgeInserts } from './edgeInserts.ts';
import { idBytes, idLiteral, integer, MAX_UINT32, pageLimit, type SqlValue } from './literals.ts';
import type { MysqlServer } from './MysqlServer.ts';
import { edgeValues, objectColumns, objectValues, toObjectRow } from './rowMapping.ts';
import type { Session } from './Session.ts';
import { scanWindow } from './scanWindow.ts';
import { isDuplicate, toFailure } from './serverErrors.ts';
import { type Insert, insertRows } from './upsert.ts';

const MAX_IDS = 512;
const insert: Insert = { head: `INSERT INTO kvetch_objects (${objectColumns}) VALUES `, tail: '' };
const replace = `UPDATE kvetch_objects SET version = ?, state = ?, codec = ?, updated_us = ?, body = ?
  WHERE obj_id = ? AND version = ? AND state = 1`;

/** The objects of one database. */
export class MysqlObjects {
  readonly #server: MysqlServer;
  /** A quarter of what the server takes in one packet; known once the store is open. */
  readonly #maxBodyBytes: () => number;

  constructor(server: MysqlServer, maxBodyBytes: () => number) {
    this.#server = server;
    this.#maxBodyBytes = maxBodyBytes;
  }

  read(ids: readonly string[]): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
    return aligned(
      ids,
      (id) => ({ id, bytes: idBytes(id) }),
      async (keys) => {
        const bytes = [...new Map(keys.map((key) => [key.id, key.bytes])).values()];
        const found = new Map<string, ObjectRow>();
        await Promise.all(chunksOf(bytes, MAX_IDS).map((chunk) => this.#readChunk(chunk, found)));
        return keys.map(({ id }) => found.get(id) ?? null);
      },
    );
  }

  /** Lists are filled up to a power of two with the last id, so that ten prepared statements serve all batches. */
  async #readChunk(ids: readonly Buffer[], found: Map<string, ObjectRow>): Promise<void> {
    let size = 1;
    while (size < ids.length) size *= 2;
    const last = ids.at(-1) as Buffer; // chunks are never empty
    const values = Array.from({ length: size }, (_, at) => ids[at] ?? last);
    const sql = `SELECT ${objectColumns} FROM kvetch_objects WHERE obj_id IN (${values.map(() => '?').join(', ')})`;
    const rows = await this.#server.read((session) => session.preparedRows(sql, values));
    for (const row of rows.map((columns) => toObjectRow(columns))) found.set(row.id, row);
  }

  browse(requests: readonly BrowseRequest[]): Promise<ReadonlyArray<Entry<readonly ObjectRow[]>>> {
    const toSelect = ({ typeId, afterId, limit }: BrowseRequest) => {
      const where = `type_id = ${integer(typeId, MAX_UINT32)} AND state = 1`;
      const after = afterId === null ? '' : ` AND obj_id > ${idLiteral(afterId)}`;
      const rows = pageLimit(limit);
      if (rows === 0) return null;
      return (at: number): string =>
        `SELECT ${at} AS n, ${objectColumns} FROM kvetch_objects WHERE ${where}${after} ORDER BY obj_id LIMIT ${rows}`;
    };
    const compare = (a: ObjectRow, b: ObjectRow): number => (a.id < b.id ? -1 : 1);
    return aligned(requests, toSelect, (selects) => readPages(this.#server, selects, toObjectRow, compare));
  }

  async scan(request: ScanRequest): Promise<ScanPage<ObjectRow>> {
    const window = scanWindow(request, ([id = '']) => `obj_id > ${idLiteral(id)}`);
    if (window === null) return { rows: [], next: null };
    const sql = `SELECT ${objectColumns} FROM kvetch_objects WHERE ${window} ORDER BY updated_us, obj_id LIMIT ${pageLimit(request.limit)}`;
    const rows = (await this.#server.read((session) => session.rows(sql))).map((row) => toObjectRow(row));
    const last = rows.at(-1);
    const isFull = last !== undefined && rows.length === request.limit;
    return { rows, next: isFull ? JSON.stringify([last.updatedUs, last.id]) : null };
  }

  insert(inserts: readonly ObjectInsert[]): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
    const prepare = ({ row, edges }: ObjectInsert): PreparedInsert => {
      for (const { body } of [row, ...edges.map((edge) => edge.row)]) this.checkBody(body);
      return { row, values: objectValues(row), edges: edges.map((put) => ({ ...put, values: edgeValues(put.row) })) };
    };
    return aligned(inserts, prepare, async (prepared) => {
      const order = prepared.map((_, at) => at);
      order.sort((a, b) => compareIds(prepared[a]?.row.id, prepared[b]?.row.id)); // stable: of two with one id the first is first
      const sorted = order.map((at) => prepared[at] as PreparedInsert);
      const answers = await inHalves<PreparedInsert, ObjectRow | null>(
        sorted,
        (part) => this.#insertPart(part),
        async ({ row }, error) => {
          if (!isDuplicate(error)) return toFailure(error);
          return (await this.read([row.id]))[0] ?? toFailure(error); // purged in between: an error for once
        },
      );
      const out: Entry<ObjectRow | null>[] = new Array(prepared.length);
      for (const [i, at] of order.entries()) out[at] = answers[i] ?? null;
      return out;
    });
  }

  async #insertPart(part: readonly PreparedInsert[]): Promise<readonly null[]> {
    const edges = part.flatMap((one) => one.edges).sort((a, b) => compareEdges(a.row, b.row));
    const rows = part.map(({ values }) => values);
    const write = (rowsOnly: boolean) => async (session: Session) => {
      await insertRows(session, insert, rows);
      if (rowsOnly) return;
      for (const keep of [false, true]) {
        const values = edges.filter(({ keepPosition }) => keepPosition === keep).map((edge) => edge.values);
        await insertRows(session, edgeInserts[keep ? 1 : 0], values);
      }
    };
    if (part.length === 1 && edges.length === 0) await this.#server.write(write(true));
    else await this.#server.transaction(write(edges.length === 0));
    return part.map(() => null);
  }

  replace(replacements: readonly ObjectReplacement[]): Promise<ReadonlyArray<Entry<boolean>>> {
    const prepare = ({ row, expectedVersion }: ObjectReplacement): SqlValue[] => {
      this.checkBody(row.body);
      const [id, , , version, state, codec, , updatedUs, body] = objectValues(row);
      return [version, state, codec, updatedUs, body, id, integer(expectedVersion)] as SqlValue[];
    };
    return aligned(replacements, prepare, async (prepared) => {
      const order = prepared.map((_, at) => at).sort((a, b) => Buffer.compare(idOf(prepared[a]), idOf(prepared[b])));
      const out: Entry<boolean>[] = new Array(prepared.length).fill(false);
      const run = async (part: readonly number[]): Promise<readonly boolean[]> => {
        const all = async (session: Session) => {
          const changed: boolean[] = [];
          for (const at of part) changed.push((await session.preparedWrite(replace, prepared[at] as SqlValue[])) === 1);
          return changed;
        };
        return part.length === 1 ? this.#server.write(all) : this.#server.transaction(all);
      };
      const answers = await inHalves(order, run);
      for (const [i, at] of order.entries()) out[at] = answers[i] ?? false;
      return out;
    });
  }

  /** Refuses what would break the connection for every other statement on it. */
  checkBody(body: string | null): void {
    const limit = this.#maxBodyBytes();
    if (body === null || body.length * 3 <= limit) return;
    const bytes = Buffer.byteLength(body);
    if (bytes > limit) throw new BodyTooLargeError(bytes, limit);
  }
}

interface PreparedInsert {
  readonly row: ObjectRow;
  readonly values: SqlValue[];
  readonly edges: ReadonlyArray<ObjectInsert['edges'][number] & { readonly values: SqlValue[] }>;
}

function idOf(values: SqlValue[] | undefined): Buffer {
  return values?.[5] as Buffer;
}
