import type { PoolConnection, QueryOptions, ResultSetHeader } from 'mysql2';
import { answerWithin } from '../shards/withDeadline.ts';
import type { SqlValue } from './literals.ts';
import type { SqlRow } from './rowMapping.ts';

/**
 * How many seconds a transaction may be idle, 0 for ever, as a part of a SET: the locks of a client that vanished without
 * closing its connection are free then. Only MariaDB can do that; MySQL reads a comment.
 */
export function idleTransactions(seconds: number): string {
  return `/*M!100300 , SESSION idle_transaction_timeout = ${seconds} */`;
}

/** Counts the statements of a pool. */
export interface Statements {
  sent: number;
}

/** A connection for the length of one call. */
export class Session {
  /** A statement was sent that changes something for good: if its answer is lost, nobody knows. */
  isAtRisk = false;
  readonly #connection: PoolConnection;
  readonly #queryTimeoutMs: number;
  readonly #statements: Statements;
  #isTransaction = false;

  constructor(connection: PoolConnection, queryTimeoutMs: number, statements: Statements) {
    this.#connection = connection;
    this.#statements = statements;
    this.#queryTimeoutMs = queryTimeoutMs;
  }

  /** The rows of a SELECT whose values are literals. `TRow`: the types of its columns. */
  rows<TRow extends SqlRow = SqlRow>(sql: string): Promise<readonly TRow[]> {
    return this.#ask<readonly TRow[]>('query', { sql, rowsAsArray: true });
  }

  /** The rows of a prepared SELECT. Its text must be one of few: the driver keeps a bounded number per connection. */
  preparedRows<TRow extends SqlRow = SqlRow>(sql: string, values: SqlValue[]): Promise<readonly TRow[]> {
    return this.#ask<readonly TRow[]>('execute', { sql, values, rowsAsArray: true });
  }

  /** Runs a statement that writes. Returns how many rows it found (not: changed). */
  async write(sql: string): Promise<number> {
    if (!this.#isTransaction) this.isAtRisk = true;
    return (await this.#ask<ResultSetHeader>('query', { sql })).affectedRows;
  }

  /** The same, prepared: bodies travel as they are, where text would double them. */
  async preparedWrite(sql: string, values: SqlValue[]): Promise<number> {
    if (!this.#isTransaction) this.isAtRisk = true;
    return (await this.#ask<ResultSetHeader>('execute', { sql, values })).affectedRows;
  }

  /** Runs in one transaction; a throw undoes everything. */
  async transaction<T>(run: () => Promise<T>): Promise<T> {
    await this.#ask('query', { sql: 'START TRANSACTION' });
    this.#isTransaction = true;
    try {
      const result = await run();
      this.isAtRisk = true;
      await this.#ask('query', { sql: 'COMMIT' });
      this.isAtRisk = false;
      return result;
    } catch (error) {
      // when this fails too, the connection is closed, and the server rolls back
      if (!this.isAtRisk) await this.#ask('query', { sql: 'ROLLBACK' }).catch(() => this.destroy());
      throw error;
    } finally {
      this.#isTransaction = false;
    }
  }

  /** Reads in one transaction, which sees earlier commits only and may be idle. The connection ends with it. */
  async snapshot<T>(run: () => Promise<T>): Promise<T> {
    await this.#ask('query', { sql: `SET @idle = 0 ${idleTransactions(0)}` });
    await this.#ask('query', { sql: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ' });
    await this.#ask('query', { sql: 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY' });
    try {
      return await run();
    } finally {
      this.destroy(); // nothing is lost with the connection
    }
  }

  release(): void {
    this.#connection.release();
  }

  destroy(): void {
    this.#connection.destroy();
  }

  #ask<T>(how: 'query' | 'execute', statement: QueryOptions): Promise<T> {
    this.#statements.sent++;
    return answerWithin(this.#queryTimeoutMs, 'A statement', (answer) => {
      this.#connection[how](statement, (error, result) => answer(error, result as T));
    });
  }
}
