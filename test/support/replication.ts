import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { type OwnMariadb, startMariadb } from './servers.ts';
import { until } from './until.ts';

/** A replica of a server, which a test can hold back. */
export interface ReplicaServer extends OwnMariadb {
  /** It goes on receiving what the primary writes, and applies nothing of it. */
  holdBack(): Promise<void>;
  /** It applies again. */
  letGo(): Promise<void>;
  /** Waits until it shows all that the primary has committed. */
  caughtUp(): Promise<void>;
  /** Runs a statement on it, as somebody does who may write there. */
  run(sql: string): Promise<void>;
  /** The place in its own log, in which nothing stands that it has from the primary: empty while nobody wrote to it. */
  ownWrites(): Promise<string>;
}

export interface Replication {
  readonly primary: OwnMariadb;
  readonly replicas: readonly ReplicaServer[];
  remove(): Promise<void>;
}

/** Starts a primary with read-only replicas: it needs `mariadbd`. */
export async function startReplication(count: number): Promise<Replication> {
  const servers: OwnMariadb[] = [];
  const start = async (id: number, more: readonly string[]): Promise<OwnMariadb> => {
    const server = await startMariadb([`--server-id=${id}`, '--log-bin', '--binlog-format=ROW', ...more]);
    servers.push(server);
    return server;
  };
  const remove = async (): Promise<void> => {
    for (const server of servers) await server.remove();
  };
  try {
    const primary = await start(1, []);
    await withConnection(primary.uri, async (connection) => {
      await connection.query("CREATE USER copy@'127.0.0.1' IDENTIFIED BY 'copy'");
      await connection.query("GRANT REPLICATION SLAVE ON *.* TO copy@'127.0.0.1'");
    });
    const replicas: ReplicaServer[] = [];
    for (let at = 0; at < count; at++) {
      replicas.push(await follow(primary, await start(2 + at, ['--read-only=1', '--slave-net-timeout=4'])));
    }
    return { primary, replicas, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function follow(primary: OwnMariadb, server: OwnMariadb): Promise<ReplicaServer> {
  const run = (sql: string): Promise<void> =>
    withConnection(server.uri, async (connection) => {
      await connection.query('SET SESSION sql_log_bin = OFF'); // what tests do to it is no write of the store
      await connection.query(sql);
    });
  await run(
    `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${primary.port}, MASTER_USER = 'copy', MASTER_PASSWORD = 'copy', MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1`,
  );
  await run('START SLAVE');
  return {
    ...server,
    ...{ run, holdBack: () => run('STOP SLAVE SQL_THREAD'), letGo: () => run('START SLAVE SQL_THREAD') },
    ownWrites: () => variableOf(server.uri, 'gtid_binlog_pos'),
    caughtUp: async () => {
      const position = await variableOf(primary.uri, 'gtid_binlog_pos');
      await until(
        'the replica has caught up',
        async () => numberOf(await variableOf(server.uri, 'gtid_slave_pos')) >= numberOf(position),
      );
    },
  };
}

/** The last number of a GTID such as `0-1-42`; 0 where there is none. */
function numberOf(position: string): number {
  return Number(position.split('-').at(-1) ?? 0);
}

async function variableOf(uri: string, variable: string): Promise<string> {
  return withConnection(uri, async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>(`SELECT @@GLOBAL.${variable} AS value`);
    return String(rows[0]?.value ?? '');
  });
}

async function withConnection<T>(uri: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection({ uri });
  try {
    return await use(connection);
  } finally {
    connection.destroy();
  }
}
