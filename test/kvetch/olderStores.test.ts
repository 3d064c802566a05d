import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDatabase } from '../../src/kvetch/sqlite/openDatabase.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, type ShardStore } from '../../src/kvetch.ts';
import { mysqlShard } from '../../src/kvetch-mysql.ts';
import { sqliteShards } from '../../src/kvetch-sqlite.ts';
import { needs } from '../support/needs.ts';
import { mysqlForTests } from '../support/servers.ts';

/** Stores from before there were ordered lists (spec 6.4.5). */
const objects = [
  { typeId: 1, name: 'Shop', fields: { name: 'string' } },
  {
    typeId: 2,
    name: 'Listing',
    fields: { shop: 'uuid', category: 'string', status: 'string', price: 'int', slug: 'string' },
  },
] as const;
const listings = { edgeId: 10, name: 'listings', from: 'Shop', storedOn: 'Listing', storedIdAttr: 'shop' } as const;
const favourites = { edgeId: 20, name: 'favourites', from: 'Shop', to: 'Listing' } as const;
const indexes = [
  { name: 'by_category', type: 'Listing', attr: 'category', kind: 'string' },
  { name: 'slug', type: 'Listing', attr: 'slug', kind: 'string', unique: true },
] as const;
const before = defineKvetchSchema({ objects, edges: [listings, favourites], indexes });
const withLists = (order: string) =>
  defineKvetchSchema({
    objects,
    edges: [
      listings,
      { ...favourites, fields: { at: 'int' }, orderBy: [order] },
      { ...listings, edgeId: 11, name: 'open', where: { status: 'OPEN' }, orderBy: ['price'] },
    ],
    indexes: [
      ...indexes,
      { name: 'shelf', type: 'Listing', attrs: ['category', 'status'], orderBy: ['-price'] },
      { name: 'everything', type: 'Listing', attrs: [], orderBy: ['price'], parts: 2 },
    ],
  });

/** What the store shows without ordered lists: names instead of ids. */
async function shown(kvetch: Kvetch): Promise<unknown> {
  const slug = async (id: string): Promise<unknown> => (await kvetch.getObject(id))?.slug;
  const slugs = (ids: readonly string[]): Promise<unknown[]> => Promise.all(ids.map(slug));
  const { objects: shops } = await kvetch.browse('Shop');
  const lists = [];
  for (const shop of shops) {
    if (shop instanceof Error) throw shop;
    const { edges } = await kvetch.getEdges('listings', shop.id);
    const favoured = await kvetch.getEdges('favourites', shop.id);
    const data = favoured.edges.map(({ data: one }) => (one as { at: number }).at);
    lists.push([
      shop.name,
      await slugs(edges.map(({ toId }) => toId)),
      await kvetch.countEdges('listings', shop.id),
      data,
    ]);
  }
  const bikes = await slugs((await kvetch.queryIndex('by_category', 'bikes')).ids);
  return { lists, bikes, s5: (await kvetch.queryIndex('slug', 's5')).ids.length };
}

const asWritten = {
  lists: [
    ['a', ['s0', 's4', 's6', 's8'], 4, [3, 7]],
    ['b', ['s1', 's3', 's5', 's7', 's2'], 5, []],
  ],
  bikes: ['s4', 's6', 's7', 's8'],
  s5: 1,
};

