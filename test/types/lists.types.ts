import { get, object, type Step } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, kvetchSteps, memoryShards } from '../../src/kvetch.ts';

/** What TypeScript knows of ordered lists: a bound on an attribute that is not the next of the order does not compile. */
const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Shop' },
    {
      typeId: 2,
      name: 'Listing',
      fields: { shop: 'uuid', category: 'string', priceCents: 'int', listedAt: 'date', title: 'string' },
    },
  ],
  edges: [
    {
      edgeId: 10,
      name: 'listings',
      from: 'Shop',
      storedOn: 'Listing',
      storedIdAttr: 'shop',
      orderBy: ['-listedAt', 'priceCents'],
    },
    { edgeId: 11, name: 'arrivals', from: 'Shop', storedOn: 'Listing', storedIdAttr: 'shop' },
    { edgeId: 12, name: 'favourites', from: 'Shop', to: 'Listing', fields: { at: 'date' }, orderBy: ['-at'] },
  ],
  indexes: [{ name: 'shelf', type: 'Listing', attrs: ['category'], orderBy: ['priceCents'] }],
});
const kvetch = createKvetch({ schema, shards: memoryShards(1) });
const { loadEdges, loadIndex, countIndex, hasEdge } = kvetchSteps(schema);
const listedAt = new Date(0);

export async function reads(shop: string): Promise<void> {
  await kvetch.getEdges('listings', shop, { last: 5, range: { listedAt: { from: listedAt } } });
  await kvetch.getEdges('listings', shop, { range: { listedAt, priceCents: { to: 5 } } });
  await kvetch.getEdges('favourites', shop, { range: { at: { from: listedAt } } });
  await kvetch.countIndex('shelf', { category: 'books' }, { range: { priceCents: { from: 5 } }, upTo: 3 });
  // @ts-expect-error the order begins with another attribute
  await kvetch.getEdges('listings', shop, { range: { priceCents: 5 } });
  // @ts-expect-error a range before the last bound
  await kvetch.getEdges('listings', shop, { range: { listedAt: { from: listedAt }, priceCents: 5 } });
  // @ts-expect-error another kind
  await kvetch.getEdges('listings', shop, { range: { listedAt: 5 } });
  // @ts-expect-error the list has no order
  await kvetch.getEdges('arrivals', shop, { range: { priceCents: 5 } });
  // @ts-expect-error no attribute of the order
  await kvetch.queryIndex('shelf', { category: 'books' }, { range: { title: 'x' } });
  // @ts-expect-error no attribute of the key
  await kvetch.queryIndex('shelf', { title: 'books' });
}

export function plans($shop: Step<string>, $price: Step<{ from?: number; to?: number } | null>): void {
  const $books = object({ category: get($shop, 'category' as never) as Step<string> });
  const $page = loadIndex('shelf', $books, { range: { priceCents: $price } });
  const $isThere: Step<boolean | null> = hasEdge('favourites', $shop, $shop);
  const $count: Step<number | null> = countIndex('shelf', $books, { range: { priceCents: { to: 5 } } });
  // @ts-expect-error no attribute of the order
  loadIndex('shelf', $books, { range: { title: $price } });
  // @ts-expect-error the order begins with another attribute
  loadEdges('listings', $shop, { range: { priceCents: $price } });
  // @ts-expect-error another kind
  loadEdges('listings', $shop, { range: { listedAt: $price } });
  // @ts-expect-error no such edge
  hasEdge('favourite', $shop, $shop);
  void [$page, $isThere, $count];
}
