import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KvetchEdge } from '../../src/kvetch/KvetchEdge.ts';
import { ConsistencyToken, createKvetch, defineKvetchSchema, type KvetchOf } from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { backends } from './backends.ts';

/** Ordered and filtered lists (spec 6.4.1 to 6.4.5) on every store. */
const objects = [
  { typeId: 1, name: 'Shop', fields: { name: 'string' } },
  {
    typeId: 2,
    name: 'Listing',
    fields: {
      shop: 'uuid',
      title: 'string',
      category: 'string',
      status: 'string',
      price: 'int',
      listedAt: 'date',
      gone: 'date',
      slug: 'string',
    },
  },
] as const;
const schema = defineKvetchSchema({
  objects,
  edges: [
    { edgeId: 10, name: 'listings', from: 'Shop', storedOn: 'Listing', storedIdAttr: 'shop', colocate: true },
    {
      edgeId: 11,
      name: 'open_listings',
      from: 'Shop',
      storedOn: 'Listing',
      storedIdAttr: 'shop',
      where: { status: ['OPEN', 'REOPENED'] },
      orderBy: ['-listedAt', 'price'],
    },
    {
      edgeId: 12,
      name: 'kept_listings',
      from: 'Shop',
      storedOn: 'Listing',
      storedIdAttr: 'shop',
      where: { gone: null },
    },
    { edgeId: 20, name: 'favourites', from: 'Shop', to: 'Listing', fields: { at: 'date' }, orderBy: ['-at'] },
  ],
  indexes: [
    { name: 'shelf', type: 'Listing', attrs: ['category', 'status'], orderBy: ['price'] },
    { name: 'by_title', type: 'Listing', attrs: [], orderBy: ['title'], parts: 4 },
    { name: 'by_status', type: 'Listing', attr: 'status', kind: 'string' },
    { name: 'one_open_slug', type: 'Listing', attrs: ['category', 'slug'], where: { status: 'OPEN' }, unique: true },
  ],
});

interface Listing {
  readonly id: string;
  readonly shop: string | null;
  readonly title: string | null;
  readonly category: string | null;
  readonly status: string | null;
  readonly price: number | null;
  readonly listedAt: Date | null;
  readonly gone: Date | null;
}

function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

type Order = readonly (readonly [attr: keyof Listing, direction: 1 | -1])[];

/** As the specification orders: absent ones last, then by id. */
function sorted(listings: readonly Listing[], order: Order): readonly string[] {
  const compare = (a: Listing, b: Listing): number => {
    for (const [attr, direction] of order) {
      const [one, other] = [a[attr], b[attr]];
      if (one === null || other === null) {
        if (one === other) continue;
        return one === null ? 1 : -1;
      }
      const [x, y] = [one.valueOf(), other.valueOf()];
      if (x !== y) return (x < y ? -1 : 1) * direction;
    }
    return a.id < b.id ? -1 : 1;
  };
  return [...listings].sort(compare).map(({ id }) => id);
}

