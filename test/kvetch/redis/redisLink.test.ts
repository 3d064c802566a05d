import { once } from 'node:events';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CacheKey, CacheKeys } from '../../../src/kvetch/redis/cacheKeys.ts';
import { Deadlines, Timed } from '../../../src/kvetch/redis/Deadlines.ts';
import { Mget } from '../../../src/kvetch/redis/Mget.ts';
import { RedisCacheStats } from '../../../src/kvetch/redis/RedisCacheStats.ts';
import { RedisLink } from '../../../src/kvetch/redis/RedisLink.ts';
import { chainEntries } from '../../../src/kvetch/shards/chain.ts';
import { Eventual } from '../../../src/utils/Eventual.ts';
import { needs } from '../../support/needs.ts';
import { redisForTests, sleep } from '../../support/redisServer.ts';
import { TcpProxy } from '../../support/tcpProxy.ts';
import { endAll, endings, openWorld } from './world.ts';

const redis = await redisForTests();
const test = suite('redis: requests for keys');
test.after.each(endAll);

class Work extends Timed {
  readonly name: string;
  readonly #late: string[];

  constructor(name: string, late: string[]) {
    super();
    this.name = name;
    this.#late = late;
  }

  override expire(): void {
    this.isOver = true;
    this.#late.push(this.name);
  }
}

test('each work has its own end, and one that has ended keeps none that follow', async () => {
  const deadlines = new Deadlines(60);
  const late: string[] = [];
  const begin = (name: string): Work => {
    const work = new Work(name, late);
    deadlines.begin(work);
    return work;
  };
  const end = (work: Work): void => {
    work.isOver = true;
    deadlines.ended();
  };
  const [first, second] = [begin('first'), begin('second')];
  await sleep(30);
  const third = begin('third');
  const last = begin('last');
  end(second);
  assert.is(second.next, third, 'the first still waits');
  end(first);
  assert.equal([first.next, second.next], [null, null]);
  await sleep(45);
  assert.equal(late, [], 'the time of the first two is over, that of the others is not');
  await sleep(40);
  assert.equal(late, ['third', 'last']);
  assert.equal([third.next, last.next], [null, null]);
  end(begin('quick'));
  await sleep(80);
  begin('slow');
  await sleep(90);
  assert.equal(late, ['third', 'last', 'slow']);
});

test('a step behind a batch that throws or rejects fails its entries, and nobody else', async () => {
  const batch = new Eventual<readonly string[]>();
  const thrown = chainEntries(batch, 2, (): never => {
    throw new Error('thrown');
  });
  const rejected = chainEntries(batch, 1, () => Promise.reject(new Error('rejected')));
  const kept = chainEntries(batch, 1, (found) => found);
  batch.come(['a']);
  const messages = (await Promise.all([thrown, rejected, kept])).map((entries) => entries.map(String));
  assert.equal(messages, [['Error: thrown', 'Error: thrown'], ['Error: rejected'], ['a']]);
});

const onRedis = needs(test, redis);
const open = async (timeoutMs: number) => {
  const proxy = await TcpProxy.open(Number(new URL(redis.url).port));
  const client = new Redis(`redis://127.0.0.1:${proxy.port}`, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined);
  endings.push(() => proxy.close());
  endings.push(() => client.disconnect());
  await once(client, 'ready');
  const stats = new RedisCacheStats();
  const keys = new CacheKeys(redis.newPrefix(), 1 << 20);
  const [one, two] = [0, 1].map((n) => keys.object(`00000000-0000-8000-8000-00000000000${n}`)) as [CacheKey, CacheKey];
  for (const [n, key] of [one, two].entries()) await client.set(key.entry, `value ${n}`);
  return { proxy, client, stats, link: new RedisLink(client, timeoutMs, stats), one, two };
};
const texts = (replies: readonly unknown[]): readonly string[] => replies.map(String);

