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
    { edgeId: 11, name: 'arrived', from: 'Shop', storedOn: 'Listing', storedIdAttr: 'shop' },
    { edgeId: 20, name: 'inbox', from: 'Shop', to: 'Listing', fields: { at: 'int' }, orderBy: ['-at'] },
  ],
  indexes: [
    { name: 'shelf', type: 'Listing', attrs: ['shop', 'status'], orderBy: ['-price'] },
    { name: 'of_shop', type: 'Listing', attr: 'shop', kind: 'uuid' },
    { name: 'tagged', type: 'Listing', kind: 'string' },
  ],
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
          await from.queryIndex('of_shop', shop, { last: first }),
          await from.queryIndex('shelf', shelf, { first, range: { price: { to: 5 } } }),
          await from.countEdges('open', shop),
          await from.sumEdges('open', shop, 'price'),
          await from.sumEdges('inbox', shop, 'at'),
          await from.sumIndex('shelf', shelf, 'price'),
          await from.sumIndex('shelf', shelf, 'price', { range: { price: { from: 3 } } }),
          await from.getEdges('open', shop, { first, reverse: true }),
          await from.getEdges('arrived', shop, { last: first }),
          await from.getEdges('inbox', shop, { last: first }),
          await from.queryIndex('shelf', shelf, { last: first, range: { price: { from: 3 } } }),
          await from.hasEdges(ids.map((toId) => ({ edge: 'inbox', fromId: shop, toId }))),
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
        if (Math.random() < 0.2) await kvetch.createObject('Listing', { shop, status: 'OPEN', price: pick(9) });
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

for (const reverse of [false, true]) {
  const end = reverse ? ', read from its end' : '';
  test(`a write behind the kept part of a list${end} leaves it; others do not`, () => writesBehindLeave(reverse));
}

/** Prices are below 0 where the list is read from its end: so they come in the same order. */
async function writesBehindLeave(reverse: boolean): Promise<void> {
  const inTurn = (price: number): number => (reverse ? -price : price);
  const world = newWorld(memoryShards(1), 0);
  const [reader, writer] = [await world.open(4), await world.open(4)];
  const shop = await world.truth.createObject('Shop', {});
  const ids: string[] = [];
  for (let price = 0; price < 20; price += 2)
    ids.push(await world.truth.createObject('Listing', { shop, status: 'OPEN', price: inTurn(price) }));
  const read = async (): Promise<{ readonly prices: string; readonly isLoaded: boolean }> => {
    const find = () => reader.getEdges('open', shop, { first: 3, reverse });
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
    const { edges } = await reader.getEdges('open', shop, { first: 3, reverse });
    const isLoaded = world.calls.some((method) => /^read/.test(method));
    const fresh = await world.truth.getEdges('open', shop, { first: 3, reverse });
    assert.equal(edges, fresh.edges);
    return isLoaded;
  };
  assert.equal(await read(), { prices: '0 1 2', isLoaded: false });
  const set = (at: number, patch: object) => () => writer.updateObject(ids[at] as never, patch as never);
  const move = (at: number, price: number) => set(at, { price: inTurn(price) });
  const create = (price: number) => () =>
    writer.createObject('Listing', { shop, status: 'OPEN', price: inTurn(price) });
  assert.not(await loadsAfter(create(99)), 'behind');
  assert.not(await loadsAfter(move(8, 50)), 'moved behind');
  assert.not(await loadsAfter(set(8, { status: 'SOLD' })), 'left behind');
  assert.not(await loadsAfter(() => writer.deleteObject(ids[9] as string)), 'deleted behind');
  assert.not(await loadsAfter(set(1, { status: 'OPEN' })), 'nothing changed');
  assert.ok(await loadsAfter(move(7, 1)), 'entered');
  assert.ok(await loadsAfter(move(7, 90)), 'left');
  assert.ok(await loadsAfter(move(0, 3)), 'moved within');
  assert.ok(await loadsAfter(set(1, { status: 'SOLD' })), 'buried');
  assert.ok(await loadsAfter(create(-1)), 'at the top');
  assert.is(await reader.countEdges('open', shop), await world.truth.countEdges('open', shop));
}

