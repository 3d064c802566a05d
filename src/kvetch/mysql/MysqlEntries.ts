import { itemAt } from '../../utils/itemAt.ts';
import { shardOfValue } from '../ids/routing.ts';
import type { EntryPageRequest } from '../shards/pageRequests.ts';
import { type EntryRow, LIVE, type OutboxNote } from '../shards/rows.ts';
import type {
  Entry,
  EntryClaim,
  EntryKey,
  EntryPut,
  EntryStore,
  ScanPage,
  ScanRequest,
  Stamp,
} from '../shards/ShardStore.ts';
import { bisectOnError, type RowOfKey, readByKeys, readPages, runValidEntries } from './batches.ts';
import type { FencedServer } from './FencedServer.ts';
import { inTurn } from './inTurn.ts';
import { idBytes, idLiteral, integer, keyBytes, literal, nameBytes, pageLimit, type SqlValue } from './literals.ts';
import { putNotes } from './MysqlOutbox.ts';
import {
  type EntryValues,
  entryColumns,
  entryPages,
  entryTable,
  entryValues,
  idAt,
  numberAt,
  SHARD_AT,
  type SqlRow,
  textAt,
  toListedEntry,
} from './rowMapping.ts';
import type { Session } from './Session.ts';
import { type Scan, scanPage } from './scanPage.ts';
import { idColumn, type KeyColumn, scanKeys } from './scanWindow.ts';
import { fencedBoundShard } from './shardStates.ts';
import { stampEntryPuts } from './stampedPuts.ts';
import { type Insert, insertRows } from './upsert.ts';

const head = `INSERT INTO kvetch_entries (${entryColumns}, slot) VALUES `;
/** Values can be long: two rows of constants for each key stay within the smallest packet. */
const MAX_KEYS = 200;
const HOLDER_KEY = ['index_name', 'value', 'slot'] as const;
const nameColumn: KeyColumn = { name: 'index_name', literalOf: (name) => literal(nameBytes(name)) };
const valueColumn: KeyColumn = { name: 'value', literalOf: (value) => literal(keyBytes(value)) };
const scan: Scan = {
  keys: scanKeys([nameColumn, valueColumn, idColumn('slot')], [nameColumn, idColumn('target_id'), valueColumn]),
  marksOf: {
    key: (row) => [textAt(row, 0), textAt(row, 1), idAt(row, 8)],
    time: (row) => [numberAt(row, 7), textAt(row, 0), idAt(row, 4), textAt(row, 1)],
  },
  extra: 'slot',
};
/** The slot of the only row that a value of a unique index has. */
const UNIQUE = `x'${'00'.repeat(16)}'`;

/** `mergeEntry` in SQL; deciding columns are assigned last. */
const put: Insert = {
  ...{ head, shardAt: SHARD_AT },
  tail: ` ON DUPLICATE KEY UPDATE
  created_us = IF(VALUES(src_version) >= src_version AND VALUES(state) = 1 AND state = 0, VALUES(created_us), created_us),
  updated_us = IF(VALUES(src_version) >= src_version, VALUES(updated_us), updated_us),
  state = IF(VALUES(src_version) >= src_version, VALUES(state), state),
  src_version = GREATEST(src_version, VALUES(src_version))`,
};

/** `mergeClaim` without a takeover: a tombstone is free, its own target may claim again, another one changes nothing. */
const claim: Insert = {
  ...{ head, shardAt: SHARD_AT },
  tail: ` ON DUPLICATE KEY UPDATE
  created_us = IF(state = 0, VALUES(created_us), created_us),
  updated_us = IF(state = 0 OR target_id = VALUES(target_id), VALUES(updated_us), updated_us),
  src_version = IF(state = 0, VALUES(src_version),
    IF(target_id = VALUES(target_id), GREATEST(src_version, VALUES(src_version)), src_version)),
  target_id = IF(state = 0, VALUES(target_id), target_id), state = 1`,
};

const takeOver = `UPDATE kvetch_entries SET target_id = ?, src_version = ?, created_us = ?, updated_us = ?, state = 1
  WHERE index_name = ? AND value = ? AND slot = ${UNIQUE} AND target_id = ? AND src_version = ? AND shard + 0 = ${fencedBoundShard}`;

const CLAIM_TRIES = 5;

/** `mergeRelease` in SQL. */
const release = `UPDATE kvetch_entries SET src_version = ?, state = ?, updated_us = ?
  WHERE index_name = ? AND value = ? AND slot = ${UNIQUE} AND target_id = ? AND src_version <= ? AND shard + 0 = ${fencedBoundShard}`;