/** Opens it with and without ordered lists; `open` opens it anew each time. */
async function upgrade(open: () => readonly ShardStore[]): Promise<void> {
  const use = async (schema: typeof before, run: (kvetch: Kvetch) => Promise<void>): Promise<void> => {
    const kvetch = createKvetch({ schema, shards: open() }) as Kvetch;
    try {
      await run(kvetch);
    } finally {
      await kvetch.close();
    }
  };
  await use(before, async (kvetch) => {
    assert.equal(await shown(kvetch), asWritten, 'opened unchanged');
    assert.equal(await kvetch.building(), []);
    const { missingEdges, orphanEdges, missingIndex, staleIndex, unknown } = await kvetch.clean({ graceMs: 0 });
    assert.equal([missingEdges, orphanEdges, missingIndex, staleIndex, unknown], [0, 0, 0, 0, 0]);
  });
  const read = async (kvetch: Kvetch): Promise<unknown> => {
    const { objects: shops } = await kvetch.browse('Shop');
    const prices = async (ids: readonly string[]): Promise<unknown[]> =>
      Promise.all(ids.map(async (id) => (await kvetch.getObject(id))?.price));
    const [a, b] = shops as unknown as readonly [{ id: string }, { id: string }];
    const open = async ({ id }: { id: string }): Promise<unknown> =>
      prices((await kvetch.getEdges('open', id)).edges.map(({ toId }) => toId));
    const shelf = await kvetch.queryIndex('shelf', { category: 'books', status: 'OPEN' });
    const all = await kvetch.queryIndex('everything', {});
    const favoured = await kvetch.getEdges('favourites', a.id);
    return {
      open: [await open(a), await open(b)],
      shelf: await prices(shelf.ids),
      everything: await prices(all.ids),
      favourites: favoured.edges.map(({ data }) => (data as { at: number }).at),
    };
  };
  const wanted = {
    open: [[6], [5, 5, 7, 9]],
    shelf: [7, 5, 5],
    everything: [0, 1, 2, 5, 5, 6, 7, 8, 9],
    favourites: [7, 3],
  };
  await use(withLists('-at') as never, async (kvetch) => {
    const { objects: shops } = await kvetch.browse('Shop');
    const [{ id }] = shops as unknown as readonly [{ id: string }];
    for (const list of ['open', 'favourites'])
      assert.is(
        await kvetch.getEdges(list, id).then(
          () => '',
          (error) => error.code,
        ),
        'BUILDING',
        list,
      );
    assert.is(
      await kvetch.queryIndex('shelf', { category: 'x', status: 'y' }).then(
        () => '',
        (error) => error.code,
      ),
      'BUILDING',
    );
    assert.equal((await kvetch.getEdges('listings', id)).edges.length, 4, 'others are read meanwhile');
    const filled = await kvetch.clean({ graceMs: 0 });
    assert.equal([filled.errors, filled.complete], [0, true], JSON.stringify(filled));
    assert.equal(await read(kvetch), wanted);
    const again = await kvetch.clean({ graceMs: 0 });
    assert.equal([again.missingEdges, again.orphanEdges, again.missingIndex, again.errors], [0, 0, 0, 0]);
  });
  await use(withLists('at') as never, async (kvetch) => {
    await kvetch.clean({ graceMs: 0 });
    assert.equal(await read(kvetch), { ...wanted, favourites: [3, 7] }, 'another order of a plain edge');
  });
  await use(before, async (kvetch) => {
    const back = (await shown(kvetch)) as typeof asWritten;
    assert.equal(
      [back.bikes, back.lists.map((list) => list.slice(0, 3))],
      [asWritten.bikes, asWritten.lists.map((list) => list.slice(0, 3))],
    );
    const { objects: listed } = await kvetch.browse('Listing', { first: 1 });
    await kvetch.updateObject((listed[0] as { id: string }).id, { price: 4, status: 'OPEN' });
    const { orphanEdges, errors } = await kvetch.clean({ graceMs: 0 });
    assert.equal([orphanEdges, errors], [0, 0], 'nobody touches rows of lists that are not declared');
  });
  await use(withLists('at') as never, async (kvetch) => {
    await kvetch.clean({ graceMs: 0 });
    const { everything } = (await read(kvetch)) as { everything: readonly number[] };
    assert.equal(everything, [1, 2, 4, 5, 5, 6, 7, 8, 9], 'what was changed without the lists is put right');
  });
}

const test = suite('older stores');

test('a SQLite store from before ordered lists opens unchanged, gets them, and goes back', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'planql-older-'));
  const file = join(directory, 'store.db');
  try {
    const database = openDatabase(file, 'auto');
    database.exec(readFileSync(new URL('stores/beforeOrderedLists.sql', import.meta.url), 'utf8'));
    database.close();
    await upgrade(() => sqliteShards({ file }));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

const server = await mysqlForTests();
needs(test, server)('so does a MySQL database that lacks the table', async () => {
  const database = server.newDatabase();
  const open = () => [mysqlShard({ uri: server.uri, database, createDatabase: true })];
  let ms = Date.UTC(2026, 10, 1);
  const kvetch = createKvetch({ schema: before, shards: open(), clock: () => ms++ });
  const shops = [await kvetch.createObject('Shop', { name: 'a' }), await kvetch.createObject('Shop', { name: 'b' })];
  const ids: string[] = [];
  for (let n = 0; n < 10; n++) {
    const data = { category: n < 6 ? 'books' : 'bikes', status: n % 3 === 0 ? 'SOLD' : 'OPEN', price: (n * 7) % 10 };
    ids.push(await kvetch.createObject('Listing', { ...data, shop: shops[n % 2] as string, slug: `s${n}` }));
  }
  const id = (n: number): never => ids[n] as never;
  for (const n of [3, 1, 7])
    await kvetch.insertEdge('favourites', { fromId: shops[0] as string, toId: id(n), data: { at: n } });
  await kvetch.updateObject(id(2), { shop: shops[1] as string, price: 5 });
  await kvetch.updateObject(id(4), { category: 'bikes', status: null });
  await kvetch.deleteObject(id(9));
  await kvetch.deleteEdge('favourites', { fromId: shops[0] as string, toId: id(1) });
  await kvetch.close();
  const connection = await createConnection(server.uri);
  await connection.query(`DROP TABLE ${database}.kvetch_ordered`);
  await connection.query(`DELETE FROM ${database}.kvetch_meta WHERE k = 'ordered'`);
  await connection.end();
  await upgrade(open);
});

test.run();
