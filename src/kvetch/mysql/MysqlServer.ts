import { setTimeout as sleep } from 'node:timers/promises';
import { createPool, type Pool, type PoolConnection } from 'mysql2';
import { createConnection } from 'mysql2/promise';
import { hasCode } from '../../utils/hasCode.ts';
import { Breaker } from '../shards/Breaker.ts';
import { NodeFailure } from '../shards/NodeFailure.ts';
import { type Answer, answerWithin, TimeoutError, withDeadline } from '../shards/withDeadline.ts';
import { ConnectionGate, type Turn } from './ConnectionGate.ts';
import type { MysqlSettings } from './mysqlOptions.ts';
import { idleTransactions, Session, type Statements } from './Session.ts';
import {
  BreakerOpenError,
  isLockConflict,
  isNotReady,
  isReadOnly,
  isRefusal,
  isUnknownDatabase,
  QueueFullError,
  toFailure,
} from './serverErrors.ts';

/** Looks that are nearer to each other count statements under way as somebody else's. */
const LOOK_MS = 250;
const LOCK_TRIES = 6;
const CLOSE_MS = 1000;
/** The wait before a server of a cluster is asked again for a database that another one has just made. */
const SPREAD_MS = 50;
/** The driver keeps so many prepared statements per connection; there are fewer texts than that. */
const MAX_PREPARED = 64;

/** A pool of connections to one server, with a time limit for everything and a breaker before it. */
export class MysqlServer {
  /** Whether writes leave their changes in `kvetch_changes`: once it is known they do until the process ends. */
  keepsChanges = false;
  readonly #settings: MysqlSettings;
  readonly #pool: Pool;
  readonly #breaker: Breaker;
  readonly #gate: ConnectionGate;
  /** Why the server is left alone, when it is. */
  #lastFailure: unknown = null;
  #failedAt = Number.NEGATIVE_INFINITY;
  readonly #statements: Statements = { sent: 0 };
  /** The numbers of statements that the server had been sent at the last look, by all and by this pool. */
  #look: { readonly at: number; readonly all: number; readonly own: number } | null = null;
  #othersPerSecond = 0;
  readonly #connections = new Set<{ destroy(): void }>();
  /** Until when other servers of a cluster may not know the database that this process made. */
  #spreadsUntil = 0;

