import { randomUUID } from 'node:crypto';
import type { ChangeStore, ChangesPage, KeptChange } from '../shards/ShardStore.ts';
import type { Statements } from './Statements.ts';

/** A number is one more than the last row's, which is never removed: AUTOINCREMENT would write a second page for each write. */
const table = `CREATE TABLE IF NOT EXISTS kvetch_changes (
  number INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  keys TEXT NOT NULL
)`;

interface Kept {
  readonly number: number;
  readonly at_ms: number;
  readonly keys: string;
}

/**
 * The changes of one SQLite store. A file has one writer at a time, so numbers ascend in the order of commits. The table is
 * made when changes are to be kept first.
 */
export class SqliteChanges implements ChangeStore {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  keep(retentionMs: number): void {
    const set = 'INSERT INTO kvetch_meta VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v';
    this.#statements.transaction(() => {
      if (retentionMs === 0) this.#statements.run("DELETE FROM kvetch_meta WHERE k IN ('changes', 'changes_id')");
      else {
        this.#statements.run(table);
        this.#statements.run(set, 'changes', String(retentionMs));
        this.#statements.run(`${set} WHERE 0`, 'changes_id', randomUUID());
      }
    });
  }

  /** Within the transaction of its caller, which sees whether another process has the file keep changes. */
  add(keys: readonly string[]): void {
    if (keys.length === 0 || this.#fact('changes') === null) return;
    for (const key of keys)
      this.#statements.run('INSERT INTO kvetch_changes (at_ms, keys) VALUES (?, ?)', Date.now(), key);
  }

  read(after: number, limit: number): ChangesPage {
    const feed = this.#fact('changes_id');
    if (feed === null) return { feed, gone: 0, end: 0, changes: [] };
    const sql = 'SELECT number, at_ms, keys FROM kvetch_changes WHERE number > ? ORDER BY number LIMIT ?';
    const rows = this.#statements.all<Kept>(sql, after, limit);
    const changes = rows.map(({ number, at_ms, keys }): KeptChange => ({ number, atMs: at_ms, keys: [keys] }));
    // asked for behind the rows: what was removed before they were read shows
    return { feed, gone: Number(this.#fact('changes_gone') ?? 0), end: this.end(), changes };
  }

  end(): number {
    if (this.#fact('changes_id') === null) return 0;
    return this.#last() ?? Number(this.#fact('changes_gone') ?? 0);
  }

  drop(): number {
    const retention = this.#fact('changes');
    if (retention === null) return 0;
    const before = Date.now() - Number(retention);
    return this.#statements.transaction(() => {
      const sql = 'SELECT MIN(number) AS n FROM kvetch_changes WHERE at_ms >= ?';
      const young = this.#statements.one<{ readonly n: number | null }>(sql, before)?.n ?? this.#last() ?? 0;
      const removed = this.#statements.run('DELETE FROM kvetch_changes WHERE number < ?', young);
      const set = `INSERT INTO kvetch_meta VALUES ('changes_gone', ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v`;
      if (removed > 0) this.#statements.run(set, String(young - 1));
      return removed;
    });
  }

  #last(): number | null {
    return (
      this.#statements.one<{ readonly n: number | null }>('SELECT MAX(number) AS n FROM kvetch_changes')?.n ?? null
    );
  }

  #fact(key: string): string | null {
    return this.#statements.one<{ readonly v: string }>('SELECT v FROM kvetch_meta WHERE k = ?', key)?.v ?? null;
  }
}
