import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Kvetch, type KvetchOptions, memoryShards, type ShardStore } from '../../../src/kvetch.ts';
import { type RedisCacheOptions, redisCache } from '../../../src/kvetch-redis.ts';
import { sqliteShards } from '../../../src/kvetch-sqlite.ts';
import { needs, type SharedServer } from '../../support/needs.ts';
import { redisForTests, sleep, startRedis } from '../../support/redisServer.ts';
import { mysqlForTests } from '../../support/servers.ts';
import { TcpProxy } from '../../support/tcpProxy.ts';
import { until } from '../../support/until.ts';
import { mysqlDatabases, temporaryDirectory } from '../backends.ts';
import { rejection, todoStore } from '../todo.ts';
import { endAll, endings, ownRedis, shared } from './world.ts';

/** What spec 9.2 promises where a writer cannot tell Redis (2 s), three times: the machine may have other work to do. */
const BOUND_MS = 6000;

const [redis, mysql] = [await redisForTests(), await mysqlForTests()];
const test = suite('redis: the outbox');
test.after.each(endAll);

/** A process with a cache and a relay, on shards that others have, too. */
async function open(
  shards: readonly ShardStore[],
  cacheOptions: RedisCacheOptions,
  options: Partial<KvetchOptions> = {},
): Promise<Kvetch> {
  const cache = redisCache({ timeoutMs: 200, ...cacheOptions });
  await cache.ready();
  const kvetch = todoStore(shards, { ...options, cache });
  endings.push(async () => {
    await kvetch.close();
    await cache.close();
  });
  return kvetch;
}

/** Reads until Redis has the object: then a stale answer would come from there. */
async function warm(kvetch: Kvetch, id: string): Promise<void> {
  await until('the object is in Redis', async () => {
    const before = hitsOf(kvetch);
    await kvetch.getObject(id);
    return hitsOf(kvetch) > before;
  });
}

const hitsOf = (kvetch: Kvetch): number => Number(kvetch.stats.snapshot().cache?.hits);

/** How long a process still reads something else. */
async function staleFor(what: () => Promise<boolean>): Promise<number> {
  const begin = performance.now();
  await until('the write is seen', what);
  return performance.now() - begin;
}

const kinds: ReadonlyArray<readonly [name: string, open: () => readonly ShardStore[], ...servers: SharedServer[]]> = [
  ['memory', () => memoryShards(2)],
  ['sqlite', () => sqliteShards({ directory: temporaryDirectory(), count: 2 })],
  ['mysql', () => mysqlDatabases(2), mysql],
];

for (const [name, shardsOf, ...servers] of kinds) {
  const onShards = needs(test, redis, ...servers);

  for (const point of ['beforeCache', 'afterObject', 'beforeEdge'] as const) {
    onShards(
      `${name}: a writer that dies (${point}) is finished by another process, lists and indexes too`,
      async () => {
        const shards = shardsOf();
        const options = shared();
        let dies = false;
        const faults = (at: string): void => {
          if (dies && at === point) throw new Error('killed');
        };
        const writer = await open(shards, options, { faults, outboxPollMs: 0 });
        const reader = await open(shards, options);
        const [a, b] = [await writer.createObject('User', { city: 'Oslo' }), await writer.createObject('User', {})];
        const list = await writer.createObject('List', { owner: a });
        const lists = async (owner: string): Promise<readonly string[]> =>
          (await reader.getEdges('user_to_list', owner)).edges.map(({ toId }) => toId);
        const counts = () => Promise.all([a, b].map((owner) => reader.countEdges('user_to_list', owner)));
        for (const id of [a, list]) await warm(reader, id);
        assert.equal([await lists(a), await lists(b), await counts()], [[list], [], [1, 0]]);
        assert.equal((await reader.queryIndex('city', 'Oslo')).ids, [a]);
        dies = true;
        await rejection(writer.updateObject(list, { owner: b }));
        await rejection(writer.updateObject(a, { city: 'Rome' }));
        const took = await staleFor(
          async () =>
            (await reader.getObject(list))?.owner === b &&
            (await reader.getObject(a))?.city === 'Rome' &&
            (await lists(a)).length === 0 &&
            (await lists(b))[0] === list &&
            (await counts()).join() === '0,1' &&
            (await reader.queryIndex('city', 'Oslo')).ids.length === 0 &&
            (await reader.queryIndex('city', 'Rome')).ids[0] === a,
        );
        assert.ok(took < 2 * BOUND_MS, `${took} ms`);
        await until('nothing is left to be done', async () => {
          const left = await Promise.all(shards.map((shard) => shard.readNotes(null, 10)));
          return reader.stats.relayed >= 2 && left.flat().length === 0;
        });
      },
    );
  }
}

