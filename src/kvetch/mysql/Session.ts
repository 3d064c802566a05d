import type { PoolConnection, ResultSetHeader } from 'mysql2/promise';
import { withDeadline } from '../shards/withDeadline.ts';
import type { SqlValue } from './literals.ts';
import type { SqlRow } from './rowMapping.ts';

/** A connection for the length of one call. */
export class Session {
  /** A statement was sent that changes something for good: if its answer is lost, nobody knows. */
  isAtRisk = false;
  readonly #connection: PoolConnection;
  readonly #queryTimeoutMs: number;
  #isTransaction = false;

  constructor(connection: PoolConnection, queryTimeoutMs: number) {
    this.#connection = connection;
    this.#queryTimeoutMs = queryTimeoutMs;
  }

  /** The rows of a SELECT whose values are literals. */
  async rows(sql: string): Promise<readonly SqlRow[]> {
    const [rows] = await this.#within(this.#connection.query({ sql, rowsAsArray: true }));
    return rows as unknown as readonly SqlRow[];
  }

  /** The rows of a prepared SELECT. Its text must be one of few: the driver keeps a bounded number per connection. */
  async preparedRows(sql: string, values: SqlValue[]): Promise<readonly SqlRow[]> {
    const [rows] = await this.#within(this.#connection.execute({ sql, values, rowsAsArray: true }));
    return rows as unknown as readonly SqlRow[];
  }

  /** Runs a statement that writes, and says how many rows it found (not: changed). */
  async write(sql: string): Promise<number> {
    if (!this.#isTransaction) this.isAtRisk = true;
    const [header] = await this.#within(this.#connection.query<ResultSetHeader>({ sql }));
    return header.affectedRows;
  }

  /** The same, prepared: bodies travel as they are, where text would double them. */
  async preparedWrite(sql: string, values: SqlValue[]): Promise<number> {
    if (!this.#isTransaction) this.isAtRisk = true;
    const [header] = await this.#within(this.#connection.execute<ResultSetHeader>({ sql, values }));
    return header.affectedRows;
  }

  /** Runs in one transaction; a throw undoes everything. */
  async transaction<T>(run: () => Promise<T>): Promise<T> {
    await this.#within(this.#connection.query('START TRANSACTION'));
    this.#isTransaction = true;
    try {
      const result = await run();
      this.isAtRisk = true;
      await this.#within(this.#connection.query('COMMIT'));
      this.isAtRisk = false;
      return result;
    } catch (error) {
      // when this fails too, the connection is closed, and the server rolls back
      if (!this.isAtRisk) await this.#within(this.#connection.query('ROLLBACK')).catch(() => this.destroy());
      throw error;
    } finally {
      this.#isTransaction = false;
    }
  }

  release(): void {
    this.#connection.release();
  }

  destroy(): void {
    this.#connection.destroy();
  }

  #within<T>(answer: Promise<T>): Promise<T> {
    return withDeadline(answer, this.#queryTimeoutMs, 'A statement');
  }
}