/** The index entries of one database. */
export class MysqlEntries implements EntryStore {
  readonly #to: FencedServer;

  constructor(to: FencedServer) {
    this.#to = to;
  }

  readEntryPages(requests: readonly EntryPageRequest[]): Promise<ReadonlyArray<Entry<readonly EntryRow[]>>> {
    const toSelect = ({ index, value, afterId, limit, reverse = false }: EntryPageRequest) => {
      const after = afterId === null ? '' : ` AND target_id ${reverse ? '<' : '>'} ${idLiteral(afterId)}`;
      const where = `${whereValue({ index, value })} AND state = 1${after}`;
      const rows = pageLimit(limit);
      const select = (at: number): string =>
        `SELECT ${at} AS n, ${entryPages.columns} FROM kvetch_entries FORCE INDEX (kvetch_entries_page)
  WHERE ${where} ORDER BY target_id${reverse ? ' DESC' : ''} LIMIT ${rows}`;
      const shard = shardOfValue(value);
      const toRow = (row: SqlRow, at: number): EntryRow => toListedEntry({ index, value, shard, state: LIVE }, row, at);
      return { shard, select: rows === 0 ? null : select, toRow };
    };
    const compare = (a: EntryRow, b: EntryRow): number => (a.targetId < b.targetId ? -1 : 1);
    const pages = runValidEntries(this.#to, requests, toSelect, (selects) =>
      readPages(this.#to, selects, entryPages, compare),
    );
    return inTurn(requests, pages);
  }

  readEntries(keys: readonly EntryKey[]): Promise<ReadonlyArray<Entry<EntryRow | null>>> {
    return this.#single(keys, [...HOLDER_KEY, 'target_id'], ({ targetId }) => {
      const target = idLiteral(targetId);
      return [target, UNIQUE].map((slot) => [slot, target]);
    });
  }

  readHolders(keys: ReadonlyArray<Pick<EntryRow, 'index' | 'value'>>): Promise<ReadonlyArray<Entry<EntryRow | null>>> {
    return this.#single(keys, HOLDER_KEY, () => [[UNIQUE]]);
  }

  /** `slots` gives the literals behind index and value: the slot, and the target where it matters. */
  #single<TKey extends Pick<EntryRow, 'index' | 'value'>>(
    keys: readonly TKey[],
    columns: readonly string[],
    slots: (key: TKey) => ReadonlyArray<readonly string[]>,
  ): Promise<ReadonlyArray<Entry<EntryRow | null>>> {
    const toKey = (key: TKey): RowOfKey => {
      const [index, value] = [literal(nameBytes(key.index)), literal(keyBytes(key.value))];
      return { shard: shardOfValue(key.value), places: slots(key).map((slot) => [index, value, ...slot]) };
    };
    return runValidEntries(this.#to, keys, toKey, (found) =>
      readByKeys(this.#to, found, columns, entryTable, MAX_KEYS),
    );
  }

  scanEntries(request: ScanRequest): Promise<ScanPage<EntryRow>> {
    return scanPage(this.#to, request, entryTable, scan);
  }

  putEntries(puts: readonly EntryPut[]): Promise<ReadonlyArray<Entry<Stamp | null>>> {
    return this.#inOrder(puts, prepareEntry, async (part) => {
      const all = async (session: Session): Promise<PutEntries> => {
        const put = await putEntryRows(session, part);
        await putNotes(
          session,
          part.map(({ note }) => note),
        );
        return put;
      };
      const isPlain = part.every(({ stamped, note }) => !stamped && note === undefined);
      const { unfound, stampsOf } = await (isPlain ? this.#to.server.write(all) : this.#to.server.transaction(all));
      // an entry that was not found belongs to another target, or may not be changed here
      const reasons = await this.#to.fence.explainUnmatched(unfound.map(shardOf));
      const stamps = stampsOf();
      return part.map((entry) => reasons[unfound.indexOf(entry)] ?? stamps.get(entry) ?? null);
    });
  }

  /** Takes over free values, claims all, and looks which object has them: the one that the rows name holds the value. */
  claimEntries(claims: readonly EntryClaim[]): Promise<ReadonlyArray<Entry<EntryRow | null>>> {
    const prepare = ({ row, replaces }: EntryClaim): PreparedEntry => ({
      values: entryValues(row, true),
      ...{ unique: true, stamped: false, note: undefined },
      replaces:
        replaces === null || replaces.targetId === row.targetId
          ? null
          : [idBytes(replaces.targetId), integer(replaces.srcVersion)],
      row,
    });
    return this.#inOrder(claims, prepare, (part) => this.#claimPart(part, CLAIM_TRIES));
  }

  async #claimPart(part: readonly PreparedEntry[], tries: number): Promise<ReadonlyArray<Entry<EntryRow | null>>> {
    await this.#to.server.write(async (session) => {
      for (const { values, replaces } of part) {
        if (replaces === null) continue;
        const [name, value, shard, , target, version, createdUs, updatedUs] = values;
        const bound = [target, version, createdUs, updatedUs, name, value, ...replaces, shard];
        await session.preparedWrite(takeOver, bound);
      }
      const rows = part.map(({ values }) => values);
      await insertRows(session, claim, rows);
    });
    const holders = await this.readHolders(part.map(({ row }) => row));
    // a holder may let go between the two statements; a repeated claim does no harm
    const isFree = holders.some((holder) => !(holder instanceof Error) && holder?.state !== LIVE);
    if (isFree && tries > 1) return this.#claimPart(part, tries - 1);
    return holders.map((holder, at) => {
      if (holder === null) return new Error('Other writes released and took the value again and again.');
      return !(holder instanceof Error) && holder.targetId === part[at]?.row.targetId ? null : holder;
    });
  }

  async #inOrder<TIn, TOut>(
    batch: readonly TIn[],
    prepare: (entry: TIn) => PreparedEntry,
    run: (part: readonly PreparedEntry[]) => Promise<ReadonlyArray<Entry<TOut>>>,
  ): Promise<ReadonlyArray<Entry<TOut>>> {
    return runValidEntries(this.#to, batch, prepare, async (prepared) => {
      const order = prepared.map((_, at) => at);
      order.sort((a, b) => compareEntries(itemAt(prepared, a), itemAt(prepared, b)));
      const answers = await bisectOnError(
        order.map((at) => itemAt(prepared, at)),
        (part) => this.#to.fence.write(part, shardOf, run),
      );
      const out: Entry<TOut>[] = new Array(prepared.length);
      for (const [i, at] of order.entries()) out[at] = itemAt(answers, i);
      return out;
    });
  }
}

