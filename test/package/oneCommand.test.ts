/** What asks npm, and needs no more than it: on a machine with Node and npm alone, too (test/support/bare.ts). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { start, stop } from './applications.ts';
import { install } from './built.ts';
import { runWith } from './run.ts';

const test = suite('the todo application, made by one command');

test('one command makes it with all its packages, though no registry has this planql', async () => {
  const { folder, tarball, npm } = await install();
  const output = await runWith(npm, folder, join(folder, 'node_modules/.bin/planql'), 'init', 'todo');
  assert.match(output, /Start it with: cd todo && npm start/);
  const made = join(folder, 'todo');
  const { dependencies } = JSON.parse(readFileSync(join(made, 'package.json'), 'utf8'));
  assert.is(dependencies.planql, `file:${tarball}`);
  await runWith(npm, made, 'npm', 'run', 'check'); // with its own packages, and no other ones

  const { child, url } = await start(made);
  try {
    const response = await fetch(`${url}?query=${encodeURIComponent('{ todoUsers { name } }')}`);
    assert.equal(await response.json(), { data: { todoUsers: [] } });
  } finally {
    await stop(child);
  }
});

test.run();
