import type { PoolOptions } from 'mysql2/promise';
import { anything, checkOptions, integer, type OptionTable } from '../../errors/checkOptions.ts';
import { KvetchOptionError, quote } from '../errors.ts';
import type { BreakerOptions } from '../shards/Breaker.ts';

/** The address of a database, and the options of connections to it. */
export interface MysqlShardOptions {
  /** `mysql://user:password@host:port/database`, instead of the next five. */
  readonly uri?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /** TLS, as mysql2 takes it. */
  readonly ssl?: PoolOptions['ssl'];
  /** Variables that each connection sets: `{ wsrep_sync_wait: 7 }` on a Galera cluster. */
  readonly session?: Readonly<Record<string, number | string>>;
  /** How the node is called in statistics and logs. Default `mysql`, or `mysql-0`, … in a list. */
  readonly name?: string;
  /** Whether the database is created when it is not there. Tables always are. Default `false`. */
  readonly createDatabase?: boolean;
  /** Connections of this process to this server. Default 10. */
  readonly connectionLimit?: number;
  /** How many calls may wait for a connection; more fail at once. A long batch counts as a few. Default 100,000. */
  readonly queueLimit?: number;
  /** How long connecting may take. Milliseconds; default 2,000. */
  readonly connectTimeoutMs?: number;
  /** How long calls wait for a connection while none becomes free; longer, if the server goes on answering. Milliseconds; default 3,000. */
  readonly acquireTimeoutMs?: number;
  /** How long a statement may take. Milliseconds; default 10,000. */
  readonly queryTimeoutMs?: number;
  /** When calls are kept away from a server that does not answer. */
  readonly breaker?: BreakerOptions;
  /**
   * Replicas of the database, each by its own address, from which objects, lists and index values are read where that
   * is as good: URIs, or options that go before those of the primary. They are never written to. Spec 9.8: what readers
   * see.
   */
  readonly replicas?: ReadonlyArray<MysqlReplicaOptions | string>;
  /** How far behind (milliseconds) a replica may be that is read from. Default 2,000. */
  readonly maxReplicaLagMs?: number;
}

/** A replica. Absent options are those of the primary, but for `queryTimeoutMs`, which is 1,000. */
export type MysqlReplicaOptions = Omit<MysqlShardOptions, 'createDatabase' | 'replicas' | 'maxReplicaLagMs'>;

/** The options with everything decided. */
export interface MysqlSettings {
  readonly name: string;
  readonly createDatabase: boolean;
  /** The server is a replica: nothing is ever written. */
  readonly readOnly: boolean;
  readonly replicas: readonly MysqlSettings[];
  readonly maxReplicaLagMs: number;
  /** Assignments for `SET SESSION`, or nothing. */
  readonly session: string;
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
    readonly connectTimeout: number;
    readonly ssl?: NonNullable<PoolOptions['ssl']>;
  };
  readonly connectionLimit: number;
  readonly queueLimit: number;
  readonly acquireTimeoutMs: number;
  readonly queryTimeoutMs: number;
  readonly breaker: BreakerOptions;
}

/** A bare text is a URI. */
export function asOptions(server: MysqlShardOptions | string): MysqlShardOptions {
  return typeof server === 'string' ? { uri: server } : server;
}

export const shardOptions: OptionTable<MysqlShardOptions> = {
  uri: anything,
  host: anything,
  port: integer(1),
  user: anything,
  password: anything,
  database: anything,
  ssl: anything,
  session: anything,
  name: anything,
  createDatabase: anything,
  connectionLimit: integer(1),
  queueLimit: integer(1),
  connectTimeoutMs: integer(1),
  acquireTimeoutMs: integer(1),
  queryTimeoutMs: integer(1),
  breaker: { failures: integer(1), resetMs: integer(1) },
  replicas: anything,
  maxReplicaLagMs: integer(1),
};

const { createDatabase: _, replicas: _replicas, maxReplicaLagMs: _lag, ...ofReplica } = shardOptions;
const replicaOptions: OptionTable<MysqlReplicaOptions> = ofReplica;

