import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeStore, ChangesPage, KeptChange } from '../shards/ShardStore.ts';
import { CHANGES, FEED, fact, GONE } from './changeFacts.ts';
import type { FencedServer } from './FencedServer.ts';
import { integer, literal, pageLimit } from './literals.ts';
import type { MysqlServer } from './MysqlServer.ts';
import type { Session } from './Session.ts';
import { NOW_US } from './serverClock.ts';
import { isLockConflict, toFailure } from './serverErrors.ts';
import { CLOSED } from './shardStates.ts';

/**
 * For so long a number may be missing before it is taken. Correctness does not hang on it: a writer that has a number and not
 * yet a row would find it taken, and fail.
 */
const GAP_MS = 1000;
/** At most so many numbers are taken, or looked through, at once. */
const PART = 1000;

type KeptRow = [number: number, atUs: number, keys: Buffer];

/** Leaves what a transaction may have changed, with the next number. */
export async function putChanges(session: Session, keys: readonly string[]): Promise<void> {
  if (!session.keepsChanges || keys.length === 0) return;
  const text = literal(Buffer.from(keys.join('\n')));
  await session.put(`INSERT INTO kvetch_changes (at_us, change_keys) VALUES (${NOW_US}, ${text})`);
}

/** Runs a write that may have changed these keys. It needs no transaction where it is one statement. */
export function writeWithChanges<T>(
  server: MysqlServer,
  run: (session: Session) => Promise<T>,
  {
    changed,
    isOne,
    tries,
  }: { readonly changed: readonly string[]; readonly isOne: boolean; readonly tries?: number | undefined },
): Promise<T> {
  return server.write((session) => {
    if (isOne && (!session.keepsChanges || changed.length === 0)) return run(session);
    return session.transaction(async () => {
      const result = await run(session);
      await putChanges(session, changed);
      return result;
    });
  }, tries);
}

/**
 * The changes of one MySQL database. A transaction gets its number when it writes, not when it commits, so a number that is
 * missing may still come. Readers stop before it, and after a moment take it for themselves, with a row of no keys: the server
 * lets them wait for a transaction that has the number, refuses them when it commits, and refuses anybody who comes later.
 * So a number that a reader has passed is never given to a change, whatever clocks and writers do.
 */
export class MysqlChanges implements ChangeStore {
  readonly #to: FencedServer;

  constructor(to: FencedServer) {
    this.#to = to;
  }

  /** Whether the database keeps changes, as this process knows; known when it is open. */
  get areKept(): boolean {
    return this.#to.server.keepsChanges;
  }

  keep(retentionMs: number): void {
    this.#to.keepChanges(retentionMs);
  }

  /** For how long the database was told to keep them; `null` where it keeps none. */
  async retentionMs(): Promise<number | null> {
    await this.#to.open();
    const [[retentionMs] = []] = await this.#rows<[Buffer]>(`SELECT v FROM kvetch_meta WHERE k = ${fact(CHANGES)}`);
    return retentionMs === undefined ? null : Number(String(retentionMs));
  }

  async read(after: number, limit: number): Promise<ChangesPage> {
    const page = await this.#read(after, limit);
    const [first] = page.changes;
    if (page.feed === null || after < page.gone) return { ...page, changes: [] };
    if (first === undefined) return limit > 0 && (await this.#hasNoShards()) ? this.#last(after, limit) : page;
    if (first.number !== after + 1) {
      const isOld = ({ atMs }: KeptChange): boolean => atMs < page.nowMs - GAP_MS;
      const isTaken = isOld(first) && (await this.#take(missingBefore(page.changes, after, isOld))) !== after + 1;
      return isTaken ? this.read(after, limit) : { ...page, changes: [] };
    }
    const gap = page.changes.findIndex(({ number }, at) => number !== after + 1 + at);
    return gap === -1 ? page : { ...page, changes: page.changes.slice(0, gap) };
  }

  /** Nothing is written to a server without shards: what was on its way when they left has its number and its row. */
  async #last(after: number, limit: number): Promise<ChangesPage> {
    const page = await this.#read(after, limit);
    return page.changes.length === 0 ? { ...page, isDrained: true } : this.read(after, limit);
  }

  async #hasNoShards(): Promise<boolean> {
    const rows = await this.#rows<[number]>(`SELECT shard FROM kvetch_shards WHERE state <> ${CLOSED} LIMIT 1`);
    return rows.length === 0;
  }

