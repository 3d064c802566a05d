import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Kvetch, memoryShards } from '../../../src/kvetch.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { needs } from '../../support/needs.ts';
import { redisForTests, sleep, startRedisCluster } from '../../support/redisServer.ts';
import { until } from '../../support/until.ts';
import { wrapStore } from '../backends.ts';
import { endAll, endings, fillTodos, openWorld, ownRedis, shared, untilWarm, view } from './world.ts';

const redis = await redisForTests();
const test = suite('redis cache');
test.after.each(endAll);

const onRedis = needs(test, redis);
onRedis('a write while a reader fills: the fill is refused, the next reader sees the write', async () => {
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

onRedis('garbage, wrong kinds and lost scripts are misses', async () => {
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
  await until('it is filled anew', async () => {
    cache.stats.reset();
    assert.is(await view(store, user), 50);
    return cache.stats.misses === 0;
  });
});

onRedis('more objects than one command takes are read in one round', async () => {
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
    // what asks who Redis is comes once a second, by itself: it may have been a round of its own
    return cache.stats.misses === 0 && cache.stats.rounds === 1;
  });
  assert.equal(
    read.map((user) => (user instanceof Error ? null : user?.n)),
    ids.map((_, n) => n),
  );
  assert.equal([calls.length, cache.stats.rounds, cache.stats.hits], [0, 1, 2100]);
});

onRedis('a warm view costs five commands of Redis and nothing else, whatever was written before', async () => {
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
  // what asks who Redis is comes once a second, by itself: a script with one GET
  const scripts = (after.evalsha ?? 0) - (before.evalsha ?? 0);
  for (const name of ['get', 'set', 'del', 'pttl', 'exists'])
    assert.is((after[name] ?? 0) - (before[name] ?? 0), name === 'get' ? scripts : 0, name);
  assert.equal(calls, []);
});

