/** How many objects a connection reads. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, memoryShards } from '../../src/kvetch.ts';
import { allowIf, definePents, denyAll, Pent, PentContext, type Policy, pent, pentConnection } from '../../src/pent.ts';

const test = suite('connections of pents: reads');

const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Shop' },
    { typeId: 2, name: 'Thing' },
  ],
  edges: [{ edgeId: 1, name: 'things', from: 'Shop', storedOn: 'Thing', storedIdAttr: 'shop' }],
});

class Shop extends Pent {
  static override readonly definition = { name: 'Shop', typeId: 1, public: true } as const;
}

class Thing extends Pent {
  static override readonly definition = { name: 'Thing', typeId: 2 };
  static override readonly privacy: Policy<Thing> = {
    read: [allowIf('shown', ({ $record }) => $record.isShown === true), denyAll],
  };
}

const model = definePents({ schema, pents: [Shop, Thing], byDefault: 'deny' });
const engine = createEngine({
  schema: makeSchema({
    typeDefs: `
      type Query { shop(id: ID!): Shop }
      type Shop { things(first: Int, last: Int): Things! }
      type Things { nodes: [Thing!]! edges: [Entry!]! pageInfo: PageInfo! }
      type Entry { cursor: String! node: Thing! }
      type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! endCursor: String }
      type Thing { id: ID! }
    `,
    objects: {
      Query: { plans: { shop: (_$root, { $id }) => pent(Shop, $id) } },
      Shop: {
        plans: {
          things: ($shop, { $first, $last }) => pentConnection(Thing, 'things', $shop, { $first, $last }),
        },
      },
    },
  }),
});

interface Seen {
  readonly nodes?: ReadonlyArray<{ readonly id: string }>;
  readonly pageInfo?: object;
}

/** What a shop of things answers, and how many keys are read for it. */
async function reads(shown: readonly boolean[], things: string): Promise<{ readonly seen: Seen; keys: number }> {
  const kvetch = createKvetch({ schema, shards: memoryShards(2) });
  const shop = await kvetch.createObject('Shop', {});
  for (const isShown of shown) await kvetch.createObject('Thing', { shop, isShown });
  kvetch.stats.reset();
  const contextValue = { pent: new PentContext({ kvetch, model, viewer: null }) };
  const document = parse(`query ($id: ID!) { shop(id: $id) { ${things} } }`);
  const result = await engine.execute({ document, variableValues: { id: shop }, contextValue });
  const { data } = result as unknown as { readonly data: { readonly shop: { readonly things: Seen } } };
  return { seen: data.shop.things, keys: kvetch.stats.keys };
}

const all = [true, true, true, true, true];
/** The shop, and its list. */
const AROUND = 2;

test('as many as are shown, where nobody asks whether one follows', async () => {
  assert.is((await reads(all, 'things(first: 2) { nodes { id } }')).keys, AROUND + 2);
  assert.is((await reads(all, 'things(last: 2) { edges { node { id } } }')).keys, AROUND + 2);
  assert.is((await reads(all, 'things(first: 2) { nodes { id } pageInfo { endCursor } }')).keys, AROUND + 2);
});

test('one more, where somebody asks; readable ones alone count', async () => {
  const next = 'things(first: 2) { nodes { id } pageInfo { hasNextPage hasPreviousPage } }';
  const before = 'things(last: 2) { nodes { id } pageInfo { hasPreviousPage hasNextPage } }';
  const full = await reads(all, next);
  assert.equal([full.keys, full.seen.pageInfo], [AROUND + 3, { hasNextPage: true, hasPreviousPage: false }]);
  const fromEnd = await reads(all, before);
  assert.equal([fromEnd.keys, fromEnd.seen.pageInfo], [AROUND + 3, { hasPreviousPage: true, hasNextPage: false }]);
  const ends = await reads([true, true, false, false, false], next);
  assert.equal(ends.seen.pageInfo, { hasNextPage: false, hasPreviousPage: false });
  const one = await reads(all, 'things(first: 2) { nodes { id } pageInfo { hasPreviousPage } }');
  assert.equal([one.keys, one.seen.pageInfo], [AROUND + 3, { hasPreviousPage: false }]);
});

test('the same list under two names is one read; that which asks whether one follows is told', async () => {
  const both = await reads(
    all,
    'things(first: 2) { nodes { id } } again: things(first: 2) { pageInfo { hasNextPage } }',
  );
  assert.is(both.keys, AROUND + 3);
  assert.is(both.seen.nodes?.length, 2);
});

test('pages are full where objects are hidden, whether one follows or not', async () => {
  const { seen } = await reads([true, false, false, true, true], 'things(first: 2) { nodes { id } }');
  assert.is(seen.nodes?.length, 2);
});

test.run();
