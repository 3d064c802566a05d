import { once } from 'node:events';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CacheKey, CacheKeys } from '../../../src/kvetch/redis/cacheKeys.ts';
import { Mget } from '../../../src/kvetch/redis/Mget.ts';
import { MgetReplies } from '../../../src/kvetch/redis/MgetReplies.ts';
import { needs } from '../../support/needs.ts';
import { redisForTests } from '../../support/redisServer.ts';
import { endAll, openWorld } from './world.ts';

const redis = await redisForTests();
const test = needs(suite('redis: replies to MGETs'), redis);

type Listener = (chunk: Buffer) => void;

const clients: Redis[] = [];
test.after.each(async () => {
  await endAll();
  for (const client of clients.splice(0)) client.disconnect();
});

/** A connection whose chunks are cut anew, and how often ioredis was given some. */
const open = async (size: number) => {
  const client = new Redis(redis.url, { maxRetriesPerRequest: 0, retryStrategy: () => 20 });
  clients.push(client);
  client.on('error', () => undefined);
  await once(client, 'ready');
  await client.ping();
  const told = { times: 0 };
  const { stream } = client;
  const swap = (with_: (listener: Listener) => Listener): void => {
    const [listener] = stream.listeners('data') as [Listener];
    stream.removeAllListeners('data');
    stream.on('data', with_(listener));
  };
  swap((listener) => (chunk) => {
    told.times++;
    listener.call(stream, chunk);
  });
  MgetReplies.attach(client);
  swap((listener) => (chunk) => {
    for (let at = 0; at < chunk.length; at += size) listener(chunk.subarray(at, at + size));
  });
  return { client, told };
};
const ask = (client: Redis, asked: readonly CacheKey[]): Promise<unknown> =>
  new Promise((answered, failed) => client.sendCommand(new Mget(asked, { answered, failed })));
const values = ['', 'a', 'two\r\nlines\r\n$3\r\n', 'größer als ASCII ✓ 𝄞', null, 'x'.repeat(5000), '-ERR', '*2\r\n'];
const fill = async (client: Redis): Promise<readonly CacheKey[]> => {
  const keys = new CacheKeys(redis.newPrefix(), 1 << 20);
  const all = values.map((_, n) => keys.object(`00000000-0000-8000-8000-00000000000${n}`));
  for (const [n, key] of all.entries()) {
    const value = values[n] ?? null;
    if (value !== null) await client.set(key.entry, value);
  }
  return all;
};

for (const size of [1, 2, 3, 5, 64, 4096, 1 << 20]) {
  test(`in chunks of ${size} bytes, between other commands`, async () => {
    const { client, told } = await open(size);
    const keys = await fill(client);
    const [first] = keys as [CacheKey];
    const answers = await Promise.all([
      ask(client, keys),
      client.get(first.entry),
      ask(client, keys.toReversed()),
      client.eval("return {1, 'two', {redis.status_reply('three'), false}, {}}", 0),
      client.lpush(first.entry, 'x').catch((error: Error) => error.message),
      ask(client, [first]),
      client.info('server').then((text) => text.includes('redis_version')),
      ask(client, keys),
    ]);
    assert.equal(answers, [
      values,
      '',
      values.toReversed(),
      [1, 'two', ['three', null], []],
      'WRONGTYPE Operation against a key holding the wrong kind of value',
      [''],
      true,
      values,
    ]);
    told.times = 0;
    assert.equal(await ask(client, keys), values);
    assert.is(told.times, 0, 'ioredis saw nothing of it');
  });
}

test('a text that was seen before is the one that is known; a text of equal length is not', async () => {
  const { client } = await open(1 << 20);
  const keys = new CacheKeys(redis.newPrefix(), 1 << 20);
  const key = keys.object('00000000-0000-8000-8000-000000000001');
  for (const [before, now] of [
    ['plain', 'plane'],
    ['größe', 'gräße'],
    ['é', 'ab'],
  ] as const) {
    keys.remember(key, before, 0, {});
    await client.set(key.entry, now);
    assert.equal(await ask(client, [key]), [now]);
    await client.set(key.entry, before);
    assert.equal(await ask(client, [key]), [before]);
  }
});

