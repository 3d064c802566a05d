import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { constant, createEngine, exportPlan, get, importPlan, makeSchema, object } from '../../../src/index.ts';
import {
  createKvetch,
  defineKvetchSchema,
  kvetchBrowseConnection,
  kvetchConnection,
  kvetchIndexConnection,
  kvetchSteps,
  loadIndex,
  loadObject,
  memoryShards,
} from '../../../src/kvetch.ts';
import { wrapStore } from '../../kvetch/backends.ts';

/** Ordered lists through load steps and connections: both ways, within bounds, counted (spec 6.4.4, 10.5). */
const store = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Shop', fields: { name: 'string' } },
    { typeId: 2, name: 'Listing', fields: { shop: 'uuid', category: 'string', status: 'string', price: 'int' } },
  ],
  edges: [
    {
      edgeId: 10,
      name: 'open',
      from: 'Shop',
      storedOn: 'Listing',
      storedIdAttr: 'shop',
      where: { status: 'OPEN' },
      orderBy: ['-price'],
    },
    { edgeId: 20, name: 'favourites', from: 'Shop', to: 'Listing', fields: { at: 'date' }, orderBy: ['-at'] },
  ],
  indexes: [
    { name: 'shelf', type: 'Listing', attrs: ['category', 'status'], orderBy: ['price'] },
    { name: 'by_category', type: 'Listing', attr: 'category', kind: 'string' },
    { name: 'everything', type: 'Listing', attrs: [], orderBy: ['price'], parts: 3 },
  ],
});
const { loadEdges, loadObjects, loadIndexObjects, countEdges, countIndex, hasEdge, sumEdges, sumIndex } =
  kvetchSteps(store);

const page = '(first: Int, after: String, last: Int, before: String, reverse: Boolean, price: Prices)';
const typeDefs = /* GraphQL */ `
  input Prices { from: Int to: Int }
  type Query {
    shop(id: ID!): Shop
    shelf${page}: Listings
    category${page}: Listings
    all${page}: Listings
    everything${page}: Listings
    list${page}: [Listing!]!
    count(price: Prices): Int
    sum(price: Prices): Int
  }
  type Shop { id: ID! open${page}: Listings list${page}: [Listing!]! some: Int count(price: Prices): Int sum(price: Prices): Int }
  type Listings { nodes: [Listing] edges: [Edge] pageInfo: Info totalCount: Int }
  type Edge { cursor: String node: Listing }
  type Listing { id: ID! price: Int isFavourite(of: ID!): Boolean }
  type Info { hasNextPage: Boolean hasPreviousPage: Boolean startCursor: String endCursor: String }
`;
const books = () => object({ category: constant('books'), status: constant('OPEN') });
const schema = makeSchema({
  typeDefs,
  objects: {
    Query: {
      plans: {
        shop: (_$root, { $id }) => loadObject($id),
        shelf: (_$root, args) => kvetchIndexConnection('shelf', books(), args, { range: { price: args.$price } }),
        category: (_$root, args) => kvetchIndexConnection('by_category', constant('books'), args),
        all: (_$root, args) => kvetchBrowseConnection('Listing', args),
        everything: (_$root, args) => kvetchIndexConnection('everything', object({}), args),
        list: (_$root, { $price, $first, $after, $last, $before, $reverse }) =>
          loadObjects(
            loadIndex('shelf', books(), {
              $first,
              $after,
              $last,
              $before,
              $reverse,
              range: { price: $price },
            }) as never,
          ),
        sum: (_$root, { $price }) => sumIndex('shelf', books(), 'price', { range: { price: $price } }),
        count: (_$root, { $price }) => countIndex('shelf', books(), { range: { price: $price } }),
      },
    },
    Shop: {
      plans: {
        open: ($shop, args) => kvetchConnection('open', get($shop, 'id'), args, { range: { price: args.$price } }),
        list: ($shop, args) =>
          loadObjects(loadEdges('open', get($shop, 'id'), { $first: args.$first, range: { price: args.$price } })),
        sum: ($shop, { $price }) => sumEdges('open', get($shop, 'id'), 'price', { range: { price: $price } }),
        some: ($shop) => countEdges('open', get($shop, 'id'), { upTo: 3 }),
        count: ($shop, { $price }) => countEdges('open', get($shop, 'id'), { range: { price: $price } }),
      },
    },
    Listing: { plans: { isFavourite: ($listing, { $of }) => hasEdge('favourites', $of, get($listing, 'id')) } },
  },
});

