/** Lists that a rule allows by the values which their objects have in common: the store counts them. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from '../../src/kvetch.ts';
import type { CountedList } from '../../src/pent/reads/countedLists.ts';
import { countReadable } from '../../src/pent/reads/countReadable.ts';
import {
  allowIf,
  allowWhere,
  definePents,
  denyAll,
  denyIf,
  Pent,
  PentContext,
  type Policy,
  type Rule,
} from '../../src/pent.ts';

const test = suite('lists that are readable as a whole');

const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Shop' },
    {
      typeId: 2,
      name: 'Item',
      fields: {
        shop: 'uuid',
        shelf: 'string',
        status: 'string',
        open: 'bool',
        rank: 'int',
        weight: 'float',
        seller: 'string',
      },
    },
  ],
  edges: [
    { edgeId: 1, name: 'items', from: 'Shop', storedOn: 'Item', storedIdAttr: 'shop' },
    {
      edgeId: 2,
      name: 'open_items',
      from: 'Shop',
      storedOn: 'Item',
      storedIdAttr: 'shop',
      where: { status: ['OPEN'] },
    },
    {
      edgeId: 3,
      name: 'shown',
      from: 'Shop',
      storedOn: 'Item',
      storedIdAttr: 'shop',
      where: { status: ['OPEN', 'SOLD'] },
    },
    { edgeId: 5, name: 'ranked', from: 'Shop', storedOn: 'Item', storedIdAttr: 'shop', orderBy: ['-rank'] },
    { edgeId: 6, name: 'weighed', from: 'Shop', storedOn: 'Item', storedIdAttr: 'shop', orderBy: ['weight'] },
    { edgeId: 4, name: 'unranked', from: 'Shop', storedOn: 'Item', storedIdAttr: 'shop', where: { rank: null } },
  ],
  indexes: [
    { name: 'shelf', type: 'Item', attrs: ['shelf', 'status'], orderBy: ['rank'] },
    { name: 'by_status', type: 'Item', attrs: ['status'], orderBy: ['rank'] },
    { name: 'feed', type: 'Item', attrs: [], where: { status: 'OPEN' } },
    { name: 'by_seller', type: 'Item', attrs: ['seller'], orderBy: ['rank'] },
    { name: 'item_seller', type: 'Item', attr: 'seller', kind: 'string' },
  ],
});

const own = allowIf('own', ({ $record }: Item, { viewer }) => $record.seller === viewer);

class Item extends Pent {
  static override readonly definition = { name: 'Item', typeId: 2, storedIds: { shop: ['Shop'] } };
}
class Shop extends Pent {
  static override readonly definition = { name: 'Shop', typeId: 1 };
}

/** A viewer with these rules. */
function viewerWith(kvetch: Kvetch, read: readonly Rule[], fields: Policy['fields'] = {}): PentContext {
  class Ruled extends Item {
    static override readonly privacy: Policy = { read, fields };
  }
  const model = definePents({ schema, pents: [Shop, Ruled], byDefault: 'allow' });
  return new PentContext({ kvetch, model, viewer: 'ann' });
}

let kvetch: Kvetch;
let shop: string;

test.before(async () => {
  kvetch = createKvetch({ schema, shards: memoryShards(2) });
  shop = await kvetch.createObject('Shop', {});
  for (let n = 0; n < 60; n++) {
    const status = ['OPEN', 'OPEN', 'SOLD', 'DRAFT'][n % 4];
    const rank = n % 3 === 0 ? null : n;
    await kvetch.createObject('Item', {
      shop,
      shelf: `s${n % 2}`,
      status,
      rank,
      weight: (n % 7) / 10,
      seller: n % 8 === 3 ? 'ann' : 'ben',
    });
  }
});
test.after(() => kvetch.close());

const edge = (name: string): CountedList => ({ kind: 'edge', name, of: shop });
const index = (name: string, of: unknown): CountedList => ({ kind: 'index', name, of });