test('pages from the end, and whether edges of a short list are there, are answered by Redis', async () => {
  const world = newWorld(memoryShards(1), 0);
  const reader = await world.open(50);
  const { truth } = world;
  const [shop, other] = [await truth.createObject('Shop', {}), await truth.createObject('Shop', {})];
  const ids: string[] = [];
  for (let price = 0; price < 8; price++)
    ids.push(await truth.createObject('Listing', { shop, status: 'OPEN', price }));
  for (const at of [1, 2, 5])
    await truth.insertEdge('inbox', { fromId: shop, toId: ids[at] as string, data: { at: 10 * at } });
  const questions = ids.map((toId) => ({ edge: 'inbox', fromId: shop, toId }));
  const look = async (from: Kvetch): Promise<readonly unknown[]> => [
    await from.getEdges('arrived', shop, { last: 3 }),
    await from.getEdges('open', shop, { first: 3, reverse: true }),
    await from.queryIndex('shelf', { shop, status: 'OPEN' }, { last: 3 }),
    await from.hasEdges([...questions, { edge: 'inbox', fromId: other, toId: ids[0] as string }]),
    [await from.sumEdges('open', shop, 'price'), await from.countEdges('open', shop)],
  ];
  const wanted = await look(truth);
  assert.equal(wanted[3], [false, true, true, false, false, true, false, false, false]);
  assert.equal(await look(reader), wanted);
  await sleep(10); // nobody waits for a fill
  world.calls.length = 0;
  assert.equal(await look(reader), wanted);
  assert.equal(world.calls, []);
  await reader.deleteEdge('inbox', { fromId: shop, toId: ids[2] as string });
  await reader.insertEdge('inbox', { fromId: other, toId: ids[0] as string, data: { at: 1 } });
  assert.equal((await look(reader))[3], [false, true, false, false, false, true, false, false, true]);
  // A writer that Redis hears nothing of: the cleaners drop the sums of lists whose edges they scan.
  await truth.updateObject(ids[0] as never, { price: 100 });
  assert.is(await reader.sumEdges('open', shop, 'price'), 28);
  await reader.clean({ graceMs: 0 });
  assert.is(await reader.sumEdges('open', shop, 'price'), 128);
});

test('pages of a plain index from the end are answered by Redis, as far as it keeps them', async () => {
  const world = newWorld(memoryShards(1), 0);
  const [reader, bypass] = [await world.open(6), world.truth];
  const shop = await bypass.createObject('Shop', {});
  const ids: string[] = [];
  const create = async (of: Kvetch): Promise<void> => void ids.push(await of.createObject('Listing', { shop }));
  for (let n = 0; n < 8; n++) await create(bypass);
  const pages = () => [
    ...[{ last: 3 }, { first: 3, reverse: true }, { first: 2, after: ids[6] as string, reverse: true }],
    ...[{ last: 2, before: ids[5] as string }, { last: 3, before: ids[1] as string }, { first: 2 }, { last: 8 }],
  ];
  const look = (from: Kvetch) => Promise.all(pages().map((page) => from.queryIndex('of_shop', shop, page)));
  const isRight = async (why: string): Promise<void> => assert.equal(await look(reader), await look(bypass), why);
  const callsOf = async (page: object): Promise<readonly string[]> => {
    world.calls.length = 0;
    await reader.queryIndex('of_shop', shop, page);
    return world.calls.filter((call) => call.startsWith('read'));
  };
  for (let turn = 0; turn < 2; turn++) {
    await isRight('as without a cache');
    await sleep(10); // nobody waits for a fill
  }
  for (const page of pages().slice(0, 4)) assert.equal(await callsOf(page), [], JSON.stringify(page));
  assert.equal(await callsOf({ last: 3, before: ids[1] as string }), ['readEntryPages'], 'further on than it is kept');
  await create(reader);
  await isRight('a new last one');
  await reader.updateObject(ids[8] as string, { shop: null });
  await isRight('one that has left');
  await reader.deleteObject(ids.pop() as string);
  await reader.deleteObject(ids.pop() as string);
  await isRight('one that is gone');
  await sleep(10);
  // A writer that Redis hears nothing of: the audit of the cleaners finds what it has left.
  await look(reader);
  await sleep(10);
  await create(bypass);
  await reader.clean({ graceMs: 0 });
  await isRight('after the audit');
  const tags = { index: 'tagged', value: 'x'.repeat(2000) } as const;
  for (const targetId of ids.slice(0, 4)) {
    await reader.insertIndexEntry(tags.index, { value: tags.value, targetId });
    const read = (from: Kvetch) => from.queryIndex(tags.index, tags.value, { last: 2 });
    assert.equal(await read(reader), await read(bypass), 'a long value, by hand');
    await sleep(5);
  }
});

test('whether edges of a long list are there is asked of the store', async () => {
  const world = newWorld(memoryShards(1), 0);
  const reader = await world.open(3);
  const shop = await world.truth.createObject('Shop', {});
  const ids: string[] = [];
  for (let at = 0; at < 6; at++) ids.push(await world.truth.createObject('Listing', { status: 'OPEN', price: at }));
  for (const [at, toId] of ids.slice(1).entries())
    await world.truth.insertEdge('inbox', { fromId: shop, toId, data: { at } });
  for (let turn = 0; turn < 2; turn++) {
    const found = await reader.hasEdges(ids.map((toId) => ({ edge: 'inbox', fromId: shop, toId })));
    assert.equal(found, [false, true, true, true, true, true]);
    await sleep(10);
  }
});

test.run();