for (const backend of backends) {
  const test = needs(suite(`lists: ${backend.name}`), ...backend.servers);

  test('random writes: every list is as its definition says, both ways, page by page, and cleaners find nothing', async () => {
    const kvetch = createKvetch({ schema, ...backend.open() });
    const random = randoms(7);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    try {
      const shops = await Promise.all(['a', 'b'].map((name) => kvetch.createObject('Shop', { name })));
      const model = new Map<string, Listing>();
      const attributes = () => ({
        shop: random() < 0.05 ? null : pick(shops),
        title: random() < 0.1 ? null : pick(['Zoo', 'Zope', 'apple', 'Äpfel', 'b\0', 'b']),
        category: random() < 0.1 ? null : pick(['books', 'bikes']),
        status: pick(['OPEN', 'REOPENED', 'SOLD', null]),
        price: random() < 0.2 ? null : Math.floor(random() * 5),
        listedAt: random() < 0.2 ? null : new Date(1e12 + Math.floor(random() * 3)),
        gone: random() < 0.5 ? null : new Date(5),
      });
      for (let n = 0; n < 120; n++) {
        const known = [...model.keys()];
        const dice = random();
        if (dice < 0.45 || known.length < 10) {
          const data = attributes();
          const id = await kvetch.createObject('Listing', data as never);
          model.set(id, { ...data, id });
        } else if (dice < 0.9) {
          const id = pick(known);
          const all = Object.entries(attributes()).filter(() => random() < 0.4);
          const patch = Object.fromEntries(all);
          await kvetch.updateObject(id as never, patch as never);
          model.set(id, { ...(model.get(id) as Listing), ...patch });
        } else {
          const id = pick(known);
          await kvetch.deleteObject(id);
          model.delete(id);
        }
      }
      const all = [...model.values()];
      const isOpen = ({ status }: Listing): boolean => status === 'OPEN' || status === 'REOPENED';
      for (const shop of shops) {
        const own = all.filter((one) => one.shop === shop);
        const wanted = sorted(own.filter(isOpen), [
          ['listedAt', -1],
          ['price', 1],
        ]);
        assert.equal(await pages((page) => kvetch.getEdges('open_listings', shop, page)), wanted);
        const backward = await pages((page) => kvetch.getEdges('open_listings', shop, { ...page, reverse: true }));
        assert.equal(backward, [...wanted].reverse());
        assert.is(await kvetch.countEdges('open_listings', shop), wanted.length);
        const fromEnd = (page: object) => kvetch.getEdges('open_listings', shop, page).then(toIdPage);
        assert.equal(await idsFromEnd(fromEnd), wanted);
        assert.is(await kvetch.countEdges('open_listings', shop, { upTo: 2 }), Math.min(2, wanted.length));
        assert.is(await kvetch.countEdges('listings', shop, { upTo: 2 }), Math.min(2, own.length));
        const kept = await pages((page) => kvetch.getEdges('kept_listings', shop, page));
        assert.equal(
          [...kept].sort(),
          own
            .filter(({ gone }) => gone === null)
            .map(({ id }) => id)
            .sort(),
        );
        const asked = all.map(({ id }) => ({ edge: 'open_listings', fromId: shop, toId: id }));
        assert.equal(
          await kvetch.hasEdges(asked),
          all.map((one) => own.includes(one) && isOpen(one)),
        );
      }
      for (const category of ['books', 'bikes']) {
        const own = all.filter((one) => one.category === category && one.status === 'SOLD');
        const value = { category, status: 'SOLD' };
        const shelf = sorted(own, [['price', 1]]);
        assert.equal(await idPages((page) => kvetch.queryIndex('shelf', value, page)), shelf);
        assert.is(await kvetch.countIndex('shelf', value), shelf.length);
        const range = { price: { from: 1, to: 3 } };
        const some = own.filter(({ price }) => price !== null && price >= 1 && price <= 3);
        assert.equal(
          await idPages((page) => kvetch.queryIndex('shelf', value, { ...page, range })),
          sorted(some, [['price', 1]]),
        );
        const within = (page: object) => kvetch.queryIndex('shelf', value, { ...page, range });
        assert.equal(await idsFromEnd(within), sorted(some, [['price', 1]]));
        assert.is(await kvetch.countIndex('shelf', value, { range }), some.length);
        assert.is(await kvetch.countIndex('shelf', value, { range, upTo: 1 }), Math.min(1, some.length));
        const last = await idPages((page) => kvetch.queryIndex('shelf', value, { ...page, range, reverse: true }));
        assert.equal(last, [...sorted(some, [['price', 1]])].reverse());
      }
      // titles are compared as bytes of UTF-8, which for these is the order of their characters
      const titles = sorted(all, [['title', 1]]);
      assert.equal(await idsFromEnd((page) => kvetch.queryIndex('by_title', {}, page)), titles);
      const inOrder = all.map(({ id }) => id).sort();
      assert.equal(await idsFromEnd((page) => kvetch.browse('Listing', page).then(toObjectIds)), inOrder);
      assert.equal(
        await idPages((page) => kvetch.browse('Listing', { ...page, reverse: true }).then(toObjectIds)),
        inOrder.toReversed(),
      );
      const sold = all.filter(({ status }) => status === 'SOLD').map(({ id }) => id);
      assert.equal(await idsFromEnd((page) => kvetch.queryIndex('by_status', 'SOLD', page)), sold.toSorted());
      assert.equal(await idPages((page) => kvetch.queryIndex('by_title', {}, page)), titles);
      assert.equal(
        await idPages((page) => kvetch.queryIndex('by_title', {}, { ...page, reverse: true })),
        [...titles].reverse(),
      );
      const range = { title: { startsWith: 'Zo' } };
      const zo = sorted(
        all.filter(({ title }) => title?.startsWith('Zo') === true),
        [['title', 1]],
      );
      assert.equal(await idPages((page) => kvetch.queryIndex('by_title', {}, { ...page, range })), zo);
      assert.is(await kvetch.countIndex('by_title', {}), all.length);
      const report = await kvetch.clean({ graceMs: 0, dryRun: true });
      const { missingEdges, orphanEdges, missingIndex, staleIndex, unknown, errors } = report;
      assert.equal([missingEdges, orphanEdges, missingIndex, staleIndex, unknown, errors], [0, 0, 0, 0, 0, 0]);
    } finally {
      await kvetch.close();
    }
  });

  test('a page of a list in parts says that more comes before the cursor where it ends', async () => {
    const kvetch = createKvetch({ schema, ...backend.open() });
    try {
      const titles = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      const ids = await kvetch.createObjects(
        'Listing',
        titles.map((title) => ({ data: { title } })),
      );
      const far = await kvetch.queryIndex('by_title', {}, { first: 7 });
      const page = await kvetch.queryIndex('by_title', {}, { first: 2, before: far.endCursor });
      assert.equal([page.ids, page.hasNextPage], [ids.slice(0, 2), true]);
      const rest = await kvetch.queryIndex('by_title', {}, { first: 7, before: far.endCursor });
      assert.equal([rest.ids, rest.hasNextPage], [ids.slice(0, 6), false]);
    } finally {
      await kvetch.close();
    }
  });

  test('a plain edge moves to the place of its new data; cursors outlive moves and deletions', async () => {
    const kvetch = createKvetch({ schema, ...backend.open() });
    try {
      const shop = await kvetch.createObject('Shop', { name: 'a' });
      const ids = await Promise.all([1, 2, 3, 4].map((price) => kvetch.createObject('Listing', { price })));
      const put = (n: number, at: number | null): Promise<void> =>
        kvetch.insertEdge('favourites', {
          fromId: shop,
          toId: ids[n] as string,
          data: at === null ? null : { at: new Date(at) },
        });
      for (const [n, at] of [10, 20, 30, null].entries()) await put(n, at);
      const read = async (page = {}): Promise<readonly number[]> => {
        const { edges } = await kvetch.getEdges('favourites', shop, page);
        return edges.map(({ toId }) => ids.indexOf(toId as never));
      };
      assert.equal(await read(), [2, 1, 0, 3]);
      const { edges } = await kvetch.getEdges('favourites', shop);
      const { cursor } = edges[1] as KvetchEdge;
      await put(0, 40);
      assert.equal(await read(), [0, 2, 1, 3], 'to the top');
      assert.equal(await read({ after: cursor }), [3]);
      await kvetch.deleteEdge('favourites', { fromId: shop, toId: ids[1] as string });
      assert.equal(await read({ after: cursor }), [3], 'behind an edge that is gone');
      assert.equal(await read({ after: cursor, reverse: true }), [2, 0]);
      assert.equal(await read({ range: { at: { from: new Date(30), to: new Date(40) } } }), [0, 2]);
      const other = await kvetch.createObject('Shop', { name: 'b' });
      const refused = async (page: object, source: string = shop): Promise<string> =>
        kvetch.getEdges('favourites', source, page).then(
          () => '',
          (error: { code: string; message: string }) => `${error.code} ${error.message}`,
        );
      assert.match(await refused({ after: cursor }, other), /BAD_CURSOR .*another list/);
      assert.match(await refused({ after: cursor.replace('_', '00_') }), /BAD_CURSOR/);
      assert.match(await refused({ after: `20_${ids[1]}` }), /BAD_CURSOR/);
      assert.match(await refused({ range: { price: 1 } }), /BAD_PAGE .*is not in its order/);
      assert.match(await refused({ range: [] }), /BAD_PAGE/);
      assert.match(await refused({ range: { __proto__: { at: 5 } } }), /BAD_PAGE .*"at" from its prototype/);
      assert.match(await refused({ range: new Map([['at', 5]]) }), /BAD_PAGE .*must be an object of bounds/);
      assert.match(
        await refused({ range: { at: { from: 'x' } } }),
        /BAD_PAGE "range.at.from" of the list "favourites" is/,
      );
      await assert_rejects(
        kvetch.insertEdge('favourites', { fromId: shop, toId: ids[0] as string, data: { at: 'x' } }),
        /no Date/,
      );
    } finally {
      await kvetch.close();
    }
  });

  test('readers that want only objects cost others none of the edges of the same page', async () => {
    const kvetch = createKvetch({ schema, ...backend.open() });
    try {
      const shop = await kvetch.createObject('Shop', { name: 'a' });
      const before = Date.now() - 1;
      const prices = [1, 2, 3, 4];
      for (const price of prices) {
        const toId = await kvetch.createObject('Listing', { shop, price, category: 'books', status: 'OPEN' });
        await kvetch.insertEdge('favourites', { fromId: shop, toId, data: { at: new Date(price) } });
      }
      const brief = { attributes: ['objects'] };
      const read = async (of: KvetchOf<typeof schema>, first: number, extra: object | undefined) => {
        const favourites = of.reads.edgeObjects([{ edge: 'favourites', fromId: shop, first }], extra);
        const listings = of.reads.edgeObjects([{ edge: 'listings', fromId: shop, first }], extra);
        const value = { category: 'books', status: 'OPEN' };
        const shelf = of.reads.indexObjects([{ index: 'shelf', value, first }], extra);
        return (await Promise.all([favourites, listings, shelf])).map(([page]) => page);
      };
      const isWhole = (pages: Awaited<ReturnType<typeof read>>, first: number): void => {
        for (const [at, page] of pages.entries()) {
          assert.not(page instanceof Error);
          const { objects: found, edges = [] } = page as unknown as { objects: object[]; edges?: KvetchEdge[] };
          assert.equal([found.length, edges.length], [first, first]);
          for (const { createdAt, data } of edges) {
            assert.ok(createdAt > before && createdAt <= Date.now() + 1, String(createdAt));
            assert.is(data === null, at > 0);
          }
        }
      };
      for (const ways of [
        [brief, undefined],
        [undefined, brief],
      ]) {
        for (const sizes of [
          [2, 2],
          [2, 3],
          [3, 2],
        ]) {
          const request = kvetch.forRequest();
          const pages = await Promise.all(ways.map((extra, at) => read(request, sizes[at] as number, extra)));
          const whole = ways.indexOf(undefined);
          isWhole(pages[whole] as never, sizes[whole] as number);
          const later = kvetch.forRequest();
          await read(later, 3, brief);
          isWhole(await read(later, 2, undefined), 2);
        }
      }
      const freshness = new ConsistencyToken();
      const own = kvetch.with({ freshness });
      const [edge] = (await kvetch.getEdges('favourites', shop)).edges;
      await own.insertEdge('favourites', { fromId: shop, toId: (edge as KvetchEdge).toId, data: { at: new Date(9) } });
      await read(own, 2, brief);
      isWhole(await read(own, 2, undefined), 2);
      assert.equal((await own.getEdges('favourites', shop, { first: 1 })).edges[0]?.toId, edge?.toId);
    } finally {
      await kvetch.close();
    }
  });

  test('a value is unique among the listed ones only', async () => {
    const kvetch = createKvetch({ schema, ...backend.open() });
    try {
      const data = { category: 'books', slug: 'x' };
      const sold = await kvetch.createObject('Listing', { ...data, status: 'SOLD' });
      const open = await kvetch.createObject('Listing', { ...data, status: 'OPEN' });
      await assert_rejects(kvetch.createObject('Listing', { ...data, status: 'OPEN' }), /one_open_slug/);
      await assert_rejects(kvetch.updateObject(sold, { status: 'OPEN' }), /one_open_slug/);
      await kvetch.updateObject(open, { status: 'SOLD' });
      await kvetch.updateObject(sold, { status: 'OPEN' });
      assert.equal((await kvetch.queryIndex('one_open_slug', data)).ids, [sold]);
    } finally {
      await kvetch.close();
    }
  });

  test('lists that come later, or change, are filled in while they are refused', async () => {
    const places = backend.open();
    const before = createKvetch({ schema: defineKvetchSchema({ objects }), ...places });
    const shop = await before.createObject('Shop', { name: 'a' });
    const ids: string[] = [];
    for (const price of [3, 1, 2]) {
      const data = { shop, price, category: 'books', status: 'OPEN', title: `t${price}`, slug: `s${price}` };
      ids.push(await before.createObject('Listing', data));
    }
    const read = (kvetch: ReturnType<typeof later>): Promise<readonly string[]> =>
      kvetch.queryIndex('shelf', { category: 'books', status: 'OPEN' }).then((page) => page.ids);
    const later = (of = schema) => createKvetch({ schema: of, ...places });
    const kvetch = later();
    try {
      await assert_rejects(read(kvetch), /shelf/);
      const { missingEdges } = await kvetch.clean({ graceMs: 0 });
      assert.ok(missingEdges >= 9, String(missingEdges));
      assert.equal(await read(kvetch), [ids[1], ids[2], ids[0]]);
      assert.equal((await kvetch.getEdges('open_listings', shop)).edges.length, 3);
      const turned = defineKvetchSchema({
        objects,
        indexes: [{ name: 'shelf', type: 'Listing', attrs: ['category', 'status'], orderBy: ['-price'] }],
      });
      const changed = later(turned as never);
      await assert_rejects(read(changed), /shelf/);
      await changed.clean({ graceMs: 0 });
      assert.equal(await read(changed), [ids[0], ids[2], ids[1]]);
    } finally {
      await kvetch.close();
    }
  });

  test.run();
}

