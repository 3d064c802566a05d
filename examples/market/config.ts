/** The settings that differ between deployments of this application. Written once: change them as you like. */
import { createKvetch, type Kvetch } from 'planql/kvetch';
import { kvetchSchema } from './generated/kvetchSchema.ts';

export const port: number = Number(process.env.PORT ?? 4000);

/** Where objects are kept: an SQLite file, or MySQL databases with Redis before them. */
const store: Store = process.env.MYSQL_URL
  ? { mysql: process.env.MYSQL_URL.split(','), redis: process.env.REDIS_URL }
  : { file: process.env.SQLITE_FILE ?? 'market.db' };

type Store = { readonly file: string } | { readonly mysql: readonly string[]; readonly redis: string | undefined };

export interface OpenStore {
  readonly kvetch: Kvetch;
  close(): Promise<void>;
}

export async function openStore(place: Store = store): Promise<OpenStore> {
  if ('file' in place) {
    const { sqliteShards } = await import('planql/kvetch/sqlite');
    const kvetch = createKvetch({ schema: kvetchSchema, shards: sqliteShards({ file: place.file }) });
    return { kvetch, close: () => kvetch.close() };
  }
  const { mysqlShards } = await import('planql/kvetch/mysql');
  const { redisCache } = await import('planql/kvetch/redis');
  const shards = mysqlShards([...place.mysql], { createDatabase: true });
  const cache = place.redis === undefined ? null : redisCache({ url: place.redis, prefix: 'market:' });
  const kvetch = createKvetch({ schema: kvetchSchema, shards, ...(cache && { cache }) });
  return {
    kvetch,
    async close() {
      await kvetch.close();
      await cache?.close();
    },
  };
}
