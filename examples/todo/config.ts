/** Opens the store. Written once: change it as you like. */
import { createKvetch, type Kvetch, type KvetchOptions } from 'planql/kvetch';
import { kvetchSchema } from './generated/kvetchSchema.ts';
import type { StoreSettings } from './settings.ts';

export interface OpenStore {
  readonly kvetch: Kvetch;
  close(): Promise<void>;
}

interface StoreParts {
  /** The options of `createKvetch`: kvetch.config.ts gives them to the commands of `kvetch`, too. */
  readonly options: KvetchOptions;
  /** Closes what `kvetch.close()` leaves open. */
  closeCache(): Promise<void>;
}

export async function storeParts(store: StoreSettings): Promise<StoreParts> {
  if (store.kind === 'sqlite') {
    const { sqliteShards } = await import('planql/kvetch/sqlite');
    const shards = sqliteShards({ file: store.file });
    return { options: { schema: kvetchSchema, shards }, closeCache: async () => {} };
  }
  const { mysqlShards } = await import('planql/kvetch/mysql');
  const shards = mysqlShards([...store.urls], { createDatabase: true });
  if (store.redis === null) return { options: { schema: kvetchSchema, shards }, closeCache: async () => {} };
  const { redisCache } = await import('planql/kvetch/redis');
  const cache = redisCache({ url: store.redis, prefix: 'todo:' });
  return { options: { schema: kvetchSchema, shards, cache }, closeCache: () => cache.close() };
}

/** `changes` hears of all writes: that of an invalidator. */
export async function openStore(store: StoreSettings, more: Pick<KvetchOptions, 'changes'> = {}): Promise<OpenStore> {
  const { options, closeCache } = await storeParts(store);
  const kvetch = createKvetch({ ...options, ...more });
  return {
    kvetch,
    async close() {
      await kvetch.close();
      await closeCache();
    },
  };
}
