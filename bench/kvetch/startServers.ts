import { find } from '../../test/support/needs.ts';
import { startRedis } from '../../test/support/redisServer.ts';
import { startMariadb } from '../../test/support/servers.ts';
import type { Places } from './places.ts';

export interface Servers {
  readonly places: Places;
  stop(): Promise<void>;
}

/** Starts two MariaDB servers and a Redis for this run alone: nobody else's work is measured. */
export async function startServers(): Promise<Servers> {
  if (find('mariadbd') === null || find('redis-server') === null)
    throw new Error('The bench of Kvetch needs mariadbd and redis-server: npm run test:servers');
  const [one, two] = await Promise.all([startMariadb(), startMariadb()]);
  const redis = await startRedis();
  return {
    places: {
      mysql: [one, two].map(({ uri }) => `${uri}/kvetch`),
      relational: `${one.uri}/relational`,
      redis: redis.url,
    },
    stop: async () => void (await Promise.all([one.remove(), two.remove(), redis.kill()])),
  };
}
