import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryShards } from '../../../src/kvetch.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { needs } from '../../support/needs.ts';
import { type OwnRedis, sleep, startRedis } from '../../support/redisServer.ts';
import { until } from '../../support/until.ts';
import { todoStore } from '../todo.ts';
import { endAll, endings, openWorld, type World } from './world.ts';

const test = needs(suite('redis: epochs'), 'redis-server');
test.after.each(endAll);

async function own(args: readonly string[] = []): Promise<OwnRedis> {
  const server = await startRedis(args);
  endings.push(() => server.kill());
  return server;
}

function connect(server: OwnRedis): Redis {
  const client = new Redis(server.url);
  client.on('error', () => undefined);
  endings.push(() => client.disconnect());
  return client;
}

/** Reads until Redis answers. */
async function warm({ store, cache }: World, id: string): Promise<void> {
  await until('the object is in Redis', async () => {
    const { hits } = cache.stats;
    await store.getObject(id);
    return cache.stats.hits > hits;
  });
}

test('a Redis that is restored from an older snapshot serves nothing of it', async () => {
  const server = await own(['--save', '3600 1000000']);
  const world = await openWorld({ url: server.url }, { shards: memoryShards(2) });
  const { store } = world;
  const id = await store.createObject('User', { n: 'old' });
  const list = await store.createObject('List', { owner: id });
  await warm(world, id);
  await store.getEdges('user_to_list', id);
  const client = connect(server);
  await client.save();
  const [, directory] = (await client.config('GET', 'dir')) as [string, string];
  copyFileSync(join(directory, 'dump.rdb'), join(directory, 'old.rdb'));
  await store.updateObject(id, { n: 'new' });
  await store.deleteObject(list);
  await warm(world, id);
  await server.kill();
  copyFileSync(join(directory, 'old.rdb'), join(directory, 'dump.rdb'));
  await server.start();
  for (const end = Date.now() + 3000; Date.now() < end; await sleep(5)) {
    assert.is((await store.getObject(id))?.n, 'new');
    assert.equal((await store.getEdges('user_to_list', id)).edges, []);
  }
  const kept = await connect(server).get(`kv:{${shardTag(id)}}:o:${id}`);
  assert.not.match(String(kept), /"old"/, 'what the snapshot had was replaced');
  await warm(world, id);
});

test('a server whose data is exchanged while connections stay is found out within a second', async () => {
  const [server, snapshot] = [await own(), await own()];
  const world = await openWorld({ url: server.url });
  const { store, cache } = world;
  const id = await store.createObject('User', { n: 'old' });
  await warm(world, id);
  const [client, source] = [connect(server), connect(snapshot)];
  await source.replicaof('127.0.0.1', server.port);
  await until('the snapshot has it', async () => (await source.keys('*:o:*')).length === 1);
  await source.replicaof('NO', 'ONE');
  await store.updateObject(id, { n: 'new' });
  await warm(world, id);
  await client.replicaof('127.0.0.1', snapshot.port);
  await until('it has the data of the other', async () =>
    String(await client.get((await client.keys('*:o:*'))[0] ?? '')).includes('"old"'),
  );
  await client.replicaof('NO', 'ONE');
  const begin = performance.now();
  await until('nothing old is read', async () => (await store.getObject(id))?.n === 'new');
  assert.ok(performance.now() - begin < 6000, `${performance.now() - begin} ms`);
  await warm(world, id);
  assert.is((await store.getObject(id))?.n, 'new');
  assert.ok(cache.stats.epochs >= 0);
});

test('a replica is not read: it hears of removals late, and takes none', async () => {
  const [master, replica] = [await own(), await own()];
  const client = connect(replica);
  await client.replicaof('127.0.0.1', master.port);
  await until('the replica is in step', async () =>
    (await client.info('replication')).includes('master_link_status:up'),
  );
  const shards = memoryShards(1);
  const near = await openWorld({ url: master.url }, { shards });
  const id = await near.store.createObject('User', { n: 0 });
  await warm(near, id);
  await until('the replica has it', async () => (await client.keys('*:o:*')).length === 1);
  const cache = redisCache({ url: replica.url });
  endings.push(() => cache.close());
  const store = todoStore(shards, { cache }); // not ready() before: it would wait for a master for ever
  for (let n = 1; n <= 30; n++) {
    await near.store.updateObject(id, { n });
    assert.is((await store.getObject(id))?.n, n);
    await store.updateObject(id, { n: -n });
    assert.is((await store.getObject(id))?.n, -n);
    await until('the master is told by who reaches it', async () => (await near.store.getObject(id))?.n === -n);
  }
  assert.is(cache.stats.hits, 0);
  assert.ok(cache.stats.bypasses > 0);
});

test('processes that do not know of each other agree on the epoch; entries of another one are replaced', async () => {
  const server = await own();
  const world = await openWorld({ url: server.url });
  const other = await world.other();
  const id = await world.store.createObject('User', { n: 1 });
  await warm(world, id);
  world.calls.length = 0;
  assert.is((await other.getObject(id))?.n, 1);
  assert.equal(world.calls, [], 'what one has filled the other reads');
  const client = connect(server);
  const [key = ''] = await client.keys('*:o:*');
  const text = String(await client.get(key));
  await client.set(key, `xxxxxxxx${text.slice(8).replace('"n":1', '"n":7')}`);
  assert.is((await world.store.getObject(id))?.n, 1);
  await until('it is replaced', async () => String(await client.get(key)).startsWith(text.slice(0, 8)));
});

test('a Redis that is emptied begins anew', async () => {
  const server = await own();
  const world = await openWorld({ url: server.url });
  const id = await world.store.createObject('User', { n: 1 });
  await warm(world, id);
  await connect(server).flushall();
  assert.is((await world.store.getObject(id))?.n, 1);
  await until('the epoch is noted again', () => world.cache.stats.epochs === 1);
  await world.store.updateObject(id, { n: 2 });
  await warm(world, id);
  assert.is((await world.store.getObject(id))?.n, 2);
});

function shardTag(id: string): string {
  return id.replaceAll('-', '').slice(13, 16);
}

test.run();