  constructor(settings: MysqlSettings) {
    this.#settings = settings;
    this.#breaker = new Breaker(settings.breaker);
    this.#gate = new ConnectionGate(settings.connectionLimit, settings.queueLimit, settings.acquireTimeoutMs);
    this.#pool = createPool({
      ...settings.connection,
      connectionLimit: settings.connectionLimit,
      maxPreparedStatements: MAX_PREPARED,
      flags: ['FOUND_ROWS'], // the default, but compare-and-set relies on it
      multipleStatements: true, // of a transaction; nothing that a caller wrote is in any text (literals.ts)
    });
    this.#pool.on('connection', (raw) => {
      this.#connections.add(raw);
      raw.once('end', () => this.#connections.delete(raw));
      const set = (text: string): void => {
        this.#statements.sent++;
        raw.query(`SET SESSION ${text}`, ignore);
      };
      // fewer gap locks, so fewer deadlocks; a lock is given up before the statement is; nothing is cut to fit
      set('TRANSACTION ISOLATION LEVEL READ COMMITTED');
      set(`sql_mode = 'STRICT_ALL_TABLES',
  innodb_lock_wait_timeout = ${Math.max(1, Math.floor(settings.queryTimeoutMs / 2000))}
  ${idleTransactions(Math.ceil(settings.queryTimeoutMs / 1000))}`);
      if (settings.readOnly) set('TRANSACTION READ ONLY'); // a mistake of ours must not write
      if (settings.session !== '') set(settings.session);
    });
  }

  /** Reads; once more when the connection broke, which an idle one may have done long ago. */
  async read<T>(run: (session: Session) => Promise<T>, turn: Turn = 'first'): Promise<T> {
    try {
      return await this.#use(run, turn);
    } catch (error) {
      const isWorthIt = error instanceof NodeFailure && isBroken(error.cause);
      if (!isWorthIt) throw toFailure(error);
    }
    return this.#use(run, turn).catch((error: unknown) => {
      throw toFailure(error);
    });
  }

  /**
   * Writes. A deadlock or a lock that was waited for too long is tried again after a moment. Any other refusal of the
   * server is thrown as it is, for the caller to judge; so is the conflict of the last try.
   */
  async write<T>(run: (session: Session) => Promise<T>, tries: number = LOCK_TRIES): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#use(run, 'first');
      } catch (error) {
        if (!isLockConflict(error) || attempt >= tries) throw error;
        await sleep(attempt * (5 + Math.random() * 20));
      }
    }
  }

  transaction<T>(run: (session: Session) => Promise<T>, tries?: number): Promise<T> {
    return this.write((session) => session.transaction(() => run(session)), tries);
  }

  /** Reads at one moment, however many statements that takes. It is not repeated when the connection breaks. */
  async snapshot<T>(run: (session: Session) => Promise<T>): Promise<T> {
    return this.#use((session) => session.snapshot(() => run(session)), 'first').catch((error: unknown) => {
      throw toFailure(error);
    });
  }

  /** How many statements a second others have sent to the server of late; 0 where it does not report that. */
  async othersPerSecond(): Promise<number> {
    if (performance.now() - (this.#look?.at ?? 0) < LOOK_MS) return this.#othersPerSecond;
    await this.read(async (session) => {
      const own = this.#statements.sent;
      const at = performance.now();
      const [row] = await session.rows<[string, string]>("SHOW GLOBAL STATUS LIKE 'Questions'");
      const look = { at, own, all: Number(row?.[1] ?? 0) };
      const last = this.#look;
      this.#look = look;
      if (last === null) return;
      const others = look.all - last.all - (look.own - last.own);
      this.#othersPerSecond = Math.max(0, (others * 1000) / (look.at - last.at));
    });
    return this.#othersPerSecond;
  }

  async createDatabase(): Promise<void> {
    const { connection, queryTimeoutMs } = this.#settings;
    const { database, ...place } = connection;
    const session = await createConnection(place).catch((cause: unknown) => {
      throw new NodeFailure('not-applied', cause);
    });
    const sql = `CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;
    await withDeadline(session.query(sql), queryTimeoutMs, 'A statement')
      .catch((error: unknown) => {
        throw isRefusal(error) ? toFailure(error) : new NodeFailure('not-applied', error);
      })
      .finally(() => session.destroy());
    this.#spreadsUntil = performance.now() + this.#settings.acquireTimeoutMs;
  }

  /** Closes the connections; does not wait for a server that does not answer. */
  async close(): Promise<void> {
    await answerWithin(CLOSE_MS, 'Closing', (answer) => this.#pool.end(answer)).catch(() => {});
    for (const connection of this.#connections) connection.destroy();
    this.#connections.clear();
  }

  async #use<T>(run: (session: Session) => Promise<T>, turn: Turn): Promise<T> {
    if (this.#breaker.isOpen) throw this.#leftAlone(); // without waiting for the calls that find out whether it is back
    const waiting = this.#gate.enter(turn);
    if (waiting !== null) await waiting;
    try {
      return await this.#useConnection(run);
    } finally {
      this.#gate.leave();
    }
  }

  async #useConnection<T>(run: (session: Session) => Promise<T>): Promise<T> {
    if (!this.#breaker.enter()) throw this.#leftAlone();
    const since = performance.now();
    const session = new Session(
      await this.#acquire(),
      this.#settings.queryTimeoutMs,
      this.#statements,
      this.keepsChanges,
    );
    try {
      const result = await run(session);
      this.#breaker.succeeded();
      session.release();
      return result;
    } catch (error) {
      if (isRefusal(error)) {
        this.#breaker.succeeded();
        if (isReadOnly(error))
          session.destroy(); // the next connection goes to the server that has the address then
        else session.release();
        throw error;
      }
      session.destroy(); // an answer may still come, and must not meet the next call
      this.#settle(error, since);
      if (isOwnFault(error)) throw error;
      throw new NodeFailure(session.isAtRisk && !isNotReady(error) ? 'unknown' : 'not-applied', error);
    }
  }

  #acquire(): Promise<PoolConnection> {
    return this.#connect().catch(async (cause: unknown) => {
      if (isUnknownDatabase(cause) && performance.now() < this.#spreadsUntil) {
        await sleep(SPREAD_MS);
        return this.#acquire();
      }
      this.#settle(cause);
      throw new NodeFailure('not-applied', cause);
    });
  }

  #connect(): Promise<PoolConnection> {
    const release = (late: PoolConnection): void => late.release();
    const acquire = (answer: Answer<PoolConnection>): void => this.#pool.getConnection(answer);
    return answerWithin(this.#settings.acquireTimeoutMs, 'Connecting', acquire, release);
  }

  /**
   * Neither a mistake in this program nor a database that nobody has made yet is a sign of a failing server. Connections
   * that end together are one: there may be another server at the address by now.
   */
  #settle(cause: unknown, since = Number.POSITIVE_INFINITY): void {
    const isSame = since < this.#failedAt && isBroken(cause);
    if (isSame || isUnknownDatabase(cause) || isOwnFault(cause)) return this.#breaker.left();
    this.#breaker.failed();
    this.#lastFailure = cause;
    this.#failedAt = performance.now();
  }

  #leftAlone(): NodeFailure {
    const cause = this.#lastFailure;
    return new NodeFailure('not-applied', new BreakerOpenError('It is left alone for a moment:', { cause }));
  }
}

/** A failure breaks the connection or does no harm: without a callback the driver would throw it at the process. */
function ignore(): void {}

/** A value was refused before it was sent. */
function isOwnFault(error: unknown): boolean {
  return error instanceof Error && ('next' in error || error instanceof TypeError);
}

/** The connection ended, as opposed to: the server is too slow or not there. */
function isBroken(cause: unknown): boolean {
  if (cause instanceof TimeoutError || cause instanceof BreakerOpenError || cause instanceof QueueFullError)
    return false;
  return cause instanceof Error && !hasCode(cause, 'ECONNREFUSED');
}