/** Checks options and fills in the defaults. */
export function toSettings(options: MysqlShardOptions): MysqlSettings {
  checkOptions('mysqlShard', options, shardOptions, KvetchOptionError);
  const place = options.uri === undefined ? options : { ...fromUri(options.uri), ...withoutPlace(options) };
  const { host = '127.0.0.1', port = 3306, user = 'root', password = '', database } = place;
  // it is written into CREATE DATABASE, where nothing can be bound
  if (typeof database !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(database)) {
    throw new KvetchOptionError(
      `mysqlShard needs a "database" of letters, digits, "_" and "-", and was given ${quote(database)}.`,
    );
  }
  const name = options.name ?? 'mysql';
  const { replicas = [], maxReplicaLagMs = 2000 } = options;
  return {
    name,
    createDatabase: options.createDatabase ?? false,
    readOnly: false,
    replicas: replicas.map((replica, at) =>
      toReplica(options, { host, port, user, password, database }, asOptions(replica), `${name} replica-${at}`),
    ),
    maxReplicaLagMs: maxReplicaLagMs,
    session: assignments(options.session ?? {}),
    connection: {
      ...{ host, port, user, password, database },
      connectTimeout: options.connectTimeoutMs ?? 2000,
      ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    },
    connectionLimit: options.connectionLimit ?? 10,
    queueLimit: options.queueLimit ?? 100_000,
    acquireTimeoutMs: options.acquireTimeoutMs ?? 3000,
    queryTimeoutMs: options.queryTimeoutMs ?? 10_000,
    breaker: options.breaker ?? {},
  };
}

type Place = Required<Pick<MysqlShardOptions, 'host' | 'port' | 'user' | 'password' | 'database'>>;

/** How long a read waits for a replica that hangs before the primary is asked. */
const REPLICA_QUERY_MS = 1000;

function toReplica(primary: MysqlShardOptions, place: Place, given: MysqlReplicaOptions, name: string): MysqlSettings {
  const { replicas: _, ...common } = primary;
  checkOptions(`mysqlShard: ${name}`, given, replicaOptions, KvetchOptionError);
  const named = given.uri === undefined ? given : { ...fromUri(given.uri), ...withoutPlace(given) };
  const { uri, ...settings } = { ...common, ...place, name, queryTimeoutMs: REPLICA_QUERY_MS, ...named };
  if (settings.host === place.host && settings.port === place.port) {
    const address = `${settings.host}:${settings.port}`;
    throw new KvetchOptionError(`mysqlShard: the replica ${quote(address)} is the primary itself.`);
  }
  return { ...toSettings(settings), readOnly: true };
}

/** Taken apart here, not by the driver, which would let a URI switch on several statements per query. */
function fromUri(uri: string): MysqlShardOptions {
  const url = URL.canParse(uri) ? new URL(uri) : null;
  if (url === null || !['mysql:', 'mariadb:'].includes(url.protocol) || url.search !== '') {
    throw new KvetchOptionError('mysqlShard: the "uri" must look like "mysql://user:password@host:3306/database".');
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username) || 'root',
    password: decodeURIComponent(url.password),
    ...(url.pathname.length > 1 ? { database: decodeURIComponent(url.pathname.slice(1)) } : {}),
  };
}

/** A database may be named beside a URI that names the server; everything else comes from one place. */
function withoutPlace(options: MysqlShardOptions): MysqlShardOptions {
  const doubled = (['host', 'port', 'user', 'password'] as const).filter((key) => options[key] !== undefined);
  if (doubled.length > 0) throw new KvetchOptionError(`mysqlShard: give either a "uri" or "${doubled[0]}".`);
  return options;
}

/** Names and values are written into a statement, so they are plain. */
function assignments(session: Readonly<Record<string, number | string>>): string {
  const texts = Object.entries(session).map(([name, value]) => {
    if (/^[a-z_]{1,64}$/.test(name) && /^[\w,.-]{1,64}$/.test(String(value)))
      return `${name} = ${typeof value === 'number' ? value : `'${value}'`}`;
    throw new KvetchOptionError(`mysqlShard: "session" cannot set ${quote(name)} to ${quote(value)}.`);
  });
  return texts.join(', ');
}
