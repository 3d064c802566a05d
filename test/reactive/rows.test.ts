/** Each row of the design's section 1 that a server can keep, and each event of its section 8, has a test that names it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSource, sourceFilesIn } from '../support/repository.ts';

const test = suite('tests by row');

/** The titles of tests and suites of planql/reactive, whatever a suite is called. */
const titles = sourceFilesIn('test/reactive').flatMap((file) =>
  [...readSource(file).matchAll(/\w\(\s*['`]((?:rows?|section) \d[^'`]*)['`]/g)].map(([, title = '']) => title),
);

test('rows of section 1', () => {
  const named = new Set(titles.flatMap((title) => /^rows? ([\d, ]+)/.exec(title)?.[1]?.split(',').map(Number) ?? []));
  // 12 is the client's, 16 the inspector's, 17 that of the adapters.
  const missing = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15].filter((row) => !named.has(row));
  assert.equal(missing, []);
});

test('events of section 8', () => {
  const events = ['Redis away, reading', 'Redis away, writing', 'slow consumer', 'flood', 'half-open', 'shutdown'];
  const missing = events.filter((event) => !titles.some((title) => title.startsWith(`section 8, ${event}:`)));
  assert.equal(missing, []);
});

test.run();