async function assert_rejects(promise: Promise<unknown>, pattern: RegExp): Promise<void> {
  const message = await promise.then(
    () => 'nothing was refused',
    (error: Error) => error.message,
  );
  assert.match(message, pattern);
}

/** All targets, three a page. */
async function pages(
  read: (page: { first: number; after: string | null }) => Promise<{
    readonly edges: readonly KvetchEdge[];
    readonly hasNextPage: boolean;
    readonly endCursor: string | null;
  }>,
): Promise<readonly string[]> {
  return idPages(async (page) => toIdPage(await read(page)));
}

function toIdPage<TPage extends { readonly edges: readonly KvetchEdge[] }>(page: TPage): TPage & { ids: string[] } {
  return { ...page, ids: page.edges.map(({ toId }) => toId) };
}

function toObjectIds<TPage extends { readonly objects: ReadonlyArray<unknown> }>(page: TPage) {
  return { ...page, ids: page.objects.map((object) => (object as { id: string }).id) };
}

/** All targets, the last ones first read, three a page. */
async function idsFromEnd(
  read: (page: { readonly last: number; readonly before: string | null }) => Promise<{
    readonly ids: readonly string[];
    readonly hasPreviousPage?: boolean;
    readonly startCursor?: string | null;
  }>,
): Promise<readonly string[]> {
  const out: string[] = [];
  for (let before: string | null = null; ; ) {
    const page = await read({ last: 3, before });
    out.unshift(...page.ids);
    if (page.hasPreviousPage !== true) return out;
    before = page.startCursor ?? null;
  }
}

async function idPages(
  read: (page: { first: number; after: string | null }) => Promise<{
    readonly ids: readonly string[];
    readonly hasNextPage: boolean;
    readonly endCursor: string | null;
  }>,
): Promise<readonly string[]> {
  const out: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = await read({ first: 3, after });
    out.push(...page.ids);
    if (!page.hasNextPage) return out;
    after = page.endCursor;
  }
}
