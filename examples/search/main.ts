/** Books in Kvetch, found by the words of their titles: npm run example:search. */
import { pathToFileURL } from 'node:url';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from 'planql/kvetch';
import { SearchIndex } from './SearchIndex.ts';

const titles = ['The Left Hand of Darkness', 'Heart of Darkness', 'Darkness at Noon', 'The Dispossessed', 'A Room'];

export function openStore(): Kvetch {
  const schema = defineKvetchSchema({
    objects: [
      { typeId: 1, name: 'Book', fields: { title: 'string' } },
      { typeId: 2, name: 'Reader' },
    ],
  });
  return createKvetch({ schema, shards: memoryShards(3), changeFeed: { retentionMs: 24 * 3600 * 1000 } });
}

export async function run(print: (line: string) => void): Promise<void> {
  const kvetch = openStore();
  const index = new SearchIndex(':memory:');
  const show = async (words: string): Promise<void> => {
    await index.follow(kvetch);
    const books = await kvetch.getObjects(index.find(words));
    const found = books.map((book) => (book === null || book instanceof Error ? '' : String(book.title)));
    print(`${words}: ${found.sort().join(', ') || 'nothing'}`);
  };
  const ids = await kvetch.createObjects(
    'Book',
    titles.map((title) => ({ data: { title } })),
  );
  await show('dark');
  await show('darkness heart');
  const [first, second, , , last] = ids.map(String);
  await kvetch.updateObject(last ?? '', { title: 'A Room of One’s Own' });
  await kvetch.updateObject(first ?? '', { title: 'The Word for World Is Forest' });
  await kvetch.deleteObject(second ?? '');
  await show('dark');
  await show('own room');
  index.close();
  await kvetch.close();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run(console.log);
