import { createKvetch, type Kvetch } from '../../../src/kvetch.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { schema } from '../data.ts';
import type { Places } from '../places.ts';

/** Kvetch as a server would open it: over two servers, with Redis or without. */
export async function openKvetch(
  { mysql, redis }: Places,
  withRedis: boolean,
): Promise<{ readonly kvetch: Kvetch; close(): Promise<void> }> {
  const cache = withRedis ? redisCache({ url: redis, timeoutMs: 2000 }) : null;
  const kvetch = createKvetch({ schema, shards: mysqlShards(mysql), ...(cache && { cache }) });
  await cache?.ready();
  return {
    kvetch,
    async close() {
      await kvetch.close();
      await cache?.close();
    },
  };
}
