import type { PoolConnection, QueryOptions, ResultSetHeader } from 'mysql2';
import { itemAt } from '../../utils/itemAt.ts';
import { answerWithin } from '../shards/withDeadline.ts';
import { literal, type SqlValue } from './literals.ts';
import type { SqlRow } from './rowMapping.ts';
import { isRefusal } from './serverErrors.ts';
import { UNKEPT, WRITABLE } from './shardStates.ts';

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

/** What a write found. */
export interface Found {
  /** How many rows (not: changed ones). It is known when the statement has been sent: in a transaction, perhaps at its end. */
  rows: number;
}

interface WaitingStatement {
  readonly sql: string;
  readonly hear: (answer: ResultSetHeader & readonly SqlRow[]) => void;
}

/** More text is sent at once, and a longer body as it is: as text it would be twice as long. */
const MAX_JOINED_CHARS = 1 << 19;
const MAX_BODY_BYTES = 1 << 14;

/**
 * Whether a connection leads to a node of Galera: its first transaction asks. There each statement goes alone. When the
 * write of another node undoes a transaction between two statements of one text, the second one begins a new transaction,
 * and nobody is told: half of a write is acknowledged.
 */
const galeraNodes = new WeakMap<PoolConnection, boolean>();

/**
 * A connection for the length of one call. Within a transaction, statements whose answers nobody needs yet wait, and are sent
 * in one text with the next one that is asked, or with the COMMIT: each text is one round trip. The server stops at the
 * first statement that fails, so what stands behind it does not happen. A node of Galera does not: see `galeraNodes`.
 */
export class Session {
  /** A statement was sent that changes something for good: if its answer is lost, nobody knows. */
  isAtRisk = false;
  /** Whether its writes leave their changes. It stays as it is, so that a transaction is of one mind. */
  readonly keepsChanges: boolean;
  readonly #connection: PoolConnection;
  readonly #queryTimeoutMs: number;
  readonly #statements: Statements;
  /** The statements that wait, or null outside of a transaction. */
  #waiting: WaitingStatement[] | null = null;
  #waitingChars = 0;

  constructor(connection: PoolConnection, queryTimeoutMs: number, statements: Statements, keepsChanges: boolean) {
    this.#connection = connection;
    this.#statements = statements;
    this.#queryTimeoutMs = queryTimeoutMs;
    this.keepsChanges = keepsChanges;
  }

  /** The condition on the shards that it may write. */
  get fence(): string {
    return this.keepsChanges ? WRITABLE : UNKEPT;
  }

  /** The rows of a SELECT whose values are literals. `TRow`: the types of its columns. */
  rows<TRow extends SqlRow = SqlRow>(sql: string): Promise<readonly TRow[]> {
    return this.#text(sql);
  }

  /** The rows of a prepared SELECT. Its text must be one of few: the driver keeps a bounded number per connection. */
  preparedRows<TRow extends SqlRow = SqlRow>(sql: string, values: SqlValue[]): Promise<readonly TRow[]> {
    return this.#bound(sql, values);
  }

