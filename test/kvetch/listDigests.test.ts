import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { createKvetch, defineKvetchSchema, memoryShards } from 'planql/kvetch';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const objects = [
  { typeId: 1, name: 'Listing', fields: { category: 'string', price: 'int', title: 'string' } },
] as const;
const schema = defineKvetchSchema({
  objects,
  indexes: [
    { name: 'shelf', type: 'Listing', attrs: ['category'], orderBy: ['price'] },
    { name: 'by_title', type: 'Listing', attrs: [], orderBy: ['title'], parts: 4 },
  ],
});

const test = suite('lists: digests');

/** How often a digest is made meanwhile. */
async function digestsOf(run: () => Promise<unknown>): Promise<number> {
  const { hash, createHash } = crypto;
  let count = 0;
  crypto.hash = ((...args: Parameters<typeof hash>) => {
    count++;
    return hash(...args);
  }) as typeof hash;
  crypto.createHash = ((...args: Parameters<typeof createHash>) => {
    count++;
    return createHash(...args);
  }) as typeof createHash;
  syncBuiltinESMExports();
  try {
    await run();
  } finally {
    Object.assign(crypto, { hash, createHash });
    syncBuiltinESMExports();
  }
  return count;
}

for (const [index, value] of [
  ['shelf', { category: 'books' }],
  ['by_title', {}],
] as const) {
  test(`reading a page of ${index} again makes none, unless a cursor is asked for`, async () => {
    const kvetch = createKvetch({ schema, shards: memoryShards(2) });
    const data = (n: number) => ({ data: { category: n % 2 === 0 ? 'books' : 'bikes', price: n, title: `${n}` } });
    await kvetch.createObjects(
      'Listing',
      Array.from({ length: 40 }, (_, n) => data(n)),
    );
    const read = (attributes: readonly string[], reverse = false) =>
      Promise.resolve(kvetch.forRequest().reads.indexObjects([{ index, value, first: 10, reverse }], { attributes }));
    const shown = ['objects', 'hasNextPage', 'end'];
    const [page] = await read(shown);
    assert.is((page as { objects: readonly unknown[] }).objects.length, 10);
    assert.is(await digestsOf(() => read(shown)), 0);
    assert.is(await digestsOf(() => read(shown, true)), 0);
    assert.is(await digestsOf(() => read([...shown, 'endCursor'])), 1);
    assert.is(await digestsOf(() => read([...shown, 'edges'])), 10);
    const [known] = await read(['endCursor']);
    const { end, endCursor } = page as { end: () => string; endCursor: string | null };
    assert.equal([end(), endCursor], [(known as { endCursor: string }).endCursor, null]);
    await kvetch.close();
  });
}

test('an object that has left the list of a value is left out, whatever comes before it', async () => {
  const repairs: unknown[] = [];
  const shards = memoryShards(1);
  const kvetch = createKvetch({ schema, shards, onRepair: ({ id }) => repairs.push(id) });
  const ids = await kvetch.createObjects(
    'Listing',
    [1, 2, 3, 4].map((price) => ({ data: { category: 'books', price } })),
  );
  // A process that does not know the list leaves its rows as they are.
  const older = createKvetch({ schema: defineKvetchSchema({ objects }), shards });
  await older.updateObject(ids[1] as never, { category: 'bikes' });
  await older.updateObject(ids[2] as never, { category: 'bikes' });
  const { reads } = kvetch.forRequest();
  const [page] = await Promise.resolve(reads.indexObjects([{ index: 'shelf', value: { category: 'books' } }]));
  const { objects: shown } = page as { readonly objects: ReadonlyArray<{ readonly id: string }> };
  assert.equal(
    shown.map(({ id }) => id),
    [String(ids[0]), String(ids[3])],
  );
  assert.equal(repairs, [ids[1], ids[2]]);
  await kvetch.close();
});

test.run();
