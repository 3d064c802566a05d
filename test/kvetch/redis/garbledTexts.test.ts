import fc from 'fast-check';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from '../../../src/kvetch.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { needs } from '../../support/needs.ts';
import { redisForTests, sleep } from '../../support/redisServer.ts';
import { endAll, endings, shared } from './world.ts';

/** A text that cannot be read counts as absent (spec 9.3). */
const redis = await redisForTests();
const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Shop' },
    { typeId: 2, name: 'Listing', fields: { shop: 'uuid', price: 'int', at: 'date' } },
  ],
  edges: [
    { edgeId: 10, name: 'priced', from: 'Shop', storedOn: 'Listing', storedIdAttr: 'shop', orderBy: ['price'] },
    { edgeId: 20, name: 'inbox', from: 'Shop', to: 'Listing', fields: { at: 'int' }, orderBy: ['-at'] },
    { edgeId: 21, name: 'seen', from: 'Shop', to: 'Listing' },
  ],
  indexes: [{ name: 'of_shop', type: 'Listing', attr: 'shop', kind: 'uuid' }],
});

const test = needs(suite('redis: garbled texts'), redis);
test.after.each(endAll);

test('a cut text of any kind of entry is a miss, and no changed character makes a read fail', async () => {
  const shards = memoryShards(1);
  const options = shared();
  const cache = redisCache({ timeoutMs: 2000, ...options });
  const client = new Redis(redis.url);
  endings.push(
    () => shards[0]?.close(),
    () => cache.close(),
    () => client.quit(),
  );
  await cache.ready();
  const [truth, store] = [createKvetch({ schema, shards }), createKvetch({ schema, shards, cache })];
  const shop = await truth.createObject('Shop', { name: 'Älg "x"' });
  const ids: string[] = [];
  for (let price = 0; price < 3; price++) {
    const toId = await truth.createObject('Listing', { shop, price, at: new Date(price) });
    ids.push(toId);
    await truth.insertEdge('inbox', { fromId: shop, toId, data: { at: price } });
    await truth.insertEdge('seen', { fromId: shop, toId, data: { when: new Date(price), by: { name: 'me' } } });
  }
  const look = (from: Kvetch): Promise<readonly unknown[]> =>
    Promise.all([
      from.getObjects([shop, ...ids]),
      from.countEdges('priced', shop),
      ...['priced', 'inbox', 'seen'].flatMap((edge) =>
        [false, true].map((reverse) => from.getEdgeLists([{ edge, fromId: shop, first: 5, reverse }])),
      ),
      ...[false, true].map((reverse) => from.queryIndex('of_shop', shop, { first: 5, reverse })),
    ]);
  const wanted = await look(truth);
  const texts = new Map<string, string>();
  const note = async (): Promise<void> => {
    for (const key of await client.keys(`${options.prefix}*}:[oercxy]:*`))
      texts.set(key, (await client.get(key)) ?? '');
  };
  for (let turn = 0; turn < 20 && texts.size < 13; turn++) {
    assert.equal(await look(store), wanted);
    await sleep(10); // nobody waits for a fill
    await note();
  }
  assert.is(texts.size, 13, 'four objects, six lists, a count, an index value from both ends');
  const change = fc.record({ at: fc.nat(), to: fc.option(fc.string({ minLength: 1, maxLength: 1 })) });
  await fc.assert(
    fc.asyncProperty(fc.nat(), change, async (n, { at, to }) => {
      const [key, text] = [...texts][n % texts.size] as [string, string];
      const place = at % text.length;
      await client.set(key, text.slice(0, place) + (to === null ? '' : to + text.slice(place + 1)));
      const answers = await look(store);
      if (to === null) {
        assert.equal(answers, wanted, key);
        for (let turn = 0; turn < 500 && (await client.get(key)) !== text; turn++) await sleep(2);
        assert.is(await client.get(key), text, 'it is filled anew');
        return;
      }
      await client.set(key, text);
      const failed = answers.flat().filter((entry) => entry instanceof Error);
      const named = JSON.stringify(answers).match(/(?<="(?:id|toId)":").*?(?=")/g) ?? [];
      const noIds = named.filter((id) => !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id));
      assert.equal([...failed, ...noIds], []);
    }),
    { numRuns: 1500, endOnFailure: true },
  );
  assert.equal(await look(store), wanted);
});

test.run();
