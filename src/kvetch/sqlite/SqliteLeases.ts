import type { Built, CleanerState, Lease, LeaseRequest, LeaseStore, LeaseTerm } from '../shards/ShardStore.ts';
import type { Statements } from './Statements.ts';

const take = `INSERT INTO kvetch_cleaner (task, lease_owner, lease_until_us) VALUES (?, ?, ?)
  ON CONFLICT (task) DO UPDATE SET lease_owner = excluded.lease_owner, lease_until_us = excluded.lease_until_us
  WHERE lease_owner IS NULL OR lease_owner = excluded.lease_owner OR lease_until_us <= ?`;

const state = 'SELECT watermark_us AS watermarkUs, cursor FROM kvetch_cleaner WHERE task = ?';

/** Leases in one SQLite store. */
export class SqliteLeases implements LeaseStore {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  builtOf(typeIds: readonly number[]): Built {
    const facts = this.#statements.all<{ readonly k: string; readonly v: string }>('SELECT k, v FROM kvetch_meta');
    const marks = new Map(facts.map(({ k, v }) => [k, v]));
    const live = 'SELECT 1 FROM kvetch_objects WHERE type_id = ? AND state = 1 LIMIT 1';
    return { marks, used: typeIds.filter((typeId) => this.#statements.one(live, typeId) !== null) };
  }

  addBuilt(marks: ReadonlyMap<string, string>): void {
    const add = 'INSERT INTO kvetch_meta VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v';
    this.#statements.writeEach([...marks], ([mark, name]) => {
      this.#statements.run('DELETE FROM kvetch_meta WHERE v = ?', name);
      this.#statements.run(add, mark, name);
    });
  }

  acquireLease({ task, owner, nowUs: givenUs, leaseUs }: LeaseRequest): Lease | null {
    return this.#statements.transaction(() => {
      const nowUs = givenUs ?? Date.now() * 1000;
      if (this.#statements.run(take, task, owner, nowUs + leaseUs, nowUs) === 0) return null;
      const row = this.#statements.one<CleanerState>(state, task);
      return row === null ? null : { ...row, nowUs }; // rows of node:sqlite have no prototype
    });
  }

  saveCleanerState(
    task: string,
    owner: string,
    { watermarkUs, cursor }: CleanerState,
    { nowUs, leaseUs }: LeaseTerm,
  ): boolean {
    const untilUs = (nowUs ?? Date.now() * 1000) + leaseUs;
    const set = 'watermark_us = ?, cursor = ?, lease_until_us = ?';
    const sql = `UPDATE kvetch_cleaner SET ${set} WHERE task = ? AND lease_owner = ?`;
    return this.#statements.run(sql, watermarkUs, cursor, untilUs, task, owner) === 1;
  }

  releaseLease(task: string, owner: string): void {
    const sql = 'UPDATE kvetch_cleaner SET lease_owner = NULL, lease_until_us = 0 WHERE task = ? AND lease_owner = ?';
    this.#statements.run(sql, task, owner);
  }
}