onRedis('a reply that comes late answers nobody, and those behind it are not shifted', async () => {
  const { link, proxy, stats, one, two } = await open(80);
  assert.equal(await link.get([one]), ['value 0']);
  proxy.delayMs = 160;
  const late = link.get([one, two]);
  assert.equal(texts(await late), Array(2).fill('TimeoutError: Redis took longer than 80 ms.'));
  assert.is(stats.errors, 1);
  await sleep(120);
  proxy.delayMs = 0;
  assert.equal(await Promise.all([link.get([two]), link.get([one])]), [['value 1'], ['value 0']]);
  assert.is(stats.errors, 1);
});

onRedis('a connection that is cut fails all that wait, once', async () => {
  const { link, proxy, stats, one, two } = await open(2000);
  await link.get([one]);
  proxy.rule(() => 'cut');
  const first = link.get([one]);
  await new Promise((resolve) => process.nextTick(resolve));
  const answers = await Promise.all([first, link.get([two, one])]);
  assert.equal(
    answers.map((replies) => replies.map((reply) => reply instanceof Error)),
    [[true], [true, true]],
  );
  assert.ok(stats.errors >= 1 && stats.errors <= 2);
});

onRedis('a reply that is none to an MGET fails it', () => {
  const keys = new CacheKeys('garbled:', 1 << 20);
  const asked = [1, 2].map((n) => keys.object(`00000000-0000-8000-8000-00000000000${n}`));
  for (const reply of ['OK', 5, null, [], ['a'], ['a', null, 'b'], Buffer.from('OK')]) {
    const heard: string[] = [];
    const answered = (): unknown => heard.push('answered');
    new Mget(asked, { answered, failed: ({ message }) => heard.push(message) }).resolve(reply);
    assert.equal(heard, ['Redis gave another number of replies.'], String(reply));
  }
});

onRedis('a listener that throws does not cost the next one its reply', async () => {
  const { link, one, two } = await open(2000);
  await link.get([one]);
  const thrown: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.once('uncaughtException', (error) => thrown.push(error));
  try {
    link.getThen([one], () => {
      throw new Error('a defect');
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(await link.get([two]), ['value 1']);
  } finally {
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
  assert.equal(thrown.map(String), ['Error: a defect']);
});

onRedis('reads of more keys than go into one command come together with writes of the same turn', async () => {
  const { link, client, one, two } = await open(2000);
  const many = Array.from({ length: 2100 }, (_, n) => (n % 2 === 0 ? one : two));
  const [replies, [written]] = await Promise.all([
    link.get(many),
    link.send([{ key: one, words: ['set', one.entry, 'new'] }]),
  ]);
  assert.is(written, 'OK');
  assert.equal(
    replies,
    many.map((key) => (key === one ? 'new' : 'value 1')),
  );
  assert.is(await client.get(one.entry), 'new');
});

onRedis('the remembered ids of a value are those that Redis has now', async () => {
  const { store, other, cache } = await openWorld({ url: redis.url, prefix: redis.newPrefix() });
  const writer = await other();
  const name = 'größer';
  const id = await writer.createObject('User', { username: name });
  const found = async (): Promise<readonly string[]> => (await store.queryIndex('username', name)).ids;
  for (let n = 0; n < 3; n++) assert.equal(await found(), [id]);
  assert.ok(cache.stats.hits > 0);
  await writer.updateObject(id, { username: 'smaller' });
  assert.equal(await found(), []);
  const next = await writer.createObject('User', { username: name });
  for (let n = 0; n < 3; n++) assert.equal(await found(), [next]);
  assert.equal((await store.queryIndex('username', name, { first: 0 })).ids, []);
  // the same digest stands for a long value and for none else
  const long = [`${'x'.repeat(80)}1`, `${'x'.repeat(80)}2`];
  const ids = await Promise.all(long.map((username) => writer.createObject('User', { username })));
  for (let n = 0; n < 2; n++) {
    for (const [at, username] of long.entries()) {
      assert.equal((await store.queryIndex('username', username)).ids, [ids[at]]);
    }
  }
});

test.run();
