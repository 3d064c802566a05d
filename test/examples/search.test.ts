/** The search example: an index that follows the changes of a store. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore, run } from '../../examples/search/main.ts';
import { SearchIndex } from '../../examples/search/SearchIndex.ts';
import { temporaryDirectory } from '../kvetch/backends.ts';
import { until } from '../support/until.ts';

const test = suite('examples/search');

test('titles are found by their words, as they are now', async () => {
  const lines: string[] = [];
  await run((line) => lines.push(line));
  assert.equal(lines, [
    'dark: Darkness at Noon, Heart of Darkness, The Left Hand of Darkness',
    'darkness heart: Heart of Darkness',
    'dark: Darkness at Noon',
    'own room: A Room of One’s Own',
  ]);
});

test('an index that was closed goes on where it was, and one that was away for too long begins again', async () => {
  const kvetch = openStore();
  const file = join(temporaryDirectory(), 'search.db');
  const before = await kvetch.createObject('Book', { title: 'Emma' });
  const first = new SearchIndex(file);
  await first.follow(kvetch);
  first.close();
  const between = await kvetch.createObject('Book', { title: 'Emma again' });
  await kvetch.createObject('Reader', { title: 'Emma' });
  const second = new SearchIndex(file);
  await second.follow(kvetch);
  assert.equal(second.find('emma').sort(), [before, between].sort());
  second.close();

  await kvetch.deleteObject(before);
  for (const { changes } of kvetch.stores) changes?.keep(1);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await kvetch.clean();
  const third = new SearchIndex(file);
  await third.follow(kvetch);
  assert.equal(third.find('emma'), [between]);
  third.close();
  await kvetch.close();
});

test('a follower sees what is written meanwhile; words that are no query are none', async () => {
  const kvetch = openStore();
  const index = new SearchIndex(':memory:');
  const controller = new AbortController();
  const following = index.follow(kvetch, controller.signal);
  const id = await kvetch.createObject('Book', { title: 'Über "das" NEAR Meer' });
  await until('it is found', () => index.find('meer').includes(id));
  for (const words of ['', '"', '* OR *', 'x AND NOT', "'; DROP TABLE titles", '(', 'title:meer']) index.find(words); // none throws
  assert.equal(index.find('NEAR "das"'), [id]);
  controller.abort();
  await following;
  index.close();
  await kvetch.close();
});

test.run();
