import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'mysql2/promise';
import { appendAll } from '../../../utils/appendAll.ts';
import { lateError, packageError } from '../errors.ts';
import type { Batch, ChangedRow, RowChange } from '../RowChange.ts';
import type { FilePlace, MysqlServer } from './MysqlServer.ts';
import { changesOfStatement, isFollowed, type Tables } from './statements.ts';

/** So many changes of ended transactions wait for the follower; then the server has to wait. */
const MAX_CHANGES = 1000;
/** A transaction with more changes is not kept: all clients fetch again. */
const MAX_TRANSACTION = 50_000;
const HEARTBEAT_MS = 5000;
/** A server that is silent for so long is away, though the connection seems to be there. */
const SILENCE_MS = 3 * HEARTBEAT_MS;

/** A row, by columns; of an update, both of its states. */
type BinlogRow = ChangedRow & { readonly before: ChangedRow; readonly after: ChangedRow };

/** What this file uses of an event of `@vlasky/zongji`. */
interface BinlogEvent {
  readonly nextPosition: number;
  readonly tableId?: number;
  readonly tableMap?: Readonly<Record<number, { readonly parentSchema: string; readonly tableName: string }>>;
  readonly rows?: readonly BinlogRow[];
  readonly query?: string;
  readonly schema?: string;
  getTypeName(): string;
}

/** What this file uses of its reader: more than its declarations name. */
interface BinlogReader {
  /** The GTIDs of all transactions whose end was read. */
  readonly gtidSet: string | undefined;
  readonly options: { readonly filename?: string };
  readonly connection: { query(sql: string): unknown; pause(): void; resume(): void } | null;
  on(event: 'binlog', listener: (event: BinlogEvent) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  start(options: object): void;
  stop(): void;
}

export interface BinlogOptions {
  readonly connection: ConnectionOptions;
  readonly tables: Tables;
  readonly serverId: number;
  readonly signal: AbortSignal;
}

/** Reads a binlog behind a place, until the signal is aborted. Each batch holds whole transactions, which readers see. */
export async function* readBinlog(
  server: MysqlServer,
  place: string,
  options: BinlogOptions,
): AsyncGenerator<Batch, void> {
  const { connection, tables, serverId, signal } = options;
  const reader: BinlogReader = await openReader(connection);
  const received = new Received(reader, tables);
  const end = (): void => received.fail(new Error('It was ended.'));
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    const includeEvents = ['tablemap', 'writerows', 'updaterows', 'deleterows', 'query', 'xid', 'rotate'];
    reader.start({ gtidSet: place, serverId, includeEvents, includeSchema: tables });
    received.watch();
    for (;;) {
      const { changes, end } = await received.next();
      await server.untilVisible(end.gtids, end.place);
      yield { changes, place: end.gtids };
    }
  } finally {
    signal.removeEventListener('abort', end);
    end();
    reader.stop();
  }
}

/** Where a transaction ends. */
interface End {
  readonly gtids: string;
  readonly place: FilePlace | null;
}

interface Transactions {
  readonly changes: readonly RowChange[] | null;
  readonly end: End;
}

/** What was read and not yet taken. */
class Received {
  readonly #reader: BinlogReader;
  readonly #tables: Tables;
  /** Of the transaction that has not ended: nobody sees it yet. Null: it changed rows that it does not name, or too many. */
  #open: RowChange[] | null = [];
  #ended: RowChange[] | null = [];
  #end: End | null = null;
  #isPaused = false;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;
  #heardAt = performance.now();
  #timer: NodeJS.Timeout | null = null;

  constructor(reader: BinlogReader, tables: Tables) {
    this.#reader = reader;
    this.#tables = tables;
    reader.on('error', (error) => this.fail(error));
    reader.on('binlog', (event) => this.#take(event));
  }

  /** Notices when the server falls silent: it sends something at least as often as this asks for. */
  watch(): void {
    const { connection } = this.#reader;
    const nanoseconds = HEARTBEAT_MS * 1_000_000;
    connection?.query(`SET @master_heartbeat_period=${nanoseconds}, @source_heartbeat_period=${nanoseconds}`);
    const stream: Socket | undefined = Reflect.get(Object(connection), 'stream');
    stream?.on('data', () => {
      this.#heardAt = performance.now();
    });
    this.#timer = setInterval(() => {
      if (!this.#isPaused && performance.now() - this.#heardAt > SILENCE_MS)
        this.fail(lateError('The server is silent.'));
    }, HEARTBEAT_MS);
  }

  async next(): Promise<Transactions> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      if (this.#end !== null) return this.#give(this.#end);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  fail(error: Error): void {
    this.#failure ??= error;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#wake?.();
  }

  #give(end: End): Transactions {
    const changes = this.#ended;
    this.#ended = [];
    this.#end = null;
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#heardAt = performance.now();
      this.#reader.connection?.resume();
    }
    return { changes, end };
  }

  #take(event: BinlogEvent): void {
    if (this.#failure !== null) return;
    const type = event.getTypeName();
    if (type === 'Xid') this.#endAt(event);
    else if (type === 'Query') this.#takeStatement(event, event.query ?? '');
    else if (event.rows !== undefined) this.#takeRows(type, event, event.rows);
  }

  #takeStatement(event: BinlogEvent, statement: string): void {
    const changes = changesOfStatement(statement, event.schema ?? '', this.#tables);
    for (const change of changes ?? []) this.#add(change);
    if (changes === null) this.#open = null;
    if (/^\s*(BEGIN|START|SAVEPOINT|XA)\b/i.test(statement)) return;
    this.#endAt(event);
    // It may be a transaction of its own, or end behind the next event.
    if (changes === null) this.#open = null;
  }

  #takeRows(type: string, event: BinlogEvent, rows: readonly BinlogRow[]): void {
    const { parentSchema: database, tableName: table } = event.tableMap?.[event.tableId ?? -1] ?? {};
    if (database === undefined || table === undefined || !isFollowed(this.#tables, database, table)) return;
    for (const row of rows) this.#add({ database, table, ...rowOf(type, row) });
  }

  #add(change: RowChange): void {
    if (this.#open !== null && this.#open.push(change) > MAX_TRANSACTION) this.#open = null;
  }

  #endAt({ nextPosition }: BinlogEvent): void {
    const { gtidSet, options } = this.#reader;
    if (gtidSet === undefined) return;
    const { filename } = options;
    const place = filename === undefined || nextPosition === 0 ? null : { file: filename, position: nextPosition };
    this.#end = { gtids: gtidSet, place };
    if (this.#open === null) this.#ended = null;
    else if (this.#ended !== null) appendAll(this.#ended, this.#open);
    this.#open = [];
    if ((this.#ended?.length ?? 0) >= MAX_CHANGES) {
      this.#isPaused = true;
      this.#reader.connection?.pause();
    }
    this.#wake?.();
  }
}

function rowOf(type: string, row: BinlogRow): Pick<RowChange, 'kind' | 'before' | 'after'> {
  if (type === 'WriteRows') return { kind: 'insert', before: null, after: row };
  if (type === 'DeleteRows') return { kind: 'delete', before: row, after: null };
  return { kind: 'update', before: row.before, after: row.after };
}

async function openReader(connection: ConnectionOptions): Promise<BinlogReader> {
  const loaded = await import('@vlasky/zongji').catch((cause) => {
    throw packageError('mysql', '@vlasky/zongji', cause);
  });
  const ZongJi = Object(loaded.default); // its declarations say less than this file uses
  return new ZongJi(connection);
}