onRedis('pages further on come from the list that is kept', async () => {
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

onRedis('a server that is paused, killed or flushed is a slower store', async () => {
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
  // a machine with much to do may answer too late for a while
  await until('Redis is asked again', async () => {
    await view(store, user);
    cache.stats.reset();
    await check('well');
    return cache.stats.hits > 50;
  });
});

onRedis('counts are in Redis, and leave it with every write to their list, in each process', async () => {
  const { store, calls, truth, other } = await openWorld(shared());
  const reader = await other();
  const [user, friend] = [await store.createObject('User', {}), await store.createObject('User', {})];
  const counted = async () => {
    const both = [await reader.countEdges('friends', user), await reader.countEdges('user_to_list', user)];
    const again = [await store.countEdges('friends', user), await store.countEdges('user_to_list', user)];
    assert.equal(again, both);
    return both;
  };
  const warm = () =>
    until('the counts are in Redis', async () => {
      calls.length = 0;
      await counted();
      return calls.length === 0;
    });
  await warm();
  const list = await store.createObject('List', { owner: user });
  const writes: ReadonlyArray<readonly [() => Promise<unknown>, readonly number[]]> = [
    [() => store.insertEdge('friends', { fromId: user, toId: friend }), [1, 1]],
    [() => store.insertEdge('friends', { fromId: user, toId: user }), [2, 1]],
    [() => store.deleteEdge('friends', { fromId: user, toId: friend }), [1, 1]],
    [() => store.createObject('List', { owner: user }), [1, 2]],
    [() => store.updateObject(list, { owner: friend }), [1, 1]],
    [() => store.updateObject(list, { owner: user }), [1, 2]],
    [() => store.deleteObject(list), [1, 1]],
  ];
  for (const [write, expected] of writes) {
    await write();
    assert.equal(await counted(), expected);
    await warm();
    assert.equal(await counted(), expected);
    assert.is(await truth.countEdges('friends', user), expected[0]);
  }
});

onRedis('a count that was read before a write does not fill after it', async () => {
  let hold: (() => Promise<void>) | null = null;
  const slow = memoryShards(1).map((shard) =>
    wrapStore(shard, async (method, run) => {
      const answer = await run();
      if (method === 'countEdges') await hold?.();
      return answer;
    }),
  );
  const { store, cache, other } = await openWorld(shared(), { shards: slow });
  const reader = await other();
  const user = await store.createObject('User', {});
  let resume = (): void => undefined;
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  hold = () => {
    begin();
    return new Promise((resolve) => (resume = resolve));
  };
  const reading = store.countEdges('friends', user);
  await begun;
  hold = null;
  await reader.insertEdge('friends', { fromId: user, toId: user });
  resume();
  assert.is(await reading, 0, 'it was read before the write');
  await until('the fill was refused', () => cache.stats.refusedFills === 1);
  for (const process of [store, reader]) assert.is(await process.countEdges('friends', user), 1);
});

onRedis('a count that is garbage is a miss', async () => {
  const options = shared();
  const { store, calls } = await openWorld(options);
  const user = await store.createObject('User', {});
  const client = new Redis(options.url);
  endings.push(() => client.disconnect());
  const warm = () =>
    until('the count is in Redis', async () => {
      calls.length = 0;
      assert.is(await store.countEdges('friends', user), 0);
      return calls.length === 0;
    });
  await warm();
  const [key = ''] = await client.keys(`${options.prefix}*:c:*`);
  const text = (await client.get(key)) ?? '';
  for (const garbage of ['', 'N', 'N-1', 'N1.5', 'N1e3', 'C', 'N99999999999999999999']) {
    await client.set(key, `${text.slice(0, 8)}${garbage}${text.slice(10)}`);
    assert.is.not(await client.get(key), text);
    await warm();
  }
});

onRedis('the cleaners count again what was written past Redis', async () => {
  const { store, truth, calls } = await openWorld(shared());
  const user = await store.createObject('User', {});
  const count = () => store.countEdges('friends', user);
  await until('the count is in Redis', async () => {
    calls.length = 0;
    await count();
    return calls.length === 0;
  });
  await truth.insertEdge('friends', { fromId: user, toId: user });
  assert.is(await count(), 0, 'Redis was not told');
  assert.is((await store.clean({ graceMs: 0, dryRun: true })).cacheFixed, 1);
  assert.is(await count(), 0);
  assert.is((await store.clean({ graceMs: 0 })).cacheFixed, 1);
  assert.is(await count(), 1);
  assert.is((await store.clean({ graceMs: 0, mode: 'full' })).cacheFixed, 0);
});

onRedis('the cleaners tell Redis what was written past it', async () => {
  const { store, truth } = await openWorld(shared());
  const user = await store.createObject('User', { name: 'old' });
  await store.getObject(user);
  await truth.updateObject(user, { name: 'new' });
  assert.is((await store.getObject(user))?.name, 'old');
  assert.is((await store.clean({ graceMs: 0 })).cacheFixed, 1);
  assert.is((await store.getObject(user))?.name, 'new');
});

onRedis('no round is counted while nobody reads: the server is watched each second', async () => {
  const { cache } = await openWorld(shared());
  cache.stats.reset();
  await sleep(1300);
  assert.is(cache.stats.rounds, 0);
});

needs(test, 'redis-server')('a Cluster of three; one is killed', async () => {
  const servers = await startRedisCluster();
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

test('options that name no Redis are refused', () => {
  assert.throws(() => redisCache({}), /"url", "nodes", "sentinel: { master, nodes }" or "client"/);
  for (const sentinel of ['kvetch', null, {}, { master: 'kvetch' }, { nodes: ['one:26379'] }])
    for (const beside of [{}, { url: 'redis://one' }, { nodes: ['one:1'] }])
      assert.throws(
        () => redisCache({ ...beside, sentinel } as never),
        /redisCache needs "url", "nodes", "sentinel: \{ master, nodes \}" or "client"/,
      );
  const emptied = { master: 'kvetch', nodes: [] };
  assert.throws(
    () => redisCache({ sentinel: emptied }),
    /"sentinel.nodes" is \[\] and must be \["host:port", \.\.\.\]/,
  );
  const named = { master: 7, nodes: ['one:26379'] };
  assert.throws(
    () => redisCache({ sentinel: named } as never),
    /"sentinel.master" is 7 and must be the name of a master/,
  );
  const sentinel = { master: 'kvetch', nodes: ['one'] };
  assert.throws(() => redisCache({ sentinel }), /a node is "host:port", not "one"/);
});

test.run();
