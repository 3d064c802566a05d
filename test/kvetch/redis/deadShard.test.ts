import * as assert from 'uvu/assert';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import type { Kvetch } from '../../../src/kvetch.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { startRedis } from '../../support/redisServer.ts';
import { type OwnMariadb, startMariadbs } from '../../support/servers.ts';
import { until } from '../../support/until.ts';
import { mysqlSuiteWith } from '../mysql/rows.ts';
import { idsOf, todoStore } from '../todo.ts';

/** The second of two nodes is the one that is killed. */
const isLost = (id: string): boolean => shardOfId(id) >= 2048;

mysqlSuiteWith(
  ['mariadbd', 'redis-server'],
  'redis: one shard is dead, and Redis was away for a moment',
  (test, server) => {
    const endings: Array<() => unknown> = [];
    test.after(async () => {
      for (const end of endings.reverse()) await end();
    });

    test('the other shards are read from Redis again, and their servers are left alone', async () => {
      const own = (await startMariadbs(1))[0] as OwnMariadb;
      endings.push(() => own.remove());
      const redis = await startRedis();
      endings.push(() => redis.kill());
      const cache = redisCache({ url: redis.url, timeoutMs: 1000 });
      endings.push(() => cache.close());
      await cache.ready();
      const places = [
        { uri: server.uri, database: server.newDatabase() },
        { uri: own.uri, database: 'kvetch' },
      ];
      const kvetch: Kvetch = todoStore(mysqlShards(places, { createDatabase: true, connectTimeoutMs: 500 }), { cache });
      endings.push(() => kvetch.close());
      const users = idsOf(
        await kvetch.createObjects(
          'User',
          Array.from({ length: 60 }, (_, n) => ({ data: { n } })),
        ),
      );
      const healthy = users.filter((id) => !isLost(id));
      assert.ok(healthy.length > 5 && healthy.length < users.length);
      await kvetch.getObjects(users);
      await own.kill();
      await kvetch.getObjects(users); // the process knows that the server is away
      await redis.kill();
      assert.ok((await kvetch.getObjects(healthy)).every((user) => user !== null && !(user instanceof Error)));
      await redis.start();
      await until('healthy shards are read from Redis', async () => {
        await kvetch.getObjects(healthy);
        cache.stats.reset();
        const read = await kvetch.getObjects(healthy);
        assert.ok(read.every((user) => user !== null && !(user instanceof Error)));
        return cache.stats.hits === healthy.length && cache.stats.loads === 0 && cache.stats.bypasses === 0;
      });
      // it stays so while the dead server is dead
      cache.stats.reset();
      for (let round = 0; round < 20; round++) {
        await kvetch.getObjects(healthy);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.equal([cache.stats.hits, cache.stats.loads, cache.stats.bypasses], [20 * healthy.length, 0, 0]);
    });
  },
);
