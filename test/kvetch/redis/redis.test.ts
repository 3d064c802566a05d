import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Kvetch, memoryShards, type ShardStore } from '../../../src/kvetch.ts';
import { type RedisCache, redisCache } from '../../../src/kvetch-redis.ts';
import { type OwnRedis, redisForTests, sleep, startRedis, startRedisCluster } from '../../support/redisServer.ts';
import { wrapStore } from '../backends.ts';
import { todoStore } from '../todo.ts';

const redis = await redisForTests();
const test = suite('redis cache');

interface World {
  readonly cache: RedisCache;
  readonly store: Kvetch;
  readonly calls: string[];
  /** The same rows without the cache. */
  readonly truth: Kvetch;
  /** Another process on the same shards and the same Redis. */
  other(): Promise<Kvetch>;
  /** Holds the answer to the next read of objects that reaches the store. */
  pauseNextRead(): { readonly begun: Promise<void>; resume(): void };
}

const endings: Array<() => unknown> = [];
test.after.each(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A todo store over late memory shards whose calls are noted, behind Redis. */
async function world(options: Parameters<typeof redisCache>[0], count = 1, delay = 0): Promise<World> {
  const calls: string[] = [];
  const shards = memoryShards(count);
  let hold: { begin(): void; readonly until: Promise<void> } | null = null;
  const noted: readonly ShardStore[] = shards.map((shard) =>
    wrapStore(shard, async (method, run) => {
      calls.push(method);
      if (delay > 0) await sleep(Math.random() * delay);
      const answer = await run();
      if (delay > 0) await sleep(Math.random() * delay);
      if (hold !== null && method === 'readObjects') {
        const { begin, until } = hold;
        hold = null;
        begin();
        await until;
      }
      return answer;
    }),
  );
  const open = async (): Promise<readonly [Kvetch, RedisCache]> => {
    const cache = redisCache({ timeoutMs: 400, ...options });
    endings.push(() => cache.close());
    await cache.ready();
    return [todoStore(noted, { cache }), cache];
  };
  const [store, cache] = await open();
  return {
    ...{ cache, store, calls, truth: todoStore(shards) },
    other: async () => (await open())[0],
    pauseNextRead: () => {
      let resume = (): void => undefined;
      const until = new Promise<void>((resolve) => {
        resume = resolve;
      });
      const begun = new Promise<void>((begin) => {
        hold = { begin, until };
      });
      return { begun, resume };
    },
  };
}

/** A server that ends with the test. */
async function ownRedis(): Promise<OwnRedis> {
  const server = await startRedis();
  assert.ok(server, 'redis-server is installed');
  endings.push(() => server.kill());
  return server;
}

async function fillTodos(store: Kvetch): Promise<string> {
  const user = await store.createObject('User', { username: 'jane' });
  for (let list = 0; list < 10; list++) {
    const listId = await store.createObject('List', { owner: user });
    for (let item = 0; item < 5; item++) await store.createObject('Item', { text: `${list}.${item}`, list: listId });
  }
  return user;
}

async function view(store: Kvetch, user: string): Promise<number> {
  const [found] = await store.getObjects([user]);
  assert.ok(found && !(found instanceof Error));
  const lists = await store.getEdges('user_to_list', user, { first: 20 });
  const ids = lists.edges.map(({ toId }) => toId);
  await store.getObjects(ids);
  const pages = await store.getEdgesMany(ids.map((fromId) => ({ edge: 'list_to_item', fromId, first: 5 })));
  const items = pages.flatMap((page) => (page instanceof Error ? [] : page.edges.map(({ toId }) => toId)));
  return (await store.getObjects(items)).filter((item) => item !== null && !(item instanceof Error)).length;
}

const shared = (): { url: string; prefix: string } => ({ url: redis?.url ?? '', prefix: redis?.newPrefix() ?? '' });

if (redis !== null) {
  test('the warm todo view takes five rounds and no store call', async () => {
    const { store, cache, calls } = await world(shared(), 3);
    const user = await fillTodos(store);
    assert.is(await view(store, user), 50);
    calls.length = 0;
    cache.stats.reset();
    assert.is(await view(store, user), 50);
    assert.equal(calls, []);
    assert.is(cache.stats.rounds, 5);
    assert.is(cache.stats.misses, 0);
  });

  test('200 readers of one cold key reach the store a few times', async () => {
    const { store, calls, truth } = await world(shared(), 1, 20);
    const id = await truth.createObject('User', { username: 'cold' });
    const read = await Promise.all(Array.from({ length: 200 }, () => store.getObject(id)));
    assert.ok(read.every((object) => object?.id === id));
    assert.ok(calls.length <= 3, `${calls.length} calls`);
  });

  test('400 interleavings of fill and write leave nothing old', async () => {
    const options = shared();
    const { store, truth, other } = await world(options, 1, 4);
    const elsewhere = await other();
    let old = 0;
    const one = async (): Promise<void> => {
      const user = await truth.createObject('User', { n: 0 });
      const target = await truth.createObject('User', { n: 0 });
      const city = `city ${user}`;
      const reader = async (): Promise<void> => {
        await sleep(Math.random() * 10);
        await Promise.all([
          store.getObject(user),
          store.getEdges('friends', user, { first: 3 }),
          elsewhere.queryIndex('city', city),
        ]);
      };
      const writer = async (): Promise<void> => {
        await sleep(Math.random() * 10);
        await elsewhere.updateObject(user, { n: Math.random(), city });
        await store.insertEdge('friends', { fromId: user, toId: target, data: Math.random() });
        if (Math.random() < 0.5) await store.deleteEdge('friends', { fromId: user, toId: target });
      };
      await Promise.all([reader(), writer(), reader(), writer(), reader()]);
      const seen = [
        await store.getObject(user),
        await store.getEdges('friends', user),
        await store.queryIndex('city', city),
      ];
      const right = [
        await truth.getObject(user),
        await truth.getEdges('friends', user),
        await truth.queryIndex('city', city),
      ];
      if (JSON.stringify(seen) !== JSON.stringify(right)) old++;
    };
    for (let at = 0; at < 400; at += 40) await Promise.all(Array.from({ length: 40 }, one));
    assert.is(old, 0);
  });

  test('a write while a reader fills: the fill is refused, the next reader sees the write', async () => {
    const { store, cache, truth, pauseNextRead } = await world(shared());
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
    const { store, cache } = await world(options);
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

  test('pages further on come from the list that is kept', async () => {
    const { store, calls } = await world(shared());
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
    const { store, cache, truth } = await world({ url: server.url, timeoutMs: 100 });
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

  test('a sweep tells Redis what a crashed writer did not', async () => {
    const { store, cache, truth } = await world(shared());
    const user = await store.createObject('User', { name: 'old' });
    await store.getObject(user);
    const start = Date.now() - 1000;
    await truth.updateObject(user, { name: 'new' });
    assert.is((await store.getObject(user))?.name, 'old');
    assert.ok((await cache.sweep(start)) > 0);
    assert.is((await store.getObject(user))?.name, 'new');
  });

  test('a Cluster of three, one of which is killed', async () => {
    const servers = await startRedisCluster();
    assert.ok(servers, 'redis-server is installed');
    for (const server of servers) endings.push(() => server.kill());
    const { store, cache, calls } = await world({ nodes: servers.map(({ port }) => `127.0.0.1:${port}`) }, 3);
    const user = await fillTodos(store);
    const end = Date.now() + 6000; // a Cluster that is new tells of its nodes for a while, and each time a sweep follows
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