  async end(): Promise<number> {
    const { feed, gone } = await this.#read(0, 0);
    if (feed === null) return 0;
    const [[count = 0, last = null] = []] = await this.#rows<[number, number | null]>(
      `SELECT COUNT(*), MAX(number) FROM kvetch_changes WHERE number > ${gone}`,
    );
    if (last === null) return gone;
    if (count === last - gone) return last;
    await sleep(GAP_MS);
    for (let after = gone; ; ) {
      const missing = await this.#missing(after, last);
      const open = await this.#take(missing);
      if (open !== null) return open - 1; // its writer is slow: what follows it is given again
      const taken = missing.at(-1);
      if (taken === undefined) return last;
      after = taken;
    }
  }

  async drop(): Promise<number> {
    const { feed, gone } = await this.#read(0, 0);
    if (feed === null) return 0;
    let removed = 0;
    for (let after = gone; ; ) {
      const retentionMs = await this.retentionMs();
      if (retentionMs === null) return removed;
      const { changes, nowMs } = await this.#read(after, PART + 1);
      const young = changes.findIndex(({ atMs }) => atMs >= nowMs - retentionMs);
      // the last number stays: servers before MySQL 8 count anew from the last row when they start
      const old = young === -1 ? changes.length - 1 : young;
      const last = changes[old - 1]?.number;
      if (last === undefined) return removed;
      const missing = await this.#missing(after, last);
      if ((await this.#take(missing)) !== null) return removed;
      if (missing.length > 0) continue;
      removed += await this.#remove(last);
      after = last;
    }
  }

  /** First tells readers, as they ask for that behind the rows. */
  #remove(last: number): Promise<number> {
    return this.#write((session) =>
      session.transaction(async () => {
        await session.put(`UPDATE kvetch_meta SET v = GREATEST(CAST(v AS UNSIGNED), ${last}) WHERE k = ${fact(GONE)}`);
        return session.write(`DELETE FROM kvetch_changes WHERE number <= ${last}`);
      }),
    );
  }

  async #read(after: number, limit: number): Promise<ChangesPage & { readonly nowMs: number }> {
    await this.#to.open();
    const { server } = this.#to;
    const last = server.keepsChanges ? '(SELECT MAX(number) FROM kvetch_changes)' : 'NULL';
    const [rows, facts] = await server.read(async (session) => [
      limit === 0 || !server.keepsChanges
        ? []
        : await session.rows<KeptRow>(
            `SELECT number, at_us, change_keys FROM kvetch_changes WHERE number > ${integer(after)} ORDER BY number LIMIT ${pageLimit(limit)}`,
          ),
      await session.rows<[Buffer, Buffer, number, number | null]>(
        `SELECT k, v, ${NOW_US}, ${last} FROM kvetch_meta WHERE k IN (${fact(CHANGES)}, ${fact(FEED)}, ${fact(GONE)})`,
      ),
    ]);
    const known = new Map(facts.map(([name, value]) => [String(name), String(value)]));
    const feed = known.get(FEED) ?? null;
    if (known.has(CHANGES) && (feed === null || !server.keepsChanges)) {
      server.keepsChanges = true;
      if (feed === null) await this.#begin();
      return this.#read(after, limit);
    }
    const toChange = ([number, atUs, keys]: KeptRow): KeptChange => {
      const text = String(keys);
      return { number, atMs: Math.floor(atUs / 1000), keys: text === '' ? [] : text.split('\n') };
    };
    const [, , nowUs = 0, end = null] = facts[0] ?? [];
    const gone = Number(known.get(GONE) ?? 0);
    return { feed, gone, end: end ?? gone, changes: rows.map(toChange), nowMs: nowUs / 1000 };
  }

  /**
   * Begins the feed, unless it is: has all shards refuse writes that leave no changes, waits for those that are under way, and
   * gives the feed its name. Where it is switched off meanwhile, there is none.
   */
  async #begin(): Promise<void> {
    const isKept = `FROM kvetch_meta WHERE k = ${fact(CHANGES)} LOCK IN SHARE MODE`;
    await this.#to.obeyChanges();
    await this.#write((session) =>
      session.transaction(async () => {
        for (const [name, value] of [
          [FEED, randomUUID()],
          [GONE, '0'],
        ] as const)
          await session.write(`INSERT IGNORE INTO kvetch_meta (k, v) SELECT ${fact(name)}, ${fact(value)} ${isKept}`);
      }),
    );
  }

  /** Takes numbers that are missing. Answers with the first that a transaction has which goes on: it stays, and all behind it may. */
  async #take(numbers: readonly number[]): Promise<number | null> {
    if (await this.#tryToTake(numbers)) return null;
    const [first = null] = numbers;
    if (numbers.length === 1) return first;
    for (const number of numbers) if (!(await this.#tryToTake([number]))) return number;
    return null;
  }

  /** Waits for transactions that have one: `false` while one of them goes on. No change has the time 0, which is old. */
  async #tryToTake(numbers: readonly number[]): Promise<boolean> {
    if (numbers.length === 0) return true;
    const rows = numbers.map((number) => `(${integer(number)}, 0, '')`).join(', ');
    const sql = `INSERT IGNORE INTO kvetch_changes (number, at_us, change_keys) VALUES ${rows}`;
    try {
      await this.#to.server.write((session) => session.write(sql), 1);
      return true;
    } catch (error) {
      if (isLockConflict(error)) return false; // the transaction is still open
      throw toFailure(error);
    }
  }

  /** The first numbers that are missing between two. */
  async #missing(after: number, last: number): Promise<readonly number[]> {
    const missing: number[] = [];
    for (let seen = after; seen < last && missing.length < PART; ) {
      const rows = await this.#rows<[number]>(
        `SELECT number FROM kvetch_changes WHERE number > ${integer(seen)} AND number <= ${integer(last)} ORDER BY number LIMIT ${PART}`,
      );
      const there = rows.length < PART ? [...rows, [last + 1] as const] : rows;
      for (const [number] of there) {
        addMissing(missing, seen, number);
        seen = number;
      }
    }
    return missing;
  }

  #rows<TRow extends unknown[]>(sql: string): Promise<readonly TRow[]> {
    return this.#to.server.read((session) => session.rows<TRow>(sql));
  }

  async #write<T>(run: (session: Session) => Promise<T>): Promise<T> {
    return this.#to.server.write(run).catch((error: unknown) => {
      throw toFailure(error);
    });
  }
}

/** The numbers that are missing before old changes of a page. */
function missingBefore(
  changes: readonly KeptChange[],
  after: number,
  isOld: (change: KeptChange) => boolean,
): readonly number[] {
  const missing: number[] = [];
  let seen = after;
  for (const change of changes) {
    if (isOld(change)) addMissing(missing, seen, change.number);
    seen = change.number;
  }
  return missing;
}

function addMissing(missing: number[], after: number, before: number): void {
  for (let number = after + 1; number < before && missing.length < PART; number++) missing.push(number);
}
