import { type Answer, runStatement } from './sql/statements.ts';
import { LOCK_WAIT_TIMEOUT, type Row, SqlError, Tables, type Value } from './sql/Tables.ts';
import { later, virtualNow } from './virtualTime.ts';

/** What a statement takes of its server, in milliseconds: one answers 10,000 statements a second. */
const STATEMENT_MS = 0.1;
const ROW_MS = 0.002;
const LOCK_WAIT_MS = 5000;
const IDLE_MS = 10_000;

/** A check that is taken out, to see that the simulation finds what follows. */
export const checks = ['fence', 'freeze', 'mover', 'epoch', 'claims', 'turns', 'purge', 'sweep'] as const;
/** The same, of the cache. */
export const cacheChecks = ['lease', 'life', 'notes'] as const;
export type CacheCheck = (typeof cacheChecks)[number];

export function isOfCache(check: Broken | null): check is CacheCheck {
  return cacheChecks.some((one) => one === check);
}

export type Broken = (typeof checks)[number] | CacheCheck;

/** What a server has done since the beginning. */
export interface Load {
  statements: number;
  bytes: number;
  rows: number;
  busyMs: number;
}

/** A text of a client that waits for its turn. */
interface Job {
  readonly client: object;
  readonly texts: readonly string[];
  readonly values: readonly Value[];
  readonly answer: (error: Error | null, answers: readonly Answer[]) => void;
  readonly since: number;
}

/**
 * A database server in memory. It runs a text at a time. While a transaction is open nobody else gets in: that is stricter than
 * MySQL, whose locks are of rows, and what its own tests are about (test/kvetch/mysql).
 */
export class Server {
  readonly name: string;
  readonly tables: Tables;
  readonly load: Load = { statements: 0, bytes: 0, rows: 0, busyMs: 0 };
  /** How much longer than usual it takes. */
  slowness = 1;
  isUp = true;
  /** Nothing comes from it, as if its machine or its zone were gone: nobody hears that a connection is closed. */
  isSilent = false;
  /** Its wall clock stands this much beside that of the processes. */
  clockOffsetMs = 0;
  broken: Broken | null = null;
  /** Called when rows may have changed for good. */
  readonly onCommit: Array<() => void> = [];
  #owner: object | null = null;
  #ownerIdle = 0;
  #isReserved = false;
  #waiting: Job[] = [];
  #busyUntil = 0;

  constructor(name: string) {
    this.name = name;
    this.tables = new Tables(() => Math.floor((Date.now() + this.clockOffsetMs) * 1000));
  }

  /** Runs what a client sent, when it is its turn. */
  run(client: object, sql: string, values: readonly Value[], answer: Job['answer']): void {
    this.#waiting.push({ client, texts: sql.split(';\n'), values, answer, since: virtualNow() });
    this.#next();
  }