/** What a list counts for a viewer, and whether its objects were read. */
async function counted(context: PentContext, list: CountedList): Promise<readonly [unknown, 'read' | 'kept']> {
  kvetch.stats.reset();
  const [count] = await countReadable(context, [list]);
  return [count, kvetch.stats.keysAsked > 8 ? 'read' : 'kept'];
}

test('a list whose condition is that of the rule is counted by the store', async () => {
  const viewer = viewerWith(kvetch, [allowWhere({ status: 'OPEN' }), own, denyAll]);
  assert.equal(await counted(viewer, edge('open_items')), [30, 'kept']);
  assert.equal(await counted(viewer, index('feed', {})), [30, 'kept']);
  assert.equal(await counted(viewer, index('shelf', { shelf: 's0', status: 'OPEN' })), [15, 'kept']);
  assert.equal(await counted(viewer, index('by_status', 'OPEN')), [30, 'kept']);
  assert.equal(await counted(viewer, index('by_status', { status: 'OPEN' })), [30, 'kept']);
});

test('any other list is read', async () => {
  const viewer = viewerWith(kvetch, [allowWhere({ status: 'OPEN' }), own, denyAll]);
  assert.equal(await counted(viewer, edge('items')), [38, 'read']);
  assert.equal(await counted(viewer, edge('shown')), [30, 'read']);
  assert.equal(await counted(viewer, index('by_status', 'DRAFT')), [8, 'read']);
  assert.equal(await counted(viewer, index('by_seller', 'ben')), [30, 'read']);
});

test('[10.5.10] entries of a plain index, which the store does not count, are read: also where all may read them', async () => {
  for (const rules of [[], [allowWhere({ seller: 'ben' })], [own, denyAll]]) {
    const viewer = viewerWith(kvetch, rules);
    const isAnn = rules.length === 2;
    assert.equal(await counted(viewer, index('item_seller', isAnn ? 'ann' : 'ben')), [isAnn ? 8 : 52, 'read']);
  }
});

test('one of several values, none, and rules that allow more before it', async () => {
  const several = viewerWith(kvetch, [own, allowWhere({ status: ['SOLD', 'OPEN'] }), denyAll]);
  assert.equal(await counted(several, edge('shown')), [45, 'kept']);
  assert.equal(await counted(several, edge('open_items')), [30, 'kept']);
  const unranked = viewerWith(kvetch, [allowWhere({ rank: null }), denyAll]);
  assert.equal(await counted(unranked, edge('unranked')), [20, 'kept']);
  assert.equal(await counted(unranked, edge('open_items')), [10, 'read']);
  const both = viewerWith(kvetch, [allowWhere({ status: 'OPEN', shelf: 's0' }), denyAll]);
  assert.equal(await counted(both, index('shelf', { shelf: 's0', status: 'OPEN' })), [15, 'kept']);
  assert.equal(await counted(both, edge('open_items')), [15, 'read']);
});

test('a rule before it that may deny, and a rule for a field that the list tells of, are asked about each object', async () => {
  const denied = viewerWith(kvetch, [
    denyIf('ann', ({ $record }) => $record.seller === 'ann'),
    allowWhere({ status: 'OPEN' }),
    denyAll,
  ]);
  assert.equal(await counted(denied, edge('open_items')), [30, 'read']);
  const hidden = viewerWith(kvetch, [allowWhere({ status: 'OPEN' }), denyAll], { status: [own, denyAll] });
  assert.equal((await counted(hidden, index('feed', {})))[0], 0);
});

test('values that are equal to an index and not to the rule make no list readable', async () => {
  const viewer = viewerWith(kvetch, [allowWhere({ shop: shop.toUpperCase() }), denyAll]);
  assert.equal((await counted(viewer, edge('items')))[0], 0);
});

/** Fractions that are added in another order differ in their last digits. */
function rounded(value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1e9) / 1e9 : value;
}

