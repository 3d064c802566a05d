import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type KvetchError, memoryShards } from '../../../src/kvetch.ts';
import { needs } from '../../support/needs.ts';
import { sleep, startRedisCluster } from '../../support/redisServer.ts';
import { TcpProxy } from '../../support/tcpProxy.ts';
import { endAll, endings, fillTodos, openWorld, ownRedis, view } from './world.ts';

const test = needs(suite('redis faults'), 'redis-server');
test.after.each(endAll);

test('a Redis that is slow is left alone, and read again when it is not', async () => {
  const server = await ownRedis();
  const proxy = await TcpProxy.open(server.port);
  endings.push(() => proxy.close());
  // the default time limit of 100 ms
  const { store, cache, truth } = await openWorld({ url: `redis://127.0.0.1:${proxy.port}`, timeoutMs: 100 });
  const user = await fillTodos(store);
  await view(store, user);
  proxy.delayMs = 400;
  cache.stats.reset();
  for (let n = 0; n < 20; n++) {
    await store.updateObject(user, { n });
    assert.equal(await store.getObject(user), await truth.getObject(user));
  }
  assert.ok(cache.stats.errors >= 1 && cache.stats.failedApplies >= 1, 'Redis was too slow');
  assert.ok(cache.stats.errors < 40, `most requests did not wait for it: ${cache.stats.errors} did`);
  assert.is(await view(store, user), 50);
  proxy.delayMs = 0;
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) {
    await view(store, user);
    cache.stats.reset();
    assert.is(await view(store, user), 50);
    assert.equal(await store.getObject(user), await truth.getObject(user));
    if (cache.stats.misses + cache.stats.bypasses === 0) break;
  }
  assert.ok(cache.stats.hits > 50, 'it is read again');
});

test('cleaners say that Redis is away, and not that a shard is', async () => {
  const server = await ownRedis();
  const { store } = await openWorld({ url: server.url });
  await fillTodos(store);
  await server.kill();
  const errors: Error[] = [];
  const report = await store.clean({ graceMs: 0, onError: (error) => void errors.push(error) });
  assert.is(report.complete, false);
  assert.equal(
    [...new Set(errors.map((error) => `${(error as KvetchError).code}: ${error.message}`))],
    ['SERVER_UNAVAILABLE: Server "redis" cannot be used.'],
  );
});

test('connections that are cut in the middle cost nothing but time', async () => {
  const server = await ownRedis();
  const proxy = await TcpProxy.open(server.port);
  endings.push(() => proxy.close());
  const { store, truth } = await openWorld({ url: `redis://127.0.0.1:${proxy.port}` });
  const user = await fillTodos(store);
  for (let n = 0; n < 30; n++) {
    const reading = [view(store, user), store.updateObject(user, { n }), view(store, user)];
    if (n % 3 === 0) proxy.cutAll();
    await Promise.all(reading);
    assert.equal(await store.getObject(user), await truth.getObject(user));
  }
});

test('without Redis a store is asked by so many at a time', async () => {
  const server = await ownRedis();
  let most = 0;
  let now = 0;
  const shards = memoryShards(1).map((shard) => {
    const read = shard.readObjects.bind(shard);
    return Object.assign(shard, {
      readObjects: async (ids: readonly string[]) => {
        now++;
        most = Math.max(most, now);
        await sleep(2);
        now--;
        return read(ids);
      },
    });
  });
  const { store } = await openWorld({ url: server.url, timeoutMs: 100, maxLoadsWithoutRedis: 3 }, { shards });
  const ids: string[] = [];
  for (let n = 0; n < 60; n++) ids.push(await store.createObject('User', { n }));
  await server.kill();
  most = 0;
  const read = await Promise.all(ids.map((id) => store.getObject(id)));
  assert.equal(
    read.map((object) => object?.n),
    ids.map((_, n) => n),
  );
  assert.is(most, 3);
});

test('without Redis so many reads wait for a store, and the next are refused at once', async () => {
  const server = await ownRedis();
  let resume = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    resume = resolve;
  });
  let isHeld = false;
  const shards = memoryShards(1).map((shard) => {
    const read = shard.readObjects.bind(shard);
    return Object.assign(shard, {
      readObjects: async (ids: readonly string[]) => {
        if (isHeld) await until;
        return read(ids);
      },
    });
  });
  const limits = { maxLoadsWithoutRedis: 1, maxWaitingWithoutRedis: 2 };
  const { store } = await openWorld({ url: server.url, timeoutMs: 100, ...limits }, { shards });
  const ids: string[] = [];
  for (let n = 0; n < 8; n++) ids.push(await store.createObject('User', { n }));
  await server.kill();
  isHeld = true;
  const refused: string[] = [];
  const reading = ids.map((id) =>
    store.getObject(id).catch((error: KvetchError) => {
      refused.push(`${error.code} ${error.message}`);
      if (refused.length === 5) resume();
      return null;
    }),
  );
  const read = await Promise.all(reading);
  assert.is(read.filter((object) => object !== null).length, 3);
  assert.equal(
    refused,
    Array(5).fill('STORE_BUSY The cache is away, and 2 reads wait for this store already. Try again later.'),
  );
  assert.is((await store.getObject(ids[7] as string))?.n, 7, 'there is room again');
});

test('a Cluster fails over: a replica takes the place of its master', async () => {
  const servers = await startRedisCluster(1);
  for (const server of servers) endings.push(() => server.kill());
  const { store, cache, truth } = await openWorld(
    { nodes: servers.map(({ port }) => `127.0.0.1:${port}`) },
    { shards: memoryShards(3) },
  );
  const user = await fillTodos(store);
  await view(store, user);
  await servers[0]?.kill(); // the first three are masters
  let isWarm = false;
  let writes = 0;
  for (const end = Date.now() + 60_000; !isWarm && Date.now() < end; await sleep(100)) {
    await store.updateObject(user, { n: writes++ });
    assert.equal(await store.getObject(user), await truth.getObject(user));
    await view(store, user);
    cache.stats.reset();
    assert.is(await view(store, user), 50);
    isWarm = cache.stats.hits > 60 && cache.stats.misses + cache.stats.bypasses + cache.stats.errors === 0;
  }
  assert.ok(isWarm, 'all slots are served again');
});

test.run();
