import type { Built, CleanerState, Lease, LeaseRequest, LeaseStore, LeaseTerm } from '../shards/ShardStore.ts';
import type { FencedServer } from './FencedServer.ts';
import { integer, MAX_UINT32 } from './literals.ts';
import type { Session } from './Session.ts';
import { NOW_US } from './serverClock.ts';
import { toFailure } from './serverErrors.ts';

/** The time that is given, or the server's. */
const NOW = `COALESCE(?, ${NOW_US})`;
const FREE = 'lease_owner IS NULL OR lease_owner = VALUES(lease_owner) OR lease_until_us <=';

/** The end of the lease is assigned behind its owner, and so only by its new owner. */
const take = `INSERT INTO kvetch_cleaner (task, lease_owner, lease_until_us) VALUES (?, ?, ${NOW} + ?)
  ON DUPLICATE KEY UPDATE lease_owner = IF(${FREE} ${NOW}, VALUES(lease_owner), lease_owner),
  lease_until_us = IF(lease_owner = VALUES(lease_owner), VALUES(lease_until_us), lease_until_us)`;
const state = `SELECT lease_owner, watermark_us, scan_cursor, ${NOW} FROM kvetch_cleaner WHERE task = ?`;
const save = `UPDATE kvetch_cleaner SET watermark_us = ?, scan_cursor = ?, lease_until_us = ${NOW} + ?
  WHERE task = ? AND lease_owner = ?`;
const release = 'UPDATE kvetch_cleaner SET lease_owner = NULL, lease_until_us = 0 WHERE task = ? AND lease_owner = ?';

/** Leases in one MySQL database. */
export class MysqlLeases implements LeaseStore {
  readonly #to: FencedServer;

  constructor(to: FencedServer) {
    this.#to = to;
  }

  async builtOf(typeIds: readonly number[]): Promise<Built> {
    await this.#to.open();
    const selects = typeIds.map((typeId) => {
      const id = integer(typeId, MAX_UINT32);
      return `(SELECT ${id}, NULL, NULL FROM kvetch_objects WHERE type_id = ${id} AND state = 1 LIMIT 1)`;
    });
    const sql = ['(SELECT NULL, k, v FROM kvetch_meta)', ...selects].join(' UNION ALL ');
    const rows = await this.#to.server.read((session) => session.rows(sql)).catch(failed);
    return {
      marks: new Map(rows.flatMap(([typeId, mark, name]) => (typeId === null ? [[String(mark), String(name)]] : []))),
      used: rows.flatMap(([typeId]) => (typeId === null ? [] : [Number(typeId)])),
    };
  }

  async addBuilt(marks: ReadonlyMap<string, string>): Promise<void> {
    const add = 'INSERT INTO kvetch_meta (k, v) VALUES (?, ?) ON DUPLICATE KEY UPDATE v = VALUES(v)';
    await this.#write(async (session) => {
      for (const [mark, name] of marks) {
        await session.preparedWrite('DELETE FROM kvetch_meta WHERE v = ? AND k <> ?', [name, mark].map(toBuffer));
        await session.preparedWrite(add, [mark, name].map(toBuffer));
      }
    });
  }

  async acquireLease({ task, owner, nowUs, leaseUs }: LeaseRequest): Promise<Lease | null> {
    const [name, me] = [Buffer.from(task), Buffer.from(owner)];
    const now = timeOf(nowUs);
    const [row] = await this.#write(async (session) => {
      await session.preparedWrite(take, [name, me, now, integer(Math.floor(leaseUs)), now]);
      return session.preparedRows<[owner: Buffer | null, watermarkUs: number, cursor: unknown, nowUs: unknown]>(state, [
        now,
        name,
      ]);
    });
    if (row === undefined || !(row[0] instanceof Buffer) || !row[0].equals(me)) return null;
    return { watermarkUs: row[1], cursor: row[2] === null ? null : String(row[2]), nowUs: Number(row[3]) };
  }

  async saveCleanerState(
    task: string,
    owner: string,
    { watermarkUs, cursor }: CleanerState,
    { nowUs, leaseUs }: LeaseTerm,
  ): Promise<boolean> {
    const place = cursor === null ? null : Buffer.from(cursor);
    const until = [timeOf(nowUs), integer(Math.floor(leaseUs))];
    const values = [integer(Math.max(0, Math.floor(watermarkUs))), place, ...until];
    const found = await this.#write((session) =>
      session.preparedWrite(save, [...values, Buffer.from(task), Buffer.from(owner)]),
    );
    return found === 1;
  }

  async releaseLease(task: string, owner: string): Promise<void> {
    await this.#write((session) => session.preparedWrite(release, [Buffer.from(task), Buffer.from(owner)]));
  }

  async #write<T>(run: (session: Session) => Promise<T>): Promise<T> {
    await this.#to.open();
    return this.#to.server.write(run).catch(failed);
  }
}

function timeOf(us: number | null): number | null {
  return us === null ? null : integer(Math.floor(us));
}

function toBuffer(text: string): Buffer {
  return Buffer.from(text);
}

function failed(error: unknown): never {
  throw toFailure(error);
}
