import type { Connection, ConnectionOptions, RowDataPacket } from 'mysql2/promise';
import { FollowError, lateError, packageError } from '../errors.ts';

/** Where in the binlog an event ends, beside its GTID. */
export interface FilePlace {
  readonly file: string;
  readonly position: number;
}

/** A statement that takes longer fails: the server is away. */
const TIMEOUT_MS = 10_000;
const VISIBLE_MS = 5;

/** The other connection of a follower: it asks the server how it is set up, and how far it is. */
export class MysqlServer {
  readonly #connection: Connection;
  readonly isMariaDb: boolean;

  private constructor(connection: Connection, isMariaDb: boolean) {
    this.#connection = connection;
    this.isMariaDb = isMariaDb;
  }

  /** @throws FollowError if the server is not set up for it: trying again does not help. */
  static async open(options: ConnectionOptions): Promise<MysqlServer> {
    const { createConnection } = await importMysql2();
    const connection = await createConnection({ ...options, connectTimeout: TIMEOUT_MS });
    connection.on('error', () => undefined); // the next statement fails, and says so
    try {
      const [row] = await rowsOf(connection, 'SELECT VERSION() AS version');
      const isMariaDb = /mariadb/i.test(String(row?.version));
      const server = new MysqlServer(connection, isMariaDb);
      await server.#check();
      return server;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  async #check(): Promise<void> {
    const wanted: [variable: string, value: string, hint: string][] = [
      ['log_bin', 'ON', 'start the server with --log-bin'],
      ['binlog_format', 'ROW', 'set binlog_format=ROW in its configuration'],
      ['binlog_row_image', 'FULL', 'set binlog_row_image=FULL in its configuration'],
    ];
    if (!this.isMariaDb) {
      wanted.push(['gtid_mode', 'ON', 'set gtid_mode=ON and enforce_gtid_consistency=ON in its configuration']);
      wanted.push([
        'binlog_transaction_compression',
        'OFF',
        'set binlog_transaction_compression=OFF in its configuration',
      ]);
    }
    for (const [variable, value, hint] of wanted) {
      const [row] = await this.#rows(`SHOW GLOBAL VARIABLES LIKE '${variable}'`);
      if (row === undefined || row.Value === value) continue;
      throw new FollowError(
        'FOLLOW_SERVER',
        `The server has ${variable}=${row.Value}, so its binlog does not tell all changes: ${hint}.`,
      );
    }
  }

  /** The GTIDs of all that is in the binlog now. */
  async place(): Promise<string> {
    const variable = this.isMariaDb ? '@@GLOBAL.gtid_binlog_pos' : '@@GLOBAL.gtid_executed';
    const [row] = await this.#rows(`SELECT ${variable} AS place`);
    return String(row?.place ?? '').replaceAll(/\s/g, '');
  }

  /**
   * Waits until readers see what stands in the binlog up to a place. A server writes transactions there before it shows
   * them: a client that was told in between would read the old rows, and hear nothing more.
   */
  async untilVisible(gtids: string, place: FilePlace | null): Promise<void> {
    if (!this.isMariaDb) {
      const [row] = await this.#rows(
        `SELECT WAIT_FOR_EXECUTED_GTID_SET('${gtids.replaceAll(/[^\w:,-]/g, '')}', 5) AS isLate`,
      );
      if (Number(row?.isLate) !== 0) throw lateError('The server does not show what stands in its binlog.');
      return;
    }
    const target = place ?? (await this.#logEnd());
    for (const end = Date.now() + TIMEOUT_MS; Date.now() < end; ) {
      await this.#connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
      const rows = await this.#rows("SHOW STATUS LIKE 'binlog_snapshot_%'");
      await this.#connection.query('COMMIT');
      const status = new Map(rows.map((row) => [String(row.Variable_name).toLowerCase(), String(row.Value)]));
      const seen = {
        file: status.get('binlog_snapshot_file') ?? '',
        position: Number(status.get('binlog_snapshot_position')),
      };
      if (!isBefore(seen, target)) return;
      await new Promise((resolve) => setTimeout(resolve, VISIBLE_MS));
    }
    throw lateError('The server does not show what stands in its binlog.');
  }

  close(): void {
    this.#connection.destroy();
  }

  async #logEnd(): Promise<FilePlace> {
    const [row] = await this.#rows('SHOW MASTER STATUS');
    return { file: String(row?.File), position: Number(row?.Position) };
  }

  #rows(sql: string): Promise<readonly RowDataPacket[]> {
    return rowsOf(this.#connection, sql);
  }
}

async function rowsOf(connection: Connection, sql: string): Promise<readonly RowDataPacket[]> {
  const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: TIMEOUT_MS });
  return rows;
}

/** Files are numbered, and the numbers of later ones may have more digits. */
function isBefore(one: FilePlace, other: FilePlace): boolean {
  if (one.file === other.file) return one.position < other.position;
  return one.file.length === other.file.length ? one.file < other.file : one.file.length < other.file.length;
}

function importMysql2(): Promise<typeof import('mysql2/promise')> {
  return import('mysql2/promise').catch((cause) => {
    throw packageError('mysql', 'mysql2', cause);
  });
}