  /** Runs a statement that writes. Returns how many rows it found (not: changed). */
  async write(sql: string): Promise<number> {
    if (this.#waiting === null) this.isAtRisk = true;
    return (await this.#text<ResultSetHeader>(sql)).affectedRows;
  }

  /** The same, prepared: bodies travel as they are, where text would double them. */
  async preparedWrite(sql: string, values: SqlValue[]): Promise<number> {
    if (this.#waiting === null) this.isAtRisk = true;
    return (await this.#bound<ResultSetHeader>(sql, values)).affectedRows;
  }

  /** Writes what nobody has to know of at once: in a transaction it waits for the statement that is asked next. */
  async put(sql: string, values: SqlValue[] = []): Promise<Found> {
    if (this.#waiting === null || !isShort(values))
      return { rows: await (values.length === 0 ? this.write(sql) : this.preparedWrite(sql, values)) };
    const found = { rows: 0 };
    await this.#wait(bind(sql, values), ({ affectedRows }) => {
      found.rows = affectedRows;
    });
    return found;
  }

  /** Reads what nobody has to know before the end of the transaction: the rows are known then. */
  async pick<TRow extends SqlRow>(sql: string): Promise<() => readonly TRow[]> {
    let found: readonly SqlRow[] = [];
    const hear = (rows: readonly SqlRow[]): void => {
      found = rows;
    };
    if (this.#waiting === null) hear(await this.rows(sql));
    else await this.#wait(sql, hear);
    return () => found as readonly TRow[];
  }

  /** Runs in one transaction; a throw undoes everything. */
  async transaction<T>(run: () => Promise<T>): Promise<T> {
    const start: WaitingStatement = { sql: 'START TRANSACTION', hear: () => {} };
    if (!galeraNodes.has(this.#connection)) galeraNodes.set(this.#connection, await this.#isGalera());
    this.#waiting = [start];
    this.#waitingChars = 0;
    try {
      const result = await run();
      this.isAtRisk = true;
      await this.#text('COMMIT');
      this.isAtRisk = false;
      return result;
    } catch (error) {
      const isBegun = this.#waiting[0] !== start;
      this.#waiting = null;
      if (isRefusal(error)) this.isAtRisk = false; // the COMMIT itself, or what stands before it
      // when this fails too, the connection is closed, and the server rolls back
      if (isBegun && !this.isAtRisk) await this.#text('ROLLBACK').catch(() => this.destroy());
      throw error;
    } finally {
      this.#waiting = null;
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

  /** Sends a text, behind those that wait: its answer. */
  async #text<T>(sql: string): Promise<T> {
    const waiting = this.#waiting ?? [];
    if (this.#waiting !== null) this.#waiting = [];
    this.#waitingChars = 0;
    if (waiting.length === 0) return this.#ask('query', { sql, rowsAsArray: true });
    const texts = [...waiting.map((one) => one.sql), sql];
    const answers = await this.#ask<ReadonlyArray<ResultSetHeader & readonly SqlRow[] & T>>('query', {
      sql: texts.join(';\n'),
      rowsAsArray: true,
    });
    for (const [at, { hear }] of waiting.entries()) hear(itemAt(answers, at));
    return itemAt(answers, waiting.length);
  }

  async #wait(sql: string, hear: WaitingStatement['hear']): Promise<void> {
    if (this.#waitingChars + sql.length > MAX_JOINED_CHARS) await this.#flush();
    this.#waiting?.push({ sql, hear });
    this.#waitingChars += sql.length;
    if (galeraNodes.get(this.#connection) === true) await this.#flush();
  }

  /** A statement with values: prepared, unless others wait which it can go with. */
  async #bound<T>(sql: string, values: SqlValue[]): Promise<T> {
    if (this.#waiting !== null && this.#waiting.length > 0) {
      if (isShort(values)) return this.#text(bind(sql, values));
      await this.#flush();
    }
    return this.#ask('execute', { sql, values, rowsAsArray: true });
  }

  async #isGalera(): Promise<boolean> {
    const [row] = await this.#text<ReadonlyArray<readonly [string, string]>>("SHOW VARIABLES LIKE 'wsrep_on'");
    return row?.[1] === 'ON';
  }

  /** Sends what waits. */
  async #flush(): Promise<void> {
    const last = this.#waiting?.pop();
    if (last !== undefined) last.hear(await this.#text(last.sql));
  }

  #ask<T>(how: 'query' | 'execute', statement: QueryOptions): Promise<T> {
    this.#statements.sent++;
    return answerWithin(this.#queryTimeoutMs, 'A statement', (answer) => {
      this.#connection[how](statement, (error, result) => answer(error, result as T));
    });
  }
}

function isShort(values: readonly SqlValue[]): boolean {
  return values.every((value) => !Buffer.isBuffer(value) || value.length <= MAX_BODY_BYTES);
}

/** A prepared statement as text. Literals have no `?`, and neither has what stands between them. */
function bind(sql: string, values: readonly SqlValue[]): string {
  let next = 0;
  return values.length === 0 ? sql : sql.replaceAll('?', () => literal(values[next++] ?? null));
}
