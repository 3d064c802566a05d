import type { SqlDatabase, SqlStatement, SqlValue } from './openDatabase.ts';

const MAX_STATEMENTS = 64;

/** The prepared statements of one database, a bounded number, and its transactions. */
export class Statements {
  readonly #database: SqlDatabase;
  readonly #prepared = new Map<string, SqlStatement>();

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** The rows of a SELECT. `TRow`: the types of its columns. */
  all<TRow>(sql: string, ...values: SqlValue[]): readonly TRow[] {
    return this.#prepare(sql).all(...values) as readonly TRow[];
  }

  one<TRow>(sql: string, ...values: SqlValue[]): TRow | null {
    return this.all<TRow>(sql, ...values)[0] ?? null;
  }

  /** The number of rows that changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  /** Runs in one transaction that holds the write lock from its start; a throw undoes everything. */
  transaction<T>(run: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = run();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Writes a batch in one transaction. */
  writeEach<TIn, TOut>(batch: readonly TIn[], write: (entry: TIn) => TOut): readonly TOut[] {
    return this.transaction(() => batch.map(write));
  }

  /** The texts are fixed but for seven sizes of page batches, so the first statements are seldom put out. */
  #prepare(sql: string): SqlStatement {
    const found = this.#prepared.get(sql);
    if (found !== undefined) return found;
    const [oldest] = this.#prepared.keys();
    if (oldest !== undefined && this.#prepared.size >= MAX_STATEMENTS) this.#prepared.delete(oldest);
    const statement = this.#database.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }
}