  /** A client is gone: what it has not committed is undone. */
  leave(client: object): void {
    this.#waiting = this.#waiting.filter((job) => job.client !== client);
    if (this.#owner === client) this.#end(false);
    this.#next();
  }

  /** Ends as if the power went: what was committed stays. */
  crash(): void {
    this.isUp = false;
    this.#waiting = [];
    this.#end(false);
  }

  #next(): void {
    if (this.#isReserved || !this.isUp) return;
    const at = this.#waiting.findIndex(({ client }) => this.#owner === null || this.#owner === client);
    const job = at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
    if (job === undefined) return this.#refuseLate();
    this.#isReserved = true;
    const wait = Math.max(0, this.#busyUntil - virtualNow());
    later(wait, () => {
      this.#isReserved = false;
      if (this.isUp) this.#serve(job);
      this.#next();
    });
  }

  #serve(job: Job): void {
    const before = this.load.busyMs;
    const answers: Answer[] = [];
    let failure: Error | null = null;
    try {
      for (const text of job.texts) answers.push(this.#statement(job.client, text, job.values));
    } catch (error) {
      failure = error as Error;
    }
    if (this.#owner === null) this.tables.commit();
    else this.#watch();
    if (this.#owner === null) for (const look of this.onCommit) look();
    this.#busyUntil = virtualNow() + this.load.busyMs - before;
    later(this.load.busyMs - before, () => job.answer(failure, answers));
  }

  #statement(client: object, sql: string, values: readonly Value[]): Answer {
    this.load.statements++;
    this.load.bytes += sql.length;
    this.load.busyMs += STATEMENT_MS * this.slowness;
    const answer = this.#answer(client, sql, values);
    const rows = 'length' in answer ? answer.length : answer.affectedRows;
    this.load.rows += rows;
    this.load.busyMs += rows * ROW_MS * this.slowness;
    return answer;
  }

  #answer(client: object, sql: string, values: readonly Value[]): Answer {
    if (sql === 'COMMIT' || sql === 'ROLLBACK') {
      this.#end(sql === 'COMMIT');
      return { affectedRows: 0 };
    }
    if (sql.startsWith('START TRANSACTION')) {
      this.#owner = client;
      return { affectedRows: 0 };
    }
    if (sql.startsWith('SET ')) return { affectedRows: 0 };
    if (sql.startsWith('SHOW VARIABLES')) return [];
    if (sql.startsWith('SHOW GLOBAL STATUS')) return [['Questions', String(this.load.statements)]];
    if (sql.startsWith('SELECT @@')) return [[1 << 24, 'STRICT_ALL_TABLES']];
    return runStatement(this.tables, this.broken === null ? sql : withoutCheck(sql, this.broken), values);
  }

  #end(isCommitted: boolean): void {
    if (isCommitted) this.tables.commit();
    else this.tables.back(0);
    this.#owner = null;
  }

  /** A transaction whose client says nothing more is undone. */
  #watch(): void {
    const seen = ++this.#ownerIdle;
    later(IDLE_MS, () => {
      if (this.#owner === null || this.#ownerIdle !== seen) return;
      this.#end(false);
      this.#next();
    });
  }

  #refuseLate(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const dueIn = first.since + LOCK_WAIT_MS - virtualNow();
    if (dueIn > 0) return void later(dueIn, () => this.#next());
    this.#waiting.shift();
    first.answer(new SqlError(LOCK_WAIT_TIMEOUT, 'Lock wait timeout exceeded'), []);
    this.#next();
  }

  /** Changes with the rows of a table, also within a transaction. */
  versionOf(table: string): number {
    try {
      return this.tables.table(table).version;
    } catch {
      return -1; // nobody has opened it yet
    }
  }

  /** The shards that it has in some state other than closed. */
  shards(): ReadonlyArray<{ readonly shard: number; readonly state: number; readonly epoch: number }> {
    const found: Array<{ readonly shard: number; readonly state: number; readonly epoch: number }> = [];
    for (const row of this.rowsOf('kvetch_shards')) {
      if (row.state !== 0) found.push({ shard: Number(row.shard), state: Number(row.state), epoch: Number(row.epoch) });
    }
    return found;
  }

  rowsOf(table: string): Iterable<Row> {
    try {
      return this.tables.table(table).rows;
    } catch {
      return []; // nobody has opened it yet
    }
  }
}

/** The statement as it would be without one of the store's checks. */
function withoutCheck(sql: string, broken: Broken): string {
  switch (broken) {
    case 'fence': // writes do not ask whether their shards are open
      return sql.replaceAll('s.state IN (1, 2)', 's.state >= 0');
    case 'freeze': // writes go on while a move ends
      return sql.replace('SET state = 3 ', 'SET state = 2 ').replaceAll('state = 3 AND epoch', 'state = 2 AND epoch');
    case 'mover': // one that was taken for dead may open what was given back
      return sql.replace(/^(UPDATE kvetch_shards SET state = 1 .*)state = 4 AND epoch = \d+/, '$1state >= 0');
    case 'epoch': // readers are not told that shards have come or gone
      return sql.replace('SET v = v + 1', 'SET v = v');
    case 'notes': // nobody finds what others have not finished
      return sql.replaceAll(/(FROM kvetch_outbox\s+WHERE )due_us <=/g, '$1FALSE AND due_us <=');
    case 'turns': // a cleaner takes the lease that another one has
      return sql.replace('IF(lease_owner IS NULL OR', 'IF(lease_until_us >= 0 OR');
    case 'purge': // rows are removed that are no tombstones any more
      if (!sql.includes('WHERE state = 0 AND shard + 0 =')) return sql;
      return sql
        .replace('state = 0 AND', '')
        .replace(/ AND target_id = \S+/, '')
        .replace(/ AND (src_)?version = \d+$/, '');
    case 'sweep': // nothing is removed
      return sql.replace('WHERE state = 0 AND shard + 0 =', 'WHERE FALSE AND state = 0 AND shard + 0 =');
    case 'lease':
    case 'life':
      return sql; // checks of the cache
    case 'claims': // a claim does not look for another holder
      return sql.replace('target_id = IF(state = 0, VALUES(target_id), target_id)', 'target_id = VALUES(target_id)');
  }
}
