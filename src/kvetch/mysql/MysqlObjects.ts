import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { objectChange } from '../changes/changeKey.ts';
import { ShardMovedError } from '../errors.ts';
import { LOGICAL_SHARDS, shardOfId } from '../ids/routing.ts';
import { attempt } from '../reads/attempt.ts';
import { LIVE, type ObjectRow, type OutboxNote } from '../shards/rows.ts';
import type {
  BrowseRequest,
  Entry,
  ObjectInsert,
  ObjectReplacement,
  ObjectRewrite,
  ObjectStore,
  ScanPage,
  ScanRequest,
  ShardSpan,
} from '../shards/ShardStore.ts';
import { bisectOnError, inChunks, MAX_BRANCHES, readBranches, runValidEntries } from './batches.ts';
import type { Turn } from './ConnectionGate.ts';
import { confirmClaims, type PreparedClaim, prepareClaim } from './confirmClaims.ts';
import { compareEdges, compareIds, edgeInserts } from './edgeInserts.ts';
import type { FencedServer } from './FencedServer.ts';
import { idBytes, idLiteral, integer, literal, MAX_UINT32, pageLimit, type SqlValue } from './literals.ts';
import { putChanges, writeWithChanges } from './MysqlChanges.ts';
import { putNotes } from './MysqlOutbox.ts';
import {
  edgeValues,
  idAt,
  numberAt,
  objectColumns,
  objectTable,
  objectValues,
  placeOf,
  toObjectRow,
} from './rowMapping.ts';
import type { Found, Session } from './Session.ts';
import { type Scan, scanPage } from './scanPage.ts';
import { idColumn, scanKeys } from './scanWindow.ts';
import { isDuplicate, isLockConflict, toFailure } from './serverErrors.ts';
import { CLOSED, fencedShardOf, isReadable, selectWithEpoch } from './shardStates.ts';
import { type Insert, insertRows } from './upsert.ts';

const MAX_IDS = 512;
const scan: Scan = {
  keys: scanKeys([idColumn('obj_id')]),
  marksOf: { key: (row) => [idAt(row, 0)], time: (row) => [numberAt(row, 7), idAt(row, 0)] },
};
/** The statements that read so many objects by their ids. */
const selects = new Map<number, string>();
const selectMany = (size: number): string =>
  selectWithEpoch('kvetch_objects', objectColumns, `obj_id IN (${new Array(size).fill('?').join(', ')})`);
/** Inserts objects. */
export const insertObject: Insert = {
  head: `INSERT INTO kvetch_objects (${objectColumns}) VALUES `,
  tail: '',
  shardAt: 1,
};
/** `+ 0` keeps servers from the index on shards: where they lock that first, and others the row, they lock each other out. */
const replaceIn = (
  fence: string,
): string => `UPDATE kvetch_objects SET version = ?, state = ?, codec = ?, updated_us = ?, body = ?
  WHERE obj_id = ? AND version = ? AND state = 1 AND shard + 0 = ${fencedShardOf('?', fence)}`;

/** Without the fence, which the statement that replaces the row passes: there the row is locked before its shard, too. */
const lock = `SELECT ${objectColumns} FROM kvetch_objects WHERE obj_id = ? FOR UPDATE`;

/** The objects of one database. */
export class MysqlObjects implements ObjectStore {
  readonly #to: FencedServer;

  constructor(to: FencedServer) {
    this.#to = to;
  }

  readObjects(ids: readonly string[]): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
    return runValidEntries(
      this.#to,
      ids,
      (id) => ({ id, bytes: idBytes(id) }),
      async (keys) => {
        const unique = [...new Map(keys.map((key) => [key.id, key])).values()];
        const rows = await inChunks(unique, MAX_IDS, (chunk, turn) => this.#readChunk(chunk, turn));
        const byId = new Map(unique.map(({ id }, at) => [id, itemAt(rows, at)]));
        return keys.map(({ id }) => byId.get(id) ?? null);
      },
    );
  }

