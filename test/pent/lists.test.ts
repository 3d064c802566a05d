/** Lists of Pents by async methods and in plans: both ways, within bounds, full in spite of hidden entries, refused where they make no sense. */
import { parse } from 'graphql';
import { createEngine, makeSchema } from 'planql';
import { createKvetch, defineKvetchSchema, type Kvetch } from 'planql/kvetch';
import {
  allowIf,
  definePents,
  denyAll,
  Pent,
  PentContext,
  type PentDefinition,
  type Policy,
  pent,
  pentEdge,
  readEdge,
  readEdgeList,
  readHasEdge,
  readIndexed,
} from 'planql/pent';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PentPage } from '../../src/pent/contract.ts';
import { objectsOf } from '../../src/pent/ofType.ts';
import { fewBackends } from '../kvetch/backends.ts';
import { needs } from '../support/needs.ts';

const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Shop', fields: { name: 'string' } },
    { typeId: 2, name: 'Thing', fields: { shop: 'uuid', price: 'int', kind: 'string', owner: 'string', cost: 'int' } },
  ],
  edges: [
    { edgeId: 1, name: 'by_price', from: 'Shop', storedOn: 'Thing', storedIdAttr: 'shop', orderBy: ['price'] },
    { edgeId: 2, name: 'arrived', from: 'Shop', storedOn: 'Thing', storedIdAttr: 'shop' },
    { edgeId: 3, name: 'liked', from: 'Shop', to: 'Thing' },
    { edgeId: 4, name: 'by_cost', from: 'Shop', storedOn: 'Thing', storedIdAttr: 'shop', orderBy: ['cost'] },
  ],
  indexes: [{ name: 'kinds', type: 'Thing', attrs: ['kind'], orderBy: ['-price'] }],
});

class Shop extends Pent {
  static override readonly definition: PentDefinition = { name: 'Shop', typeId: 1, public: true };
}

class Thing extends Pent {
  static override readonly definition: PentDefinition = { name: 'Thing', typeId: 2 };
  static override readonly privacy: Policy<Thing, string> = {
    read: [allowIf('own, or of all', ({ owner }, { viewer }) => owner === viewer || owner === 'all'), denyAll],
    fields: { cost: [allowIf('own', ({ owner }, { viewer }) => owner === viewer), denyAll] },
  };

  get owner(): unknown {
    return this.$record.owner;
  }

  get price(): number {
    return Number(this.$record.price);
  }
}

const model = definePents({ schema, pents: [Shop, Thing], byDefault: 'deny' });
const prices = (page: PentPage<Thing>): readonly number[] => objectsOf(page).map(({ price }) => price);
const codeOf = (reading: Promise<unknown>): Promise<unknown> =>
  reading.then(
    () => 'nothing',
    (error: { readonly code?: string; readonly extensions?: { readonly code?: string } }) =>
      error.extensions?.code ?? error.code,
  );