const onRedis = needs(test, redis);
const onOwnRedis = needs(test, 'redis-server');

onRedis('a write leaves nothing behind; a listener hears of it once', async () => {
  const shards = memoryShards(1);
  const heard: string[] = [];
  const kvetch = await open(shards, shared(), { onWrite: ({ kind }) => void heard.push(kind) });
  const id = await kvetch.createObject('User', { username: 'ann', city: 'Oslo' });
  await kvetch.updateObject(id, { city: 'Rome' });
  await kvetch.insertEdge('friends', { fromId: id, toId: id });
  await kvetch.insertIndexEntry('tags', { value: 'x', targetId: id });
  await kvetch.deleteObject(id);
  await sleep(1700); // grace and poll
  assert.equal(heard, ['create', 'update', 'insertEdge', 'insertIndexEntry', 'delete']);
  assert.is(kvetch.stats.relayed, 0);
  assert.equal(await shards[0]?.readNotes(null, 10), []);
});

onRedis('what is relayed is no round: no request asked for it', async () => {
  const shards = memoryShards(1);
  const options = shared();
  const faults = (at: string): void => {
    if (at === 'afterObject') throw new Error('killed');
  };
  const writer = await open(shards, options, { faults, outboxPollMs: 0 });
  const reader = await open(shards, options);
  await rejection(writer.createObject('User', { city: 'Oslo' }));
  await until('it is relayed', () => reader.stats.relayed === 1);
  assert.equal([reader.stats.rounds, reader.stats.keysAsked], [0, 0]);
});

onRedis('a listener hears of a write whose writer died', async () => {
  const shards = memoryShards(1);
  const options = shared();
  const heard: string[] = [];
  const writer = await open(shards, options, {
    outboxPollMs: 0,
    faults: (point) => {
      if (point === 'afterObject') throw new Error('killed');
    },
  });
  await open(shards, options, { onWrite: ({ kind, keys }) => void heard.push(`${kind} ${keys.join(' ')}`) });
  await rejection(writer.createObject('User', { city: 'Oslo' }));
  await until('somebody tells', () => heard.length > 0);
  assert.is(heard.length, 1);
  assert.match(heard[0] as string, /^relay o:[\w-]+ t:100000 i:city:sOslo$/);
});

onRedis('a process without a cache leaves the notes of one with a cache alone', async () => {
  const shards = memoryShards(1);
  const writer = await open(shards, shared(), {
    outboxPollMs: 0,
    faults: (point) => {
      if (point === 'beforeCache') throw new Error('killed');
    },
  });
  await rejection(writer.createObject('User', {}));
  const plain = todoStore(shards, { outboxPollMs: 100 });
  await until('the note is due', async () => ((await shards[0]?.readNotes(null, 10)) ?? []).length === 1);
  await plain.clean({ mode: 'recent' });
  await sleep(300);
  assert.is((await shards[0]?.readNotes(null, 10))?.length, 1);
});

onOwnRedis('close() hands over what Redis has not got: a process that reads sees it at once', async () => {
  const server = await ownRedis();
  const proxy = await TcpProxy.open(server.port);
  endings.push(() => proxy.close());
  const shards = memoryShards(1);
  const near = { url: server.url };
  const cache = redisCache({ url: `redis://127.0.0.1:${proxy.port}`, timeoutMs: 100 });
  await cache.ready();
  const writer = todoStore(shards, { cache, outboxPollMs: 0 });
  const reader = await open(shards, near, { outboxPollMs: 0 }); // nobody relays
  const id = await writer.createObject('User', { n: 0 });
  await warm(reader, id);
  proxy.rule(() => 'drop');
  await writer.updateObject(id, { n: 1 });
  assert.is((await reader.getObject(id))?.n, 0, 'Redis could not be told');
  proxy.heal();
  proxy.cutAll();
  await writer.close();
  await cache.close();
  assert.is((await reader.getObject(id))?.n, 1);
});

onOwnRedis('close() does not wait for a Redis that is away: another process finds the rest', async () => {
  const server = await ownRedis();
  const proxy = await TcpProxy.open(server.port);
  endings.push(() => proxy.close());
  const shards = memoryShards(1);
  const cache = redisCache({ url: `redis://127.0.0.1:${proxy.port}`, timeoutMs: 100 });
  await cache.ready();
  const writer = todoStore(shards, { cache });
  const reader = await open(shards, { url: server.url });
  const id = await writer.createObject('User', { n: 0 });
  await warm(reader, id);
  proxy.rule(() => 'cut');
  proxy.cutAll();
  await writer.updateObject(id, { n: 1 });
  const begin = performance.now();
  await writer.close();
  await cache.close();
  assert.ok(performance.now() - begin < 3000, 'a second');
  const took = await staleFor(async () => (await reader.getObject(id))?.n === 1);
  assert.ok(took < BOUND_MS, `${took} ms`);
});