  /** Lists are filled up to a power of two with the last id, so that ten prepared statements serve all batches. */
  #readChunk(keys: readonly ObjectKey[], turn: Turn): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
    let size = 1;
    while (size < keys.length) size *= 2;
    const last = itemAt(keys, keys.length - 1); // chunks are never empty
    const values = keys.map(({ bytes }) => bytes);
    while (values.length < size) values.push(last.bytes);
    const sql = getOrCreate(selects, size, () => selectMany(size));
    return this.#to.fence.read(keys, shardOfKey, async () => {
      const rows = await this.#to.server.read((session) => session.preparedRows(sql, values), turn);
      const found = new Map<string, ObjectRow>();
      for (const columns of rows) {
        if (columns[0] === null) continue; // nothing but the epoch
        const row = toObjectRow(columns);
        found.set(row.id, row);
      }
      const first = itemAt(rows, 0); // the epoch comes with every row
      return { epoch: numberAt(first, first.length - 1), answers: keys.map(({ id }) => found.get(id) ?? null) };
    });
  }

  browse(requests: readonly BrowseRequest[]): Promise<ReadonlyArray<Entry<readonly ObjectRow[]>>> {
    const toSelect = ({ typeId, afterId, limit, shards, reverse = false }: BrowseRequest) => {
      const after = afterId === null ? '' : ` AND obj_id ${reverse ? '<' : '>'} ${idLiteral(afterId)}`;
      const where = `type_id = ${integer(typeId, MAX_UINT32)} AND state = 1${within(shards)}${after}`;
      const rows = pageLimit(limit);
      const select = (at: number): string =>
        `SELECT ${at} AS n, ${objectColumns} FROM kvetch_objects WHERE ${where} ORDER BY obj_id${reverse ? ' DESC' : ''} LIMIT ${rows}`;
      return { shards, select: rows === 0 ? null : select, toRow: toObjectRow };
    };
    const compare = (a: ObjectRow, b: ObjectRow): number => (a.id < b.id ? -1 : 1);
    return runValidEntries(this.#to, requests, toSelect, (selects) =>
      inChunks(selects, MAX_BRANCHES, async (chunk, turn) => {
        const { answers, states } = await this.#to.fence.at(() =>
          readBranches(this.#to.server, chunk, objectTable, compare, turn),
        );
        return answers.map((page, at) => {
          const elsewhere = firstElsewhere(chunk[at]?.shards ?? [], states);
          return elsewhere === null ? page : new ShardMovedError(elsewhere);
        });
      }),
    );
  }

  scanObjects(request: ScanRequest): Promise<ScanPage<ObjectRow>> {
    return scanPage(this.#to, request, objectTable, scan);
  }

  insertObjects(inserts: readonly ObjectInsert[]): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
    const prepare = ({ row, edges, note, claims = [] }: ObjectInsert): PreparedInsert => {
      for (const { body } of [row, ...edges.map((edge) => edge.row)]) this.#to.checkBody(body);
      return {
        ...{ row, note, values: objectValues(row), claims: claims.map(prepareClaim) },
        edges: edges.map((put) => ({ ...put, values: edgeValues(put.row) })),
      };
    };
    return runValidEntries(this.#to, inserts, prepare, async (prepared) => {
      const order = prepared.map((_, at) => at);
      order.sort((a, b) => compareIds(prepared[a]?.row.id, prepared[b]?.row.id)); // stable: of two with one id the first is first
      const sorted = order.map((at) => itemAt(prepared, at));
      const answers = await bisectOnError<PreparedInsert, ObjectRow | null>(
        sorted,
        (part) => this.#to.fence.write(part, shardOfInsert, (open) => this.#insertPart(open)),
        async ({ row }, error) => {
          if (!isDuplicate(error)) return toFailure(error);
          return (await this.readObjects([row.id]))[0] ?? toFailure(error); // purged in between: an error for once
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
    const changed = part.flatMap(({ row }) => objectChange(row));
    const [claims, notes] = [part.flatMap((one) => one.claims), part.map(({ note }) => note)];
    const write = async (session: Session) => {
      await confirmClaims(session, claims);
      await insertRows(session, insertObject, rows);
      await putNotes(session, notes);
      for (const place of ['pos', 'sort_key'] as const) {
        for (const keep of [false, true]) {
          const some = edges.filter(({ keepPosition, row }) => keepPosition === keep && placeOf(row) === place);
          await insertRows(
            session,
            edgeInserts[place][keep ? 1 : 0],
            some.map(({ values }) => values),
          );
        }
      }
    };
    const isOne = rows.length === 1 && edges.length + claims.length === 0 && notes[0] === undefined;
    await writeWithChanges(this.#to.server, write, { changed, isOne });
    return part.map(() => null);
  }

  replaceObjects(replacements: readonly ObjectReplacement[]): Promise<ReadonlyArray<Entry<boolean>>> {
    const prepare = (replacement: ObjectReplacement): PreparedReplacement => this.#prepareReplacement(replacement);
    const replace = async (prepared: readonly PreparedReplacement[]): Promise<ReadonlyArray<Entry<boolean>>> => {
      const knewOfChanges = this.#to.server.keepsChanges;
      const order = prepared
        .map((_, at) => at)
        .sort((a, b) => Buffer.compare(itemAt(prepared, a).id, itemAt(prepared, b).id));
      const out: Entry<boolean>[] = new Array(prepared.length).fill(false);
      const run = async (part: readonly number[], tries?: number): Promise<readonly boolean[]> => {
        const all = async (session: Session) => {
          const found: Found[] = [];
          for (const at of part) found.push(await replaceRow(session, itemAt(prepared, at)));
          return found;
        };
        const isOne = part.length === 1 && part.every((at) => isAlone(itemAt(prepared, at)));
        const changed = part.flatMap((at) => itemAt(prepared, at).changes);
        const found = await writeWithChanges(this.#to.server, all, { changed, isOne, tries });
        return found.map(({ rows }) => rows === 1);
      };
      // Another process may hold one of the rows for long: the others wait for it once, and then for no more than two tries.
      const orEach = async (part: readonly number[]): Promise<ReadonlyArray<Entry<boolean>>> => {
        if (part.length === 1) return run(part);
        try {
          return await run(part, 1);
        } catch (error) {
          if (!isLockConflict(error)) throw error;
          const alone = part.map((at) => run([at], 2).catch((own: unknown) => [toFailure(own)]));
          return (await Promise.all<ReadonlyArray<Entry<boolean>>>(alone)).flat();
        }
      };
      const answers = await bisectOnError(order, orEach);
      for (const [i, at] of order.entries()) out[at] = answers[i] ?? false;
      // a row that was not found has another version, or is not to be changed here
      const lost = order.filter((at) => out[at] === false);
      const unmatched = lost.map((at) => itemAt(prepared, at));
      const reasons = await this.#to.fence.explainUnmatched(unmatched.map(({ shard }) => shard));
      // a refusal is how a process hears that changes are kept
      const isAgain = lost.length > 0 && !knewOfChanges && this.#to.server.keepsChanges;
      const again = isAgain ? await replace(unmatched) : [];
      for (const [i, at] of lost.entries()) out[at] = reasons[i] ?? again[i] ?? false;
      return out;
    };
    return runValidEntries(this.#to, replacements, prepare, replace);
  }

  rewriteObjects(rewrites: readonly ObjectRewrite[]): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
    const prepare = ({ id, rewrite }: ObjectRewrite) => ({ rewrite, shard: shardOfId(id), bytes: idBytes(id) });
    return runValidEntries(this.#to, rewrites, prepare, (prepared) =>
      Promise.all(prepared.map(({ rewrite, shard, bytes }) => this.#rewrite(rewrite, shard, bytes).catch(toFailure))),
    );
  }

  /** One transaction for each, so that no writer that waits for a row has locked another. */
  async #rewrite(rewrite: ObjectRewrite['rewrite'], shard: number, id: Buffer): Promise<Entry<ObjectRow | null>> {
    const knewOfChanges = this.#to.server.keepsChanges;
    let replaced: ObjectRow | null = null;
    const answer = await this.#to.server.transaction(async (session): Promise<Entry<Found> | null> => {
      const [columns] = await session.preparedRows(lock, [id]);
      const row = columns === undefined ? null : toObjectRow(columns);
      const replacement = row?.state === LIVE ? rewrite(row) : null;
      const prepared = replacement === null ? null : attempt(() => this.#prepareReplacement(replacement));
      if (prepared === null || prepared instanceof Error) return prepared;
      replaced = replacement?.row ?? null;
      const found = await replaceRow(session, prepared);
      await putChanges(session, prepared.changes);
      return found;
    });
    if (answer instanceof Error) return answer;
    if (answer !== null && answer.rows === 1) return replaced;
    const [elsewhere = null] = await this.#to.fence.explainUnmatched([shard]);
    const isAgain = elsewhere === null && replaced !== null && !knewOfChanges && this.#to.server.keepsChanges;
    return isAgain ? this.#rewrite(rewrite, shard, id) : elsewhere;
  }

  #prepareReplacement({ row, expectedVersion, notes = [], claims = [] }: ObjectReplacement): PreparedReplacement {
    this.#to.checkBody(row.body);
    const [id, shard, , version, state, codec, , updatedUs, body] = objectValues(row);
    const values = [version, state, codec, updatedUs, body, id, integer(expectedVersion), shard];
    return {
      id,
      shard,
      version,
      updatedUs,
      values,
      notes,
      claims: claims.map(prepareClaim),
      changes: objectChange(row),
    };
  }
}

/** Replaces a row, and writes the other rows of its transaction: one row was found, or it was not there. */
async function replaceRow(session: Session, replacement: PreparedReplacement): Promise<Found> {
  const { id, version, updatedUs, values, claims, notes } = replacement;
  if (claims.length === 0) {
    const found = await session.put(replaceIn(session.fence), values);
    const isWritten = `obj_id = ${literal(id)} AND version = ${version} AND updated_us = ${updatedUs}`;
    await putNotes(session, notes, `kvetch_objects WHERE ${isWritten}`);
    return found;
  }
  const rows = await session.preparedWrite(replaceIn(session.fence), values);
  if (rows === 1) {
    await confirmClaims(session, claims);
    await putNotes(session, notes);
  }
  return { rows };
}

interface PreparedReplacement {
  readonly id: Buffer;
  /** See `objectChange`. */
  readonly changes: readonly string[];
  readonly shard: number;
  readonly values: SqlValue[];
  readonly version: number;
  readonly updatedUs: number;
  readonly notes: readonly OutboxNote[];
  readonly claims: readonly PreparedClaim[];
}

/** Whether one statement does all of it. */
function isAlone({ notes, claims }: PreparedReplacement): boolean {
  return notes.length + claims.length === 0;
}

interface PreparedInsert {
  readonly row: ObjectRow;
  readonly values: SqlValue[];
  readonly note: OutboxNote | undefined;
  readonly claims: readonly PreparedClaim[];
  readonly edges: ReadonlyArray<ObjectInsert['edges'][number] & { readonly values: SqlValue[] }>;
}

interface ObjectKey {
  readonly id: string;
  readonly bytes: Buffer;
}

const shardOfKey = ({ id }: ObjectKey): number => shardOfId(id);
const shardOfInsert = ({ row }: PreparedInsert): number => row.shard;

/** The condition on the shards of a page; none when all are meant. */
function within(shards: readonly ShardSpan[]): string {
  if (shards.some(([from, to]) => from === 0 && to === LOGICAL_SHARDS - 1)) return '';
  const spans = shards.map(([from, to]) => `shard BETWEEN ${integer(from)} AND ${integer(to)}`);
  return spans.length === 0 ? ' AND FALSE' : ` AND (${spans.join(' OR ')})`;
}

function firstElsewhere(shards: readonly ShardSpan[], states: Uint8Array): number | null {
  for (const [from, to] of shards) {
    for (let shard = from; shard <= to; shard++) if (!isReadable(states[shard] ?? CLOSED)) return shard;
  }
  return null;
}
