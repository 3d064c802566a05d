import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards, type ShardStore } from '../../../src/kvetch.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { needs, type SharedServer } from '../../support/needs.ts';
import { redisForTests, sleep } from '../../support/redisServer.ts';
import { mysqlForTests } from '../../support/servers.ts';
import { mysqlDatabases, wrapStore } from '../backends.ts';
import { endAll, endings, shared } from './world.ts';

/** What is promised of ordered lists behind Redis (spec 9.3). */
const [redis, mysql] = [await redisForTests(), await mysqlForTests()];
const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Shop' },
    { typeId: 2, name: 'Listing', fields: { shop: 'uuid', status: 'string', price: 'int' } },
  ],
  edges: [
    {
      edgeId: 10,
      name: 'open',
      from: 'Shop',
      storedOn: 'Listing',
      storedIdAttr: 'shop',
      where: { status: 'OPEN' },
      orderBy: ['price'],
    },
    { edgeId: 20, name: 'inbox', from: 'Shop', to: 'Listing', fields: { at: 'int' }, orderBy: ['-at'] },
  ],
  indexes: [{ name: 'shelf', type: 'Listing', attrs: ['shop', 'status'], orderBy: ['-price'] }],
});

interface World {
  readonly truth: Kvetch;
  readonly calls: string[];
  open(maxList?: number): Promise<Kvetch>;
}

function newWorld(shards: readonly ShardStore[], delay: number): World {
  const options = shared();
  const calls: string[] = [];
  endings.push(async () => {
    for (const shard of shards) await shard.close();
  });
  const slow = shards.map((shard) =>
    wrapStore(shard, async (method, run) => {
      calls.push(method);
      if (delay > 0) await sleep(Math.random() * delay);
      const answer = await run();
      if (delay > 0) await sleep(Math.random() * delay);
      return answer;
    }),
  );
  return {
    calls,
    truth: createKvetch({ schema, shards }),
    open: async (maxList = 5) => {
      const cache = redisCache({ timeoutMs: 2000, maxList, ...options });
      endings.push(() => cache.close());
      await cache.ready();
      return createKvetch({ schema, shards: slow, cache });
    },
  };
}

const test = needs(suite('ordered lists in redis'), redis);
test.after.each(endAll);

interface Kind {
  readonly name: string;
  readonly shards: (count: number) => readonly ShardStore[];
  readonly rounds: number;
  readonly servers: readonly SharedServer[];
}

const kinds: readonly Kind[] = [
  { name: 'memory', shards: memoryShards, rounds: 400, servers: [] },
  { name: 'mysql', shards: mysqlDatabases, rounds: 80, servers: [mysql] },
];

const pick = (most: number): number => Math.floor(Math.random() * most);