test('sums and averages are those of the readable objects, added up by the store or here', async () => {
  const sum = async (context: PentContext, list: CountedList, attr: string): Promise<readonly unknown[]> => {
    const of = (isAverage: boolean): CountedList => ({ ...list, sum: attr, isAverage });
    return countReadable(context, [of(false), null, of(true)]);
  };
  const all = await kvetch.getObjects(
    (await kvetch.getEdges('items', shop, { first: 100 })).edges.map(({ toId }) => toId),
  );
  const by = (of: string, isShown: (seller: unknown) => boolean): readonly unknown[] => {
    const shown = all.flatMap((item) =>
      item !== null && !(item instanceof Error) && isShown(item.seller) ? [item[of]] : [],
    );
    const total = shown.reduce<number>((sum, value) => sum + (typeof value === 'number' ? value : 0), 0);
    return [total, null, total / shown.length].map(rounded);
  };
  const open = viewerWith(kvetch, []);
  const ruled = viewerWith(kvetch, [own, denyAll]);
  for (const [attr, name] of [
    ['rank', 'ranked'],
    ['weight', 'weighed'],
  ] as const) {
    assert.equal(
      (await sum(open, edge(name), attr)).map(rounded),
      by(attr, () => true),
      attr,
    );
    assert.equal(
      (await sum(ruled, edge(name), attr)).map(rounded),
      by(attr, (seller) => seller === 'ann'),
      attr,
    );
    // A rule that each object meets reads the list, and adds up as the store does, to the last digit.
    const each = viewerWith(kvetch, [allowIf('each', () => true), denyAll]);
    assert.equal(await sum(each, edge(name), attr), await sum(open, edge(name), attr), attr);
  }
  const none = viewerWith(kvetch, [denyIf('all', () => true)]);
  assert.equal(await sum(none, edge('ranked'), 'rank'), [0, null, null]);
});

test('a sum leaves out objects whose number is hidden', async () => {
  const hidden = viewerWith(kvetch, [], { rank: [own, denyAll] });
  const [sum] = await countReadable(hidden, [{ ...edge('ranked'), sum: 'rank' }]);
  const [own1] = await countReadable(viewerWith(kvetch, [own, denyAll]), [{ ...edge('ranked'), sum: 'rank' }]);
  assert.is(sum, own1);
});

test('what is no sum is the error of its list alone, by both roads', async () => {
  for (const viewer of [viewerWith(kvetch, []), viewerWith(kvetch, [own, denyAll])]) {
    const [wrong, right] = await countReadable(viewer, [
      { ...edge('ranked'), sum: 'weight' },
      { ...edge('ranked'), sum: 'rank' },
    ]);
    assert.match(String(wrong), /"ranked" has no sum of "weight"/);
    assert.type(right, 'number');
  }
});

test('a long list is refused by both roads, and others beside it are not', async () => {
  const long = createKvetch({ schema, shards: memoryShards(2), limits: { maxSummed: 2 } });
  const [own1, big] = [await long.createObject('Shop', {}), await long.createObject('Shop', {})];
  await long.createObjects(
    'Item',
    [1, 2, 2].map((rank) => ({ data: { shop: own1, rank, seller: 'ann' } })),
  );
  for (let from = 0; from <= 10_000; from += 1_000)
    await long.createObjects(
      'Item',
      Array.from({ length: from === 10_000 ? 1 : 1_000 }, (_, n) => ({
        data: { shop: big, rank: from + n, seller: 'ann' },
      })),
    );
  const of = (shop: string, isAverage: boolean): CountedList => ({
    ...{ kind: 'edge', name: 'ranked', of: shop, sum: 'rank', isAverage },
  });
  for (const [viewer, refusal] of [
    [viewerWith(long, []), /The sum of "rank" is refused: the list has more than 2 different values/],
    [viewerWith(long, [own, denyAll]), /you may read more than 10000 objects/],
  ] as const) {
    const [sum, average, ...refused] = await countReadable(viewer, [
      ...[of(own1, false), of(own1, true), of(big, false), of(big, true)],
    ]);
    assert.equal([sum, average], [5, 5 / 3]);
    for (const error of refused) assert.match(String(error), refusal);
  }
  await long.close();
});

test.run();