async function fixture(limits = {}) {
  const calls: string[] = [];
  const shards = memoryShards(2).map((one) =>
    wrapStore(one, (method, run) => {
      calls.push(method);
      return run();
    }),
  );
  const kvetch = createKvetch({ shards, schema: store, limits });
  const shop = await kvetch.createObject('Shop', { name: 'a' });
  const ids: string[] = [];
  for (let price = 1; price <= 7; price++) {
    ids.push(await kvetch.createObject('Listing', { shop, category: 'books', status: 'OPEN', price }));
  }
  await kvetch.createObject('Listing', { shop, category: 'books', status: 'SOLD', price: 4 });
  await kvetch.insertEdge('favourites', { fromId: shop, toId: ids[2] as string, data: { at: new Date(5) } });
  calls.length = 0;
  const run = async (text: string, variables: object = {}, isExported = false) => {
    const engine = createEngine({ schema });
    const prepared = engine.prepare(
      parse(`query ($id: ID! = "${shop}", $after: String, $before: String, $price: Prices) { ${text} }`),
    );
    const used = isExported ? importPlan(schema, JSON.parse(JSON.stringify(exportPlan(prepared)))) : prepared;
    const result = await used.execute({ variableValues: variables as never, contextValue: { kvetch } });
    return result as unknown as {
      data: Data;
      errors?: ReadonlyArray<{ message: string; extensions: { code?: string } }>;
    };
  };
  return { kvetch, shop, ids, calls, run };
}

const test = suite('kvetch lists in plans');

interface Connection {
  readonly nodes: ReadonlyArray<{ readonly id: string; readonly price: number; readonly isFavourite: boolean }>;
  readonly edges: ReadonlyArray<{ readonly cursor: string; readonly node: { readonly price: number } }>;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string;
    readonly endCursor: string;
  };
  readonly totalCount: number;
}

type Connections = Readonly<Record<'shelf' | 'category' | 'all' | 'everything', Connection>>;
interface Data extends Connections {
  readonly list: readonly object[];
  readonly count: number;
  readonly sum: number;
  readonly shop: {
    readonly open: Connection;
    readonly list: readonly object[];
    readonly count: number;
    readonly sum: number;
    readonly some: number;
  };
}

const connections = [
  { field: 'shelf', of: (data: Data) => data.shelf, prices: [1, 2, 3, 4, 5, 6, 7] },
  { field: 'category', of: (data: Data) => data.category, prices: [1, 2, 3, 4, 5, 6, 7, 4] },
  { field: 'all', of: (data: Data) => data.all, prices: [1, 2, 3, 4, 5, 6, 7, 4] },
  { field: 'everything', of: (data: Data) => data.everything, prices: [1, 2, 3, 4, 4, 5, 6, 7] },
  { field: 'open', of: (data: Data) => data.shop.open, prices: [7, 6, 5, 4, 3, 2, 1] },
];

for (const { field, of, prices } of connections) {
  test(`${field}: a connection pages both ways [10.5.8]`, async () => {
    const { run } = await fixture();
    const isShop = field === 'open';
    const ask = async (window: string, variables: object = {}) => {
      const selected = `${field}(${window}) { edges { cursor node { price } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`;
      const { data, errors } = await run(isShop ? `shop(id: $id) { ${selected} }` : selected, variables);
      assert.is(errors, undefined, JSON.stringify(errors));
      const { edges, pageInfo } = of(data);
      return {
        prices: edges.map((edge) => edge.node.price),
        cursors: edges.map((edge) => edge.cursor),
        pageInfo,
      };
    };
    for (const reverse of [false, true]) {
      const wanted = reverse ? prices.toReversed() : prices;
      const turn = `reverse: ${reverse}`;
      const forward: number[] = [];
      for (let after: string | null = null; ; ) {
        const found = await ask(`${turn}, first: 3, after: $after`, { after });
        forward.push(...found.prices);
        assert.is(found.pageInfo.hasPreviousPage, after !== null);
        if (!found.pageInfo.hasNextPage) break;
        after = found.pageInfo.endCursor;
      }
      assert.equal(forward, wanted);
      const backward: number[] = [];
      for (let before: string | null = null; ; ) {
        const found = await ask(`${turn}, last: 3, before: $before`, { before });
        backward.unshift(...found.prices);
        if (!found.pageInfo.hasPreviousPage) break;
        before = found.pageInfo.startCursor;
      }
      assert.equal(backward, wanted);
      const whole = await ask(`${turn}, first: 100`);
      const between = await ask(`${turn}, first: 10, after: $after, before: $before`, {
        after: whole.cursors[0],
        before: whole.cursors[4],
      });
      assert.equal([between.prices, between.pageInfo.hasNextPage], [wanted.slice(1, 4), true]);
    }
  });
}

