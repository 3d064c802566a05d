import type { EdgeDefinition, IndexDefinition } from '../../../src/kvetch/schema/definitions.ts';
import {
  createKvetch,
  defineKvetchSchema,
  type Kvetch,
  type KvetchOptions,
  type KvetchSchema,
} from '../../../src/kvetch.ts';
import { type MysqlCluster, type MysqlClusterOptions, mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { type RedisCache, redisCache } from '../../../src/kvetch-redis.ts';
import { network, Process } from './Network.ts';
import type { RedisServer } from './redis/RedisServer.ts';
import { connectorTo } from './redis/RedisSocket.ts';
import { Server } from './Server.ts';

const edges: readonly EdgeDefinition[] = [
  { edgeId: 10000, name: 'user_to_item', from: 'User', storedOn: 'Item', storedIdAttr: 'owner', colocate: true },
  { edgeId: 10001, name: 'user_to_seen', from: 'User', storedOn: 'Item', storedIdAttr: 'seenBy' },
];
const indexes: readonly IndexDefinition[] = [
  { name: 'handle', type: 'User', attr: 'handle', kind: 'string', unique: true },
];

export const schema: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User' },
    { typeId: 2, name: 'Item' },
  ],
  edges,
  indexes,
});

/** The same, with objects that go with others, or by themselves. */
export const schemaWithDrafts: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User' },
    { typeId: 2, name: 'Item' },
    { typeId: 3, name: 'Draft', fields: { owner: 'uuid', reader: 'uuid', endsAt: 'int' }, expiresAt: 'endsAt' },
  ],
  edges: [
    ...edges,
    {
      edgeId: 10002,
      name: 'user_to_draft',
      from: 'User',
      storedOn: 'Draft',
      storedIdAttr: 'owner',
      onDelete: 'delete',
    },
    { edgeId: 10003, name: 'user_to_read', from: 'User', storedOn: 'Draft', storedIdAttr: 'reader', onDelete: 'clear' },
  ],
  indexes,
});

/** A program that uses the store. */
export interface Program {
  readonly process: Process;
  readonly cluster: MysqlCluster;
  readonly kvetch: Kvetch;
  readonly cache: RedisCache | null;
}

type ProgramOptions = Pick<KvetchOptions, 'outboxPollMs' | 'processCache'> & Partial<Pick<KvetchOptions, 'schema'>>;
type ServerLimits = Pick<MysqlClusterOptions, 'queryTimeoutMs' | 'acquireTimeoutMs'>;

/** The servers, and programs on machines of their own. */
export class Fleet {
  readonly servers: readonly Server[];
  /** What the programs have as their cache. */
  readonly redis: RedisServer | null;
  readonly #places: Readonly<Record<string, { readonly host: string; readonly database: string }>>;
  readonly #common: ProgramOptions;
  readonly #limits: ServerLimits;

  /** `common`: the options of all programs. */
  constructor(count: number, common: ProgramOptions = {}, limits: ServerLimits = {}, redis: RedisServer | null = null) {
    this.redis = redis;
    [this.#common, this.#limits] = [common, limits];
    this.servers = Array.from({ length: count }, (_, at) => new Server(`server-${at}`));
    network.servers.clear();
    network.lost = 0;
    network.weather.loss = 0;
    for (const server of this.servers) network.servers.set(server.name, server);
    this.#places = Object.fromEntries(this.servers.map(({ name }) => [name, { host: name, database: 'simulated' }]));
  }

  /** Starts a program. What it opens belongs to its machine. One without the cache must not relay what others wrote. */
  program(name: string, options: ProgramOptions = {}, isCached = true): Program {
    const process = new Process(name);
    network.opener = process;
    const cluster = mysqlCluster({ servers: this.#places, ...this.#limits });
    const redis = isCached ? this.redis : null;
    const place = {
      url: 'redis://simulated',
      ...(redis && { redisOptions: { Connector: connectorTo(redis, process) } }),
    };
    const cache = redis === null ? null : redisCache(place);
    const kvetch = createKvetch({ schema, shards: cluster, ...(cache && { cache }), ...this.#common, ...options });
    return { process, cluster, kvetch, cache };
  }

  /** Ends a program. Nobody waits for it: servers may be gone. */
  close({ kvetch, cache }: Program): void {
    void kvetch.close().then(() => cache?.close());
  }

  /** The statements, bytes and so on of all servers. */
  totals(): { readonly statements: number; readonly bytes: number; readonly rows: number } {
    const all = { statements: 0, bytes: 0, rows: 0 };
    for (const { load } of this.servers) {
      all.statements += load.statements;
      all.bytes += load.bytes;
      all.rows += load.rows;
    }
    return all;
  }
}
