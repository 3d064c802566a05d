/** Where the objects are kept: the one place in which a store of one process differs from one of many servers. */
import { createKvetch, type Kvetch, memoryShards, type ShardStore } from 'planql/kvetch';
import { mysqlShards } from 'planql/kvetch/mysql';
import { type RedisCache, redisCache } from 'planql/kvetch/redis';
import { sqliteShards } from 'planql/kvetch/sqlite';
import { storeSchema } from './store.ts';

export interface Place {
  /** An SQLite file. */
  readonly file?: string | undefined;
  /** `mysql://user:password@host:port/database` for each database; they share the objects evenly, in this order. */
  readonly mysql?: readonly string[];
  /** `redis://host:port` of one server, or of some nodes of a Cluster. */
  readonly redis?: readonly string[];
}

export interface OpenStore {
  readonly kvetch: Kvetch;
  readonly cache: RedisCache | null;
  close(): Promise<void>;
}

/** Opens a store: by default in memory, divided over four shards. Databases and tables are made when they are missing. */
export function openStore(place: Place = {}): OpenStore {
  const cache = openCache(place.redis ?? []);
  const kvetch = createKvetch({ schema: storeSchema, shards: openShards(place), ...(cache && { cache }) });
  return {
    kvetch,
    cache,
    async close() {
      await kvetch.close();
      await cache?.close();
    },
  };
}

function openShards({ file, mysql = [] }: Place): readonly ShardStore[] {
  if (mysql.length > 0) return mysqlShards(mysql, { createDatabase: true });
  return file === undefined ? memoryShards(4) : sqliteShards({ file });
}

function openCache([url, ...more]: readonly string[]): RedisCache | null {
  if (url === undefined) return null;
  const options = { prefix: 'todo:' }; // two applications in one Redis keep out of each other's way
  if (more.length === 0) return redisCache({ ...options, url });
  return redisCache({ ...options, nodes: [url, ...more].map((node) => new URL(node).host) });
}