test('bounds come from arguments, null is none, and totalCount knows them', async () => {
  const { run } = await fixture();
  const text = `shelf(price: $price, last: 2) { nodes { price } edges { cursor } totalCount }
    list(price: $price, last: 2) { price } count(price: $price) sum(price: $price)
    shop(id: $id) { open(price: $price, first: 2) { nodes { price } totalCount } list(price: $price, first: 2) { price } count(price: $price) sum(price: $price) some }`;
  for (const isExported of [false, true]) {
    const { data } = await run(text, { price: { from: 2, to: 5 } }, isExported);
    assert.equal(
      [data.shelf.nodes, data.shelf.totalCount, data.list, data.count, data.sum],
      [[{ price: 4 }, { price: 5 }], 4, [{ price: 4 }, { price: 5 }], 4, 14],
    );
    const { open, list, count, some, sum } = data.shop;
    assert.equal(
      [open.nodes, open.totalCount, list, count, some, sum],
      [[{ price: 5 }, { price: 4 }], 4, [{ price: 5 }, { price: 4 }], 4, 3, 14],
    );
    const all = await run(text, { price: null }, isExported);
    assert.equal([all.data.shelf.totalCount, all.data.count, all.data.shop.open.totalCount], [7, 7, 7]);
    assert.equal(all.data.list, [{ price: 6 }, { price: 7 }]);
  }
});

test('cursors of another list are refused, those of entries of ordered lists too', async () => {
  const { run } = await fixture();
  const { data } = await run('shelf(first: 1) { edges { cursor } } category(first: 1) { edges { cursor } }');
  for (const after of [
    data.category.edges[0]?.cursor,
    data.shelf.edges[0]?.cursor.replace(/.$/, (end: string) => (end === 'A' ? 'B' : 'A')),
    'x',
  ]) {
    const { errors } = await run('shelf(after: $after) { nodes { id } }', { after });
    assert.equal(
      errors?.map(({ extensions }) => extensions.code),
      ['BAD_CURSOR'],
      after,
    );
  }
  const { errors } = await run('category(after: $after) { nodes { id } }', { after: data.shelf.edges[0]?.cursor });
  assert.equal(
    errors?.map(({ extensions }) => extensions.code),
    ['BAD_CURSOR'],
  );
});

test('whether each of a page is a favourite is one call', async () => {
  const { run, calls, shop, ids } = await fixture();
  const { data } = await run(`shelf(first: 20) { nodes { id isFavourite(of: "${shop}") } }`);
  assert.equal(
    data.shelf.nodes.map(({ isFavourite }: { isFavourite: boolean }) => isFavourite),
    ids.map((_, at) => at === 2),
  );
  assert.is(calls.filter((method) => method === 'readEdges').length, 1);
});

test('bounds that no order gives are refused when the plan is made, with the definition to add', async () => {
  const wrong = makeSchema({
    typeDefs: 'type Query { a(of: Int): [ID] }',
    objects: {
      Query: {
        plans: {
          a: (_$root, { $of }) =>
            get(loadIndexObjects('shelf', books(), { range: { title: $of } as never }), 'objects'),
        },
      },
    },
  });
  const { errors } = await createEngine({ schema: wrong }).execute({ document: parse('{ a }') });
  assert.match(
    String(errors?.[0]?.message),
    /is ordered by price, and is asked for bounds of title. Declare .* orderBy: \["title"\]/,
  );
});

test('a sum that is no Int, or of too many values, is the error of its field alone', async () => {
  const { kvetch, run, shop } = await fixture({ maxSummed: 8 });
  const ask = async () => {
    const { data, errors } = await run('sum shop(id: $id) { sum id }');
    return [data.sum, data.shop?.sum, errors?.map(({ message, extensions }) => [message, extensions?.code])];
  };
  const big = await kvetch.createObject('Listing', { shop, category: 'books', status: 'OPEN', price: 2 ** 31 - 1 });
  const no32 = [`Int cannot represent non 32-bit signed integer value: ${2 ** 31 - 1 + 28}`, undefined];
  assert.equal(await ask(), [null, null, [no32, no32]]);
  await kvetch.updateObject(big, { price: 8 });
  assert.equal(await ask(), [36, 36, undefined]);
  await kvetch.createObject('Listing', { shop, category: 'other', status: 'OPEN', price: 9 });
  const refused = 'The sum of "price" is refused: the list has more than 8 different values.';
  assert.equal(await ask(), [36, null, [[refused, 'BAD_PAGE']]]);
});

test.run();
