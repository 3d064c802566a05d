import { startRedis } from '../../test/support/redisServer.ts';
import { startMariadb } from '../../test/support/servers.ts';
import type { Places } from './places.ts';

export interface Servers {
  readonly places: Places;
  stop(): Promise<void>;
}

/** Starts two MariaDB servers and a Redis for this run alone: nobody else's work is measured. */
export async function startServers(): Promise<Servers> {
  const databases = await Promise.all([startMariadb(), startMariadb()]);
  const redis = await startRedis();
  const [one, two] = databases;
  if (one === null || one === undefined || two === null || two === undefined || redis === null) {
    throw new Error('The bench of Kvetch needs mariadbd and redis-server (apt: mariadb-server, redis-server).');
  }
  return {
    places: {
      mysql: [one, two].map(({ uri }) => `${uri}/kvetch`),
      relational: `${one.uri}/relational`,
      redis: redis.url,
    },
    stop: async () => void (await Promise.all([one.remove(), two.remove(), redis.kill()])),
  };
}
