import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Kvetch, memoryShards } from '../../../src/kvetch.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { needs } from '../../support/needs.ts';
import { redisForTests, sleep } from '../../support/redisServer.ts';
import { mysqlForTests } from '../../support/servers.ts';
import { until } from '../../support/until.ts';
import { mysqlDatabases } from '../backends.ts';
import { todoStore } from '../todo.ts';
import { endAll, endings, openWorld, shared } from './world.ts';

const [redis, mysql] = [await redisForTests(), await mysqlForTests()];
const test = needs(suite('redis: no stale reads'), redis);
test.after.each(endAll);

let client: Redis;
test.before(() => {
  client = new Redis(redis.url);
});
test.after(() => client.disconnect());

const open = async (
  options: ReturnType<typeof shared>,
  shards: ReturnType<typeof memoryShards>,
  beforeCache: () => Promise<void> | void = () => undefined,
): Promise<Kvetch> => {
  const cache = redisCache({ ...options, timeoutMs: 2000, negativeTtlSeconds: 1 });
  endings.push(() => cache.close());
  await cache.ready();
  const faults = (point: string) => (point === 'beforeCache' ? beforeCache() : undefined);
  return todoStore(shards, { cache, faults, outboxPollMs: 0 });
};
const entryOf = (prefix: string, id: string): string => `${prefix}{${id.replaceAll('-', '').slice(13, 16)}}:o:${id}`;

test('W1 commits and is slow, W2 commits and returns, the entry is evicted, W1 goes on', async () => {
  const options = shared();
  const shards = memoryShards(1);
  let go = (): void => undefined;
  let isSlow = false;
  const w1 = await open(options, shards, () => (isSlow ? new Promise<void>((resume) => (go = resume)) : undefined));
  const [w2, reader] = [await open(options, shards), await open(options, shards)];
  const id = await w2.createObject('User', { n: 1 });
  await reader.getObject(id);
  isSlow = true;
  const slow = w1.updateObject(id, { n: 2 });
  await until('W1 has committed', async () => (await todoStore(shards).getObject(id))?.n === 2);
  await w2.updateObject(id, { n: 3 });
  await client.del(entryOf(options.prefix, id));
  go();
  await slow;
  for (const process of [w1, w2, reader]) assert.is((await process.getObject(id))?.n, 3);
});

test('a pause that outlives the tombstone does not bring a deleted object back', async () => {
  const options = shared();
  const shards = memoryShards(1);
  let go = (): void => undefined;
  let isSlow = false;
  const w1 = await open(options, shards, () => (isSlow ? new Promise<void>((resume) => (go = resume)) : undefined));
  const [w2, reader] = [await open(options, shards), await open(options, shards)];
  const id = await w2.createObject('User', { n: 1 });
  isSlow = true;
  const slow = w1.updateObject(id, { n: 2 });
  await until('W1 has committed', async () => (await todoStore(shards).getObject(id))?.n === 2);
  await w2.deleteObject(id);
  assert.is(await reader.getObject(id), null);
  await until('the tombstone has expired', async () => (await client.get(entryOf(options.prefix, id))) === null);
  go();
  await slow;
  for (const process of [w1, w2, reader]) assert.is(await process.getObject(id), null);
});

test('a read that takes long is joined by none that begins after another process has written', async () => {
  const options = shared();
  const world = await openWorld(options);
  const writer = await world.other();
  const id = await writer.createObject('User', { n: 1 });
  const { begun, resume } = world.pauseNextRead();
  const slow = world.store.getObject(id);
  await begun; // it has seen the first version, and is on its way
  await writer.updateObject(id, { n: 2 });
  await sleep(120);
  const later = world.store.getObject(id);
  const shown = await Promise.race([later, sleep(2000)]);
  resume();
  assert.is((await slow)?.n, 1);
  assert.is((shown as { n?: number } | undefined)?.n, 2, 'it did not wait for the slow one');
});

test('400 rounds of two writers that are slow before Redis, with evictions at random: no stale read in a third process', async () => {
  const shards = mysql.isThere ? mysqlDatabases(1) : memoryShards(1);
  endings.push(() => shards[0]?.close());
  const options = shared();
  const slow = (): Promise<void> => sleep(Math.random() * 15);
  const [w1, w2] = [await open(options, shards, slow), await open(options, shards, slow)];
  const reader = await open(options, shards);
  const truth = todoStore(shards);
  const stale: string[] = [];
  let reads = 0;
  const rounds = async (lane: number): Promise<void> => {
    const id = await w1.createObject('User', { n: -1 });
    const entry = entryOf(options.prefix, id);
    for (let n = 0; n < 40; n++) {
      let open = 2;
      const write = async (kvetch: Kvetch, value: string): Promise<void> => {
        await sleep(Math.random() * 5);
        await kvetch.updateObject(id, { n: value });
        const own = (await kvetch.getObject(id))?.n;
        const isLast = --open === 0;
        if (isLast && own !== (await truth.getObject(id))?.n) stale.push(`${lane}.${n}: the last writer read ${own}`);
      };
      const disturb = async (): Promise<void> => {
        while (open > 0) {
          await sleep(Math.random() * 6);
          if (Math.random() < 0.5) await client.del(entry);
          else await reader.getObject(id);
        }
      };
      await Promise.all([write(w1, `1.${n}`), write(w2, `2.${n}`), disturb()]);
      const [seen, is] = [(await reader.getObject(id))?.n, (await truth.getObject(id))?.n];
      reads++;
      if (seen !== is) stale.push(`${lane}.${n}: read ${seen}, not ${is}`);
    }
  };
  await Promise.all(Array.from({ length: 10 }, (_, lane) => rounds(lane)));
  assert.equal(stale, []);
  assert.is(reads, 400);
});

test.run();