onOwnRedis('a writer in a partition: others see its writes within the bound, it itself at once', async () => {
  const server = await ownRedis();
  const proxy = await TcpProxy.open(server.port);
  endings.push(() => proxy.close());
  const shards = memoryShards(1);
  const writer = await open(shards, { url: `redis://127.0.0.1:${proxy.port}` });
  const reader = await open(shards, { url: server.url });
  const ids = await Promise.all(Array.from({ length: 10 }, (_, n) => writer.createObject('User', { n })));
  for (const id of ids) await warm(reader, id);
  for (const fate of ['drop', 'cut'] as const) {
    proxy.rule(() => fate);
    for (const id of ids) {
      const n = Math.random();
      await writer.updateObject(id, { n });
      const written = performance.now();
      assert.is((await writer.getObject(id))?.n, n, 'its own reads');
      await until('others see it', async () => (await reader.getObject(id))?.n === n);
      assert.ok(performance.now() - written < BOUND_MS, `${performance.now() - written} ms`);
      await warm(reader, id);
    }
    proxy.heal();
    proxy.cutAll();
    await until('it reads Redis again', async () => {
      writer.stats.reset();
      await writer.getObject(ids[0] as string);
      return writer.stats.storeCalls > 0;
    });
  }
});

onOwnRedis('a Redis that refuses memory still forgets: writes are seen at once', async () => {
  const server = await startRedis(['--maxmemory-policy', 'noeviction']);
  endings.push(() => server.kill());
  const client = new Redis(server.url);
  endings.push(() => client.disconnect());
  const shards = memoryShards(1);
  const [writer, reader] = [await open(shards, { url: server.url }), await open(shards, { url: server.url })];
  const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => writer.createObject('User', { n })));
  for (const id of ids) await warm(reader, id);
  await client.config('SET', 'maxmemory', '1');
  assert.match((await rejection(client.set('x', 'y'))).message, /OOM/);
  for (const id of ids) {
    await writer.updateObject(id, { n: 'new' });
    assert.is((await reader.getObject(id))?.n, 'new');
  }
  assert.is(writer.stats.snapshot().cache?.failedApplies, 0);
});

onOwnRedis('a Redis that hangs: nobody reads what is old once it goes on', async () => {
  const server = await ownRedis();
  const shards = memoryShards(1);
  const [writer, reader] = [await open(shards, { url: server.url }), await open(shards, { url: server.url })];
  const id = await writer.createObject('User', { n: 0 });
  for (let n = 1; n <= 3; n++) {
    await warm(reader, id);
    server.pause();
    await writer.updateObject(id, { n });
    assert.is((await writer.getObject(id))?.n, n);
    server.resume();
    const took = await staleFor(async () => (await reader.getObject(id))?.n === n);
    assert.ok(took < BOUND_MS, `${took} ms`);
  }
});

onOwnRedis('many writes while Redis is away: nothing old is read when it comes back', async () => {
  const server = await ownRedis();
  const proxies = await Promise.all([TcpProxy.open(server.port), TcpProxy.open(server.port)]);
  for (const proxy of proxies) endings.push(() => proxy.close());
  const shards = memoryShards(2);
  const [writer, reader] = await Promise.all(
    proxies.map((proxy) => open(shards, { url: `redis://127.0.0.1:${proxy.port}` })),
  );
  assert.ok(writer && reader);
  const ids = await Promise.all(Array.from({ length: 300 }, (_, n) => writer.createObject('User', { n })));
  for (const id of ids) await reader.getObject(id);
  await warm(reader, ids[299] as string);
  for (const proxy of proxies) {
    proxy.rule(() => 'cut');
    proxy.cutAll();
  }
  for (const id of ids) await writer.updateObject(id, { n: 'new' });
  for (const proxy of proxies) proxy.heal();
  await until('Redis is read again', async () => {
    reader.stats.reset();
    const before = hitsOf(reader);
    const read = await reader.getObjects(ids);
    for (const one of read) assert.is(one instanceof Error ? one : one?.n, 'new');
    return hitsOf(reader) - before === 300;
  });
});

test.run();
