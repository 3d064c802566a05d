import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KvetchOptionError } from '../../../src/kvetch/errors.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { needs } from '../../support/needs.ts';
import { redisForTests, sleep } from '../../support/redisServer.ts';
import { until } from '../../support/until.ts';
import { endAll, fillTodos, openWorld, shared, untilWarm, view } from './world.ts';

const redis = await redisForTests();
const test = suite('redis: leases, and texts that were seen before');
test.after.each(endAll);

const onRedis = needs(test, redis);
let client: Redis;
let prefixed: Redis;
onRedis.before(() => {
  client = new Redis(redis.url);
  prefixed = new Redis(redis.url, { keyPrefix: `${redis.newPrefix()}app:`, enableOfflineQueue: false });
});
onRedis.after(() => {
  client.disconnect();
  prefixed.disconnect();
});

onRedis('a lease lies where its entry will be: who sees it waits without asking for it', async () => {
  const options = shared();
  const { store, other, truth, calls, pauseNextRead } = await openWorld(options);
  const user = await truth.createObject('User', { n: 1 });
  const second = await other();
  const paused = pauseNextRead();
  const first = store.getObject(user);
  await paused.begun;
  const keys = await client.keys(`${options.prefix}*:o:*`);
  assert.is(keys.length, 1);
  const [key = ''] = keys;
  assert.ok(key.endsWith(`:o:${user}`));
  const lease = await client.get(key);
  assert.match(String(lease), /^\?/);
  assert.ok((await client.pttl(key)) <= 3000);
  const waiting = second.getObject(user);
  await sleep(3);
  assert.is(await client.get(key), lease, 'nobody took it away');
  paused.resume();
  assert.equal([(await first)?.n, (await waiting)?.n], [1, 1]);
  assert.equal(calls.length <= 2, true, 'the second reader found what the first had filled, or gave up waiting');
  await untilFilled(key);
  calls.length = 0;
  assert.is((await second.getObject(user))?.n, 1);
  assert.equal(calls, []);
});

onRedis('a client that puts a prefix before keys, and texts of more than ASCII in them', async () => {
  const { prefix } = shared();
  for (const [options, start] of [
    [{ client: prefixed, prefix: 'kv:' }, `${prefixed.options.keyPrefix}kv:`],
    [{ url: redis.url, prefix: `${prefix}größe:` }, `${prefix}größe:`],
  ] as const) {
    const { store, cache, truth, calls } = await openWorld(options);
    const user = await truth.createObject('User', { n: 1 });
    await store.getObject(user);
    await until('it is filled', () => cache.stats.fills === 1);
    assert.equal(
      (await client.keys(`${start}*:o:*`)).map((key) => key.slice(-36)),
      [user],
    );
    calls.length = 0;
    assert.is((await store.getObject(user))?.n, 1);
    assert.equal(calls, []);
  }
});

onRedis('a write ends a lease, and the fill is refused', async () => {
  const options = shared();
  const { store, cache, truth, pauseNextRead } = await openWorld(options);
  const user = await truth.createObject('User', { n: 1 });
  const paused = pauseNextRead();
  const reading = store.getObject(user);
  await paused.begun;
  await store.updateObject(user, { n: 2 });
  paused.resume();
  await reading;
  await until('the fill is refused', () => cache.stats.refusedFills === 1);
  assert.equal(await client.keys(`${options.prefix}*:o:*`), []);
  assert.is((await store.getObject(user))?.n, 2);
});

onRedis('an audit ends leases and leaves entries', async () => {
  const options = shared();
  const { store, cache, truth, pauseNextRead } = await openWorld(options);
  const kept = await store.createObject('User', { n: 1 });
  await store.getObject(kept);
  const user = await truth.createObject('User', { n: 1 });
  const paused = pauseNextRead();
  const reading = store.getObject(user);
  await paused.begun;
  assert.is((await client.keys(`${options.prefix}*:o:*`)).length, 2);
  await store.clean({ graceMs: 0 });
  assert.is((await client.keys(`${options.prefix}*:o:*`)).length, 1);
  paused.resume();
  await reading;
  await until('the fill is refused', () => cache.stats.refusedFills === 1);
});

onRedis('what is asked for twice in a batch is loaded once, and nobody waits', async () => {
  const { store, cache, truth, calls } = await openWorld(shared());
  const user = await truth.createObject('User', { n: 1 });
  const friend = await truth.createObject('User', { n: 2 });
  await truth.insertEdge('friends', { fromId: user, toId: friend });
  calls.length = 0;
  const read = await store.getObjects([user, friend, user, user]);
  assert.equal(
    read.map((one) => (one instanceof Error ? one : one?.n)),
    [1, 2, 1, 1],
  );
  const page = { edge: 'friends', fromId: user, first: 5 } as const;
  const pages = await store.getEdgeLists([page, page, { ...page, first: 3 }]);
  assert.equal(
    pages.map((one) => (one instanceof Error ? one : one.edges.map(({ toId }) => toId))),
    [[friend], [friend], [friend]],
  );
  assert.is(calls.filter((call) => call.endsWith('readObjects')).length, 1);
  assert.is(cache.stats.waits, 0, 'not even the page of another size');
});