for (const { name, shards, rounds, servers } of kinds) {
  needs(test, ...servers)(`${rounds} interleavings of fill and write leave nothing old: ${name}`, async () => {
    const world = newWorld(shards(1), 4);
    const { truth } = world;
    const [one, two] = [await world.open(), await world.open()];
    const old: string[] = [];
    const round = async (): Promise<void> => {
      const shop = await truth.createObject('Shop', {});
      const ids: string[] = [];
      for (let n = 0; n < 8; n++) ids.push(await truth.createObject('Listing', { shop, status: 'OPEN', price: n }));
      const some = (): string => ids[pick(ids.length)] as string;
      const look = async (from: Kvetch, first: number): Promise<string> => {
        const shelf = { shop, status: 'OPEN' };
        return JSON.stringify([
          await from.getEdges('open', shop, { first }),
          await from.getEdges('inbox', shop, { first }),
          await from.queryIndex('shelf', shelf, { first }),
          await from.queryIndex('shelf', shelf, { first, range: { price: { to: 5 } } }),
          await from.countEdges('open', shop),
        ]);
      };
      const reader = async (): Promise<void> => {
        await sleep(Math.random() * 10);
        await Promise.all([look(one, 1 + pick(7)), look(two, 1 + pick(7))]);
      };
      const writer = async (kvetch: Kvetch): Promise<void> => {
        await sleep(Math.random() * 10);
        await kvetch.updateObject(some() as never, { price: pick(9) });
        await kvetch.insertEdge('inbox', { fromId: shop, toId: some(), data: { at: pick(9) } });
        if (Math.random() < 0.4)
          await kvetch.updateObject(some() as never, { status: pick(2) === 0 ? 'SOLD' : 'OPEN' });
        if (Math.random() < 0.3) await kvetch.deleteEdge('inbox', { fromId: shop, toId: some() });
      };
      await Promise.all([reader(), writer(one), reader(), writer(two), reader(), writer(one)]);
      const wanted = [await look(truth, 2), await look(truth, 10)];
      for (const wait of [0, 10, 10]) {
        await sleep(wait);
        for (const kvetch of [one, two]) {
          const found = [await look(kvetch, 2), await look(kvetch, 10)];
          if (found.join() !== wanted.join()) old.push(`${found}\n  and not ${wanted}`);
        }
      }
    };
    const atOnce = rounds / 10;
    for (let at = 0; at < rounds; at += atOnce) await Promise.all(Array.from({ length: atOnce }, round));
    assert.is(old[0], undefined, `${old.length} of ${rounds}`);
  });
}

test('a write behind the kept part of a list leaves it; one that enters, leaves or moves within it does not', async () => {
  const world = newWorld(memoryShards(1), 0);
  const [reader, writer] = [await world.open(4), await world.open(4)];
  const shop = await world.truth.createObject('Shop', {});
  const ids: string[] = [];
  for (let price = 0; price < 20; price += 2)
    ids.push(await world.truth.createObject('Listing', { shop, status: 'OPEN', price }));
  const read = async (): Promise<{ readonly prices: string; readonly isLoaded: boolean }> => {
    const find = () => reader.getEdges('open', shop, { first: 3 });
    await find();
    await sleep(5); // nobody waits for a fill
    world.calls.length = 0;
    const { edges } = await find();
    const prices = edges.map(({ toId }) => ids.indexOf(toId)).join(' ');
    return { prices, isLoaded: world.calls.length > 0 };
  };
  const loadsAfter = async (write: () => Promise<unknown>): Promise<boolean> => {
    await read();
    await write();
    world.calls.length = 0;
    const { edges } = await reader.getEdges('open', shop, { first: 3 });
    const isLoaded = world.calls.some((method) => /^read/.test(method));
    const fresh = await world.truth.getEdges('open', shop, { first: 3 });
    assert.equal(edges, fresh.edges);
    return isLoaded;
  };
  assert.equal(await read(), { prices: '0 1 2', isLoaded: false });
  const set = (at: number, patch: object) => () => writer.updateObject(ids[at] as never, patch as never);
  assert.not(await loadsAfter(() => writer.createObject('Listing', { shop, status: 'OPEN', price: 99 })), 'behind');
  assert.not(await loadsAfter(set(8, { price: 50 })), 'moved behind');
  assert.not(await loadsAfter(set(8, { status: 'SOLD' })), 'left behind');
  assert.not(await loadsAfter(() => writer.deleteObject(ids[9] as string)), 'deleted behind');
  assert.not(await loadsAfter(set(1, { status: 'OPEN' })), 'nothing changed');
  assert.ok(await loadsAfter(set(7, { price: 1 })), 'entered');
  assert.ok(await loadsAfter(set(7, { price: 90 })), 'left');
  assert.ok(await loadsAfter(set(0, { price: 3 })), 'moved within');
  assert.ok(await loadsAfter(set(1, { status: 'SOLD' })), 'buried');
  assert.ok(await loadsAfter(() => writer.createObject('Listing', { shop, status: 'OPEN', price: -1 })), 'at the top');
  assert.is(await reader.countEdges('open', shop), await world.truth.countEdges('open', shop));
});

test.run();