/** An entry with its values. */
export interface PreparedEntry {
  readonly row: EntryRow;
  readonly unique: boolean;
  readonly stamped: boolean;
  readonly note: OutboxNote | undefined;
  readonly values: EntryValues;
  /** The target and source version of the holder whose value may be taken. */
  readonly replaces: SqlValue[] | null;
}

export function prepareEntry({ row, unique, stamped = false, note }: EntryPut): PreparedEntry {
  return { values: entryValues(row, unique), unique, stamped, note, replaces: null, row };
}

/** The outcome of a put of entries. */
interface PutEntries {
  /** Entries of unique indexes that are not their targets' any more, or lie elsewhere. */
  readonly unfound: readonly PreparedEntry[];
  /** Known at the commit. */
  readonly stampsOf: () => ReadonlyMap<PreparedEntry, Stamp>;
}

/** Puts entries, in the order of `compareEntries`. */
export async function putEntryRows(session: Session, part: readonly PreparedEntry[]): Promise<PutEntries> {
  const plain = part.filter(({ unique, stamped }) => !unique && !stamped).map(({ values }) => values);
  await insertRows(session, put, plain);
  const stampsOf = await stampEntryPuts(
    session,
    part.filter(({ stamped }) => stamped),
  );
  const unfound: PreparedEntry[] = [];
  for (const entry of part) {
    if (!entry.unique) continue;
    const [name, value, shard, state, target, version, , updatedUs] = entry.values;
    const bound = [version, state, updatedUs, name, value, target, version, shard];
    if ((await session.preparedWrite(release, bound)) === 0) unfound.push(entry);
  }
  return { unfound, stampsOf };
}

const shardOf = ({ row }: PreparedEntry): number => row.shard;

/** In the order of the primary key; equals keep theirs. */
export function compareEntries(a: PreparedEntry, b: PreparedEntry): number {
  for (const column of [0, 1, 8] as const) {
    const order = Buffer.compare(a.values[column], b.values[column]);
    if (order !== 0) return order;
  }
  return 0;
}

/** The condition on name and value. */
export function whereValue({ index, value }: Pick<EntryRow, 'index' | 'value'>): string {
  return `index_name = ${literal(nameBytes(index))} AND value = ${literal(keyBytes(value))}`;
}