onRedis('a list that is kept too short gives way to a longer one', async () => {
  const { store, truth, calls } = await openWorld(shared());
  const from = await truth.createObject('User', {});
  for (let at = 0; at < 8; at++) {
    await truth.insertEdge('friends', { fromId: from, toId: await truth.createObject('User', {}) });
  }
  const first = async (count: number): Promise<number> =>
    (await store.getEdges('friends', from, { first: count })).edges.length;
  assert.equal([await first(2), await first(6)], [2, 6]);
  await until('the longer list is kept', async () => {
    calls.length = 0;
    assert.equal([await first(2), await first(6), await first(2)], [2, 6, 2]);
    return calls.length === 0;
  });
});

onRedis('a text that has not changed is read once; another one is read anew', async () => {
  const { store, other, calls } = await openWorld(shared());
  const user = await store.createObject('User', { tags: { of: ['a'] } });
  await store.getObject(user);
  const one = await store.getObject(user);
  assert.is(await store.getObject(user), one, 'the same record');
  assert.ok(
    Object.isFrozen(one) && Object.isFrozen((one as unknown as { tags: { of: unknown } }).tags.of),
    'which nobody can change',
  );
  const second = await other();
  await second.updateObject(user, { tags: { of: ['b'] } });
  await until('Redis has it', async () => {
    calls.length = 0;
    assert.equal((await store.getObject(user))?.tags, { of: ['b'] });
    return calls.length === 0;
  });
});

onRedis('what can be changed is not shared between readers', async () => {
  const { store } = await openWorld(shared());
  const due = new Date(5);
  const list = await store.createObject('List', {});
  const item = await store.createObject('Item', { text: 'x', list, due });
  await store.getObject(item);
  const one = await store.getObject(item);
  const two = await store.getObject(item);
  (one as unknown as { due: Date }).due.setTime(7);
  assert.equal([two?.due, (await store.getObject(item))?.due], [due, due]);
});

onRedis('the edges of a kept page are one frozen list, until the list changes', async () => {
  const { store, other, truth, calls } = await openWorld(shared());
  const from = await truth.createObject('User', {});
  const ids: string[] = [];
  for (let at = 0; at < 4; at++) {
    const toId = await truth.createObject('User', {});
    await truth.insertEdge('friends', { fromId: from, toId });
    ids.push(toId);
  }
  const page = async (first: number) => store.getEdges('friends', from, { first });
  await until('the list is kept', async () => {
    calls.length = 0;
    await page(3);
    return calls.length === 0;
  });
  const { edges } = await page(3);
  assert.is((await page(3)).edges, edges);
  assert.throws(() => (edges as unknown[]).reverse(), TypeError);
  const toIds = async (first: number) => (await page(first)).edges.map(({ toId }) => toId);
  assert.equal([await toIds(3), await toIds(2), await toIds(3)], [ids.slice(0, 3), ids.slice(0, 2), ids.slice(0, 3)]);
  const second = await other();
  await second.deleteEdge('friends', { fromId: from, toId: ids[0] as string });
  await until('the change is there', async () => (await toIds(3)).join() === ids.slice(1).join());
  assert.equal(
    edges.map(({ toId }) => toId),
    ids.slice(0, 3),
    'a page that was handed out stays as it was',
  );
});

onRedis('edges with data that can be changed are not shared between readers', async () => {
  const { store, truth } = await openWorld(shared());
  const from = await truth.createObject('User', {});
  const at = new Date(5);
  await truth.insertEdge('friends', { fromId: from, toId: await truth.createObject('User', {}), data: { at } });
  const dataOf = async () => (await store.getEdges('friends', from, { first: 2 })).edges[0]?.data;
  await dataOf();
  const [one, two] = [await dataOf(), await dataOf()];
  (one as { at: Date }).at.setTime(7);
  assert.equal([two, await dataOf()], [{ at }, { at }]);
});

for (const maxSeenChars of [0, 1, 2000, 1 << 24]) {
  onRedis(`with ${maxSeenChars} characters of memory the answers are the same`, async () => {
    const { store, calls } = await openWorld({ ...shared(), maxSeenChars });
    const user = await fillTodos(store);
    await untilWarm(store, user, calls);
    assert.is(await view(store, user), 50);
    const [item] = (await store.getEdgeLists([{ edge: 'user_to_list', fromId: user, first: 1 }])).flatMap((page) =>
      page instanceof Error ? [] : page.edges.map(({ toId }) => toId),
    );
    await store.updateObject(item as string, { title: 'new' });
    assert.is((await store.getObject(item as string))?.title, 'new');
    assert.is((await store.getObject(item as string))?.title, 'new');
  });
}

async function untilFilled(key: string): Promise<void> {
  await until('somebody fills it', async () => !String(await client.get(key)).startsWith('?'));
}

for (const maxSeenChars of [-1, 1.5, Number.NaN, 'many' as never]) {
  test(`a memory of ${maxSeenChars} characters is refused`, () => {
    assert.throws(
      () => redisCache({ url: 'redis://127.0.0.1:1', maxSeenChars }),
      (error: unknown) => {
        return error instanceof KvetchOptionError && error.message.includes('"maxSeenChars"');
      },
    );
  });
}

test.run();
