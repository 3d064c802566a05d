import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KvetchCache, memoryShards, type ShardStore } from '../../src/kvetch.ts';
import { mysqlShards } from '../../src/kvetch-mysql.ts';
import { redisCache } from '../../src/kvetch-redis.ts';
import { sqliteShards } from '../../src/kvetch-sqlite.ts';
import type { SharedServer } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';
import { mysqlForTests } from '../support/servers.ts';

/** A kind of shard store at a number of shards: every suite that takes one must pass on all. */
export interface Backend {
  readonly name: string;
  readonly isSync: boolean;
  /** What it needs. */
  readonly servers: readonly SharedServer[];
  open(): OpenBackend;
}

/** What `createKvetch` takes. Closing the stores closes the cache as well. */
export interface OpenBackend {
  readonly shards: readonly ShardStore[];
  readonly cache?: KvetchCache;
}

const directories: string[] = [];
process.on('exit', () => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'planql-kvetch-'));
  directories.push(directory);
  return directory;
}

const mysql = await mysqlForTests();

/** Databases of their own on the server for tests. */
export function mysqlDatabases(count: number): readonly ShardStore[] {
  const databases = Array.from({ length: count }, () => ({
    uri: mysql.uri,
    database: mysql.newDatabase(),
  }));
  return mysqlShards(databases, { createDatabase: true, connectionLimit: 4 });
}

const mysqlBackends: readonly Backend[] = [1, 3].map((count) => ({
  ...{ name: `mysql x ${count}`, isSync: false, servers: [mysql] },
  open: () => ({ shards: mysqlDatabases(count) }),
}));

const redis = await redisForTests();

/** The same behind Redis. */
const redisBackends: readonly Backend[] = [1, 3].flatMap((count) => [
  {
    name: `redis over memory x ${count}`,
    isSync: false,
    servers: [redis],
    open: () => behindRedis(memoryShards(count)),
  },
  {
    ...{ name: `redis over sqlite x ${count}`, isSync: false, servers: [redis] },
    open: () => behindRedis(sqliteShards({ directory: temporaryDirectory(), count })),
  },
  {
    ...{ name: `redis over mysql x ${count}`, isSync: false, servers: [redis, mysql] },
    open: () => behindRedis(mysqlDatabases(count)),
  },
]);

export function behindRedis(stores: readonly ShardStore[]): OpenBackend {
  const cache = redisCache({
    url: redis.url,
    prefix: redis.newPrefix(),
    timeoutMs: 1000,
    ttlSeconds: 60,
  });
  let open = stores.length;
  const shards = stores.map((store) =>
    wrapStore(store, async (method, run) => {
      if (method !== 'close') await cache.ready(); // embedded stores would be done before it is connected
      const answer = await run();
      if (method === 'close' && --open === 0) await cache.close();
      return answer;
    }),
  );
  return { shards, cache };
}

/** The first store of a backend as the facade sees it. */
export function storeOf({ shards, cache }: OpenBackend): ShardStore {
  const store = shards[0] as ShardStore;
  return cache?.wrap(store) ?? store;
}

export const backends: readonly Backend[] = [
  ...[1, 3, 16].flatMap((count) => [
    { name: `memory x ${count}`, isSync: true, servers: [], open: () => ({ shards: memoryShards(count) }) },
    {
      ...{ name: `sqlite x ${count}`, isSync: true, servers: [] },
      open: () => ({ shards: sqliteShards({ directory: temporaryDirectory(), count }) }),
    },
  ]),
  ...mysqlBackends,
  ...redisBackends,
];

/** Memory shards that answer later, as remote ones do. */
export const lateBackend: Backend = {
  ...{ name: 'late memory x 3', isSync: false, servers: [] },
  open: () => ({ shards: memoryShards(3).map((store) => wrapStore(store, (_method, run) => tick().then(run))) }),
};

/** One of each kind, where the number of shards does not matter. */
export const fewBackends: readonly Backend[] = [...backends.filter(({ name }) => name.endsWith('x 3')), lateBackend];

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * A store whose calls go through a function: to fail them, delay them or look at them. Those about its outbox, which come
 * some milliseconds after writes, do not.
 */
export function wrapStore(
  store: ShardStore,
  around: (method: string, run: () => unknown, args: readonly unknown[]) => unknown,
): ShardStore {
  return new Proxy(store, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function' || typeof key !== 'string' || key.endsWith('Notes')) return value;
      return (...args: unknown[]) => around(key, () => value.apply(target, args) as unknown, args);
    },
  });
}