test('an MGET that Redis refuses fails alone', async () => {
  const { client } = await open(3);
  const [key] = (await fill(client)) as [CacheKey];
  const [none, one] = await Promise.all([ask(client, []).catch((error: Error) => error.message), ask(client, [key])]);
  assert.match(String(none), /wrong number of arguments/);
  assert.equal(one, ['']);
});

test('a connection that is lost within a reply fails what is awaited; the next one is read anew', async () => {
  const { client } = await open(1 << 20);
  const keys = await fill(client);
  const { stream } = client;
  const [listener] = stream.listeners('data') as [Listener];
  stream.removeAllListeners('data');
  stream.on('data', (chunk: Buffer) => {
    listener(chunk.subarray(0, 20));
    stream.destroy();
  });
  const lost = await Promise.all([ask(client, keys), ask(client, keys)].map((one) => one.catch(() => 'lost')));
  assert.equal(lost, ['lost', 'lost']);
  if (client.status !== 'ready') await once(client, 'ready');
  MgetReplies.attach(client);
  assert.equal(await ask(client, keys), values);
});

/** A connection of ioredis alone, and its listener. */
const openPlain = async () => {
  const client = new Redis(redis.url, { maxRetriesPerRequest: 0, retryStrategy: () => 20, enableOfflineQueue: false });
  clients.push(client);
  client.on('error', () => undefined);
  await once(client, 'ready');
  const listeners = (): readonly unknown[] => client.stream.listeners('data');
  return { client, listeners, own: listeners() };
};

test('a closed cache leaves the connection of its user as it was, also in the middle of a reply', async () => {
  const { client, listeners, own } = await openPlain();
  const keys = await fill(client);
  for (let size = 1; size < 200; size += 7) {
    const replies = MgetReplies.attach(client);
    assert.not.equal(listeners(), own);
    const asked = Promise.all([ask(client, keys), client.get((keys[3] as CacheKey).entry), ask(client, keys)]);
    const { stream } = client;
    const [listener] = stream.listeners('data') as [Listener];
    const cut = (chunk: Buffer): void => {
      listener(chunk.subarray(0, size));
      stream.removeListener('data', cut);
      stream.on('data', listener);
      replies?.detach();
      for (const one of stream.listeners('data') as Listener[]) one.call(stream, chunk.subarray(size));
    };
    stream.removeListener('data', listener);
    stream.on('data', cut);
    assert.equal(await asked, [values, values[3], values], `cut at ${size}`);
    assert.equal(listeners(), own);
    assert.equal(await ask(client, keys), values);
  }
});

test('two caches on one connection may be closed in any order', async () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const { client, listeners, own } = await openPlain();
    const keys = await fill(client);
    const readers = [MgetReplies.attach(client), MgetReplies.attach(client)];
    for (const at of order) {
      const pending = ask(client, keys);
      readers[at]?.detach();
      readers[at]?.detach();
      assert.equal(await Promise.all([pending, ask(client, keys), client.ping()]), [values, values, 'PONG']);
    }
    assert.is(listeners().length, 1);
    if (order[0] === 1) assert.equal(listeners(), own);
  }
});

test('redisCache({ client }) gives the connection back when it is closed', async () => {
  const { client, listeners, own } = await openPlain();
  const prefix = redis.newPrefix();
  const counts = ['error', 'ready', 'close'].map((event) => client.listenerCount(event));
  for (let times = 0; times < 3; times++) {
    const { store, cache } = await openWorld({ client, prefix });
    const id = await store.createObject('User', { username: `user ${times}` });
    for (let read = 0; read < 3; read++) assert.is((await store.getObject(id))?.username, `user ${times}`);
    assert.ok(cache.stats.hits > 0);
    assert.not.equal(listeners(), own);
    await cache.close();
    assert.equal(listeners(), own);
    assert.equal(
      ['error', 'ready', 'close'].map((event) => client.listenerCount(event)),
      counts,
    );
    assert.is((await store.getObject(id))?.username, `user ${times}`, 'read from the store');
    assert.is(await client.ping(), 'PONG');
  }
});

test.run();