for (const backend of fewBackends) {
  const test = needs(suite(`lists of Pents, ${backend.name}`), ...backend.servers);
  let kvetch: Kvetch;
  let shopId = '';
  let things: readonly string[] = [];
  const contextOf = (viewer: string) => new PentContext({ kvetch, model, viewer });
  const shopOf = (viewer: string) => Shop.getX(contextOf(viewer), shopId);

  test.before(async () => {
    kvetch = createKvetch({ schema, ...backend.open() });
    shopId = await kvetch.createObject('Shop', { name: 'Corner' });
    // Prices 0, 10, ... 390, in another order; two of three are Ada's, the others Ben's.
    const ids = await kvetch.createObjects(
      'Thing',
      Array.from({ length: 40 }, (_, n) => {
        const price = ((n * 7) % 40) * 10;
        return { data: { shop: shopId, price, kind: 'a', owner: n % 3 === 0 ? 'ben' : 'ada', cost: price } };
      }),
    );
    things = ids.filter((id) => typeof id === 'string');
    for (const toId of things.slice(0, 4)) await kvetch.insertEdge('liked', { fromId: shopId, toId });
  });
  test.after(() => kvetch.close());

  /** Ada's prices, in order. */
  const wanted = Array.from({ length: 40 }, (_, n) => ({
    price: ((n * 7) % 40) * 10,
    owner: n % 3 === 0 ? 'ben' : 'ada',
  }))
    .filter(({ owner }) => owner === 'ada')
    .map(({ price }) => price)
    .sort((a, b) => a - b);

  test('pages are full, in order, from both ends', async () => {
    const shop = await shopOf('ada');
    assert.equal(prices(await readEdge<Thing>(shop, 'by_price', { first: 10 })), wanted.slice(0, 10));
    assert.equal(prices(await readEdge<Thing>(shop, 'by_price', { last: 10 })), wanted.slice(-10));
    assert.equal(
      prices(await readEdge<Thing>(shop, 'by_price', { first: 10, reverse: true })),
      wanted.toReversed().slice(0, 10),
    );
    assert.equal(
      prices(await readIndexed(contextOf('ada'), Thing, 'kinds', 'a', { last: 9 })),
      wanted.slice(0, 9).reverse(),
    );
  });

  test('pages follow each other in both directions, within bounds', async () => {
    const shop = await shopOf('ada');
    const range = { price: { from: 50, to: 300 } };
    const within = wanted.filter((price) => price >= 50 && price <= 300);
    for (const reverse of [false, true]) {
      const found: number[] = [];
      let after: string | null = null;
      for (let page = 0; page < 20; page++) {
        const read: PentPage<Thing> = await readEdge<Thing>(
          shop,
          'by_price',
          { first: 4, after, range, reverse },
          true,
        );
        found.push(...prices(read));
        after = read.endCursor;
        if (!read.hasNextPage) break;
      }
      assert.equal(found, reverse ? within.toReversed() : within);
    }
    const index = await Thing.allFromIndex(contextOf('ada'), 'kinds', 'a', { range });
    assert.equal(
      index.map(({ price }) => price),
      within.toReversed(),
    );
  });

  test('an entry shows nothing of a field that is hidden, and no list is in its order', async () => {
    const shop = await shopOf('carl');
    await kvetch.createObject('Thing', { shop: shopId, price: 5, kind: 'b', owner: 'all', cost: 77 });
    assert.equal(prices(await readEdge<Thing>(shop, 'by_price')), [5]);
    assert.equal(prices(await readEdge<Thing>(shop, 'by_cost', { range: { cost: 77 } })), []);
    assert.equal(prices(await readEdge<Thing>(shop, 'by_cost', { last: 5 })), []);
  });

  test('whether an edge is there is told of readable objects alone', async () => {
    const shop = await shopOf('ada');
    const [hidden = '', own = '', other = ''] = [things[0], things[1], things[10]];
    assert.is(await readHasEdge(shop, 'liked', 'from', own), true);
    assert.is(await readHasEdge(shop, 'liked', 'from', other), false);
    assert.is(await readHasEdge(shop, 'liked', 'from', hidden), false);
    assert.is(await codeOf(readHasEdge(shop, 'liked', 'from', null)), 'BAD_VIEWER_ID');
  });

  test('what makes no sense is refused', async () => {
    const shop = await shopOf('ada');
    const { endCursor: after } = await readEdge<Thing>(shop, 'by_price', { first: 2 });
    assert.is(await codeOf(readEdgeList(shop, 'arrived', { after })), 'BAD_CURSOR');
    assert.is(await codeOf(readIndexed(contextOf('ada'), Thing, 'kinds', 'a', { after })), 'BAD_CURSOR');
    assert.is(await codeOf(readEdgeList(shop, 'by_price', { first: 1, last: 1 })), 'BAD_PAGE');
    assert.is(await codeOf(readEdgeList(shop, 'by_price', { last: -1 })), 'BAD_PAGE');
    assert.is(await codeOf(readEdgeList(shop, 'arrived', { range: { price: 1 } })), 'BAD_PAGE');
    assert.is(await codeOf(readEdgeList(shop, 'by_price', { range: { owner: 'ben' } })), 'BAD_PAGE');
  });

  test.run();
}

const planned = suite('lists of Pents in plans');
planned('a list costs what it may hold: 100 where its plan asks for no number', async () => {
  const typeDefs = `
    type Query { shop(id: ID!): Shop }
    type Shop { things(first: Int): [Thing!]! }
    type Thing { price: Int }
  `;
  const engine = createEngine({
    schema: makeSchema({
      typeDefs,
      objects: {
        Query: { plans: { shop: (_$root, { $id }) => pent(Shop, $id) } },
        Shop: { plans: { things: ($shop, { $first }) => pentEdge(Thing, 'by_price', $shop, { $first }) } },
      },
    }),
  });
  const rowsOf = async (page: string): Promise<number> =>
    (await engine.cost({ document: parse(`{ shop(id: "1") { things${page} { price } } }`) })).rows;
  assert.is(await rowsOf(''), 100);
  assert.is(await rowsOf('(first: 7)'), 7);
  assert.is(await rowsOf('(first: 5000)'), 1000);
});
planned.run();
