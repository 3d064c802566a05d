import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Kvetch, memoryShards } from '../../../src/kvetch.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { redisForTests, sleep, startRedisCluster } from '../../support/redisServer.ts';
import { until } from '../../support/until.ts';
import { endAll, endings, fillTodos, openWorld, ownRedis, shared, untilWarm, view } from './world.ts';

const redis = await redisForTests();
const test = suite('redis cache');
test.after.each(endAll);

if (redis !== null) {
  test('a write while a reader fills: the fill is refused, the next reader sees the write', async () => {
    const { store, cache, truth, pauseNextRead } = await openWorld(shared());
    const user = await truth.createObject('User', { n: 1 });
    const paused = pauseNextRead();
    const reading = store.getObject(user);
    await paused.begun;
    await store.updateObject(user, { n: 2 });
    paused.resume();
    assert.is((await reading)?.n, 1, 'it was read before the write');
    assert.is((await store.getObject(user))?.n, 2);
    assert.is(cache.stats.refusedFills, 1);
  });

  test('garbage, wrong kinds and lost scripts are misses', async () => {
    const options = shared();
    const { store, cache } = await openWorld(options);
    const user = await fillTodos(store);
    await view(store, user);
    const client = new Redis(options.url);
    endings.push(() => client.disconnect());
    const keys = await client.keys(`${options.prefix}*`);
    assert.ok(keys.length > 60);
    const garbage = ['', '{', 'x'.repeat(3000), '0000000000000001 1 1', '[]', '[1,"C",[[]]]', '\u0000\u00ff'];
    for (const [at, key] of keys.entries()) {
      await client.del(key);
      if (at % 3 === 0) await client.rpush(key, 'x');
      else if (at % 3 === 1) await client.zadd(key, 1, 'nonsense');
      else await client.set(key, garbage[at % garbage.length] ?? '');
    }
    await client.script('FLUSH');
    assert.is(await view(store, user), 50);
    assert.is(await view(store, user), 50);
    cache.stats.reset();
    assert.is(await view(store, user), 50);
    assert.is(cache.stats.misses, 0, 'it was filled anew');
  });

  test('more objects than one command takes are read in one round', async () => {
    const { store, cache, calls } = await openWorld(shared());
    const created = await store.createObjects(
      'User',
      Array.from({ length: 2100 }, (_, n) => ({ data: { n } })),
    );
    const ids = created.map(String);
    let read = await store.getObjects(ids);
    await until('all are in Redis', async () => {
      calls.length = 0;
      cache.stats.reset();
      read = await store.getObjects(ids);
      return cache.stats.misses === 0;
    });
    assert.equal(
      read.map((user) => (user instanceof Error ? null : user?.n)),
      ids.map((_, n) => n),
    );
    assert.equal([calls.length, cache.stats.rounds, cache.stats.hits], [0, 1, 2100]);
  });

  test('a warm view costs five commands of Redis and nothing else, whatever was written before', async () => {
    const server = await ownRedis();
    const { store, calls } = await openWorld({ url: server.url });
    const user = await fillTodos(store);
    await untilWarm(store, user, calls);
    const client = new Redis(server.url);
    endings.push(() => client.disconnect());
    const commands = async (): Promise<Record<string, number>> => {
      const lines = (await client.info('commandstats')).matchAll(/^cmdstat_([\w|]+):calls=(\d+)/gm);
      return Object.fromEntries([...lines].map(([, name, count]) => [name, Number(count)]));
    };
    const before = await commands();
    for (let n = 0; n < 20; n++) assert.is(await view(store, user), 50);
    const after = await commands();
    assert.is((after.mget ?? 0) - (before.mget ?? 0), 100);
    for (const name of ['get', 'set', 'del', 'pttl', 'exists'])
      assert.is((after[name] ?? 0) - (before[name] ?? 0), 0, name); // what asks who Redis is comes once a second, by itself
    assert.equal(calls, []);
  });

  test('pages further on come from the list that is kept', async () => {
    const { store, calls } = await openWorld(shared());
    const from = await store.createObject('User', {});
    const ids: string[] = [];
    for (let at = 0; at < 25; at++) {
      ids.push(await store.createObject('User', {}));
      await store.insertEdge('friends', { fromId: from, toId: ids[at] as string });
    }
    const all = async (): Promise<string[]> => {
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const page: Awaited<ReturnType<Kvetch['getEdges']>> = await store.getEdges('friends', from, {
          first: 4,
          ...(after !== null && { after }),
        });
        seen.push(...page.edges.map(({ toId }) => toId));
        after = page.hasNextPage ? page.endCursor : null;
      } while (after !== null);
      return seen;
    };
    assert.equal(await all(), ids);
    calls.length = 0;
    assert.equal(await all(), ids);
    assert.equal(calls, []);
  });

  test('a server that is paused, killed or flushed is a slower store', async () => {
    const server = await ownRedis();
    const { store, cache, truth } = await openWorld({ url: server.url, timeoutMs: 100 });
    const user = await fillTodos(store);
    await view(store, user);
    const check = async (name: string): Promise<void> => {
      await store.updateObject(user, { name });
      assert.is((await store.getObject(user))?.name, name);
      assert.is(await view(store, user), 50);
      assert.equal(await store.getObject(user), await truth.getObject(user));
    };
    server.pause();
    await check('paused');
    server.resume();
    await check('resumed');
    await server.kill();
    await check('killed');
    await server.start();
    await check('started');
    await sleep(700);
    const client = new Redis(server.url);
    endings.push(() => client.disconnect());
    await client.flushall();
    await check('flushed');
    await client.config('SET', 'maxmemory', '1');
    await check('full');
    await client.config('SET', 'maxmemory', '0');
    await sleep(700);
    await view(store, user);
    cache.stats.reset();
    await check('well');
    assert.ok(cache.stats.hits > 50, `${cache.stats.hits} hits after recovery`);
  });

  test('the cleaners tell Redis what was written past it', async () => {
    const { store, truth } = await openWorld(shared());
    const user = await store.createObject('User', { name: 'old' });
    await store.getObject(user);
    await truth.updateObject(user, { name: 'new' });
    assert.is((await store.getObject(user))?.name, 'old');
    assert.is((await store.clean({ graceMs: 0 })).cacheFixed, 1);
    assert.is((await store.getObject(user))?.name, 'new');
  });

  test('a Cluster of three, one of which is killed', async () => {
    const servers = await startRedisCluster();
    assert.ok(servers, 'redis-server is installed');
    for (const server of servers) endings.push(() => server.kill());
    const { store, cache, calls } = await openWorld(
      { nodes: servers.map(({ port }) => `127.0.0.1:${port}`) },
      { shards: memoryShards(3) },
    );
    const user = await fillTodos(store);
    const end = Date.now() + 6000; // a new Cluster reports its nodes for a while, and each report begins an epoch
    do {
      await sleep(200);
      await view(store, user);
      calls.length = 0;
      cache.stats.reset();
      assert.is(await view(store, user), 50);
    } while (calls.length > 0 && Date.now() < end);
    assert.equal(calls, []);
    assert.is(cache.stats.rounds, 5);
    await servers[1]?.kill();
    await store.updateObject(user, { name: 'after' });
    assert.is((await store.getObject(user))?.name, 'after');
    assert.is(await view(store, user), 50);
  });
}

test('options that name no Redis are refused', () => {
  assert.throws(() => redisCache({}), /"url", "nodes" or "client"/);
});

test.run();
