/** What is said of tests is true: each room has some, and what fails now and then is known and becomes less. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSource, repositoryRoot } from '../support/repository.ts';
import { roomTests } from '../support/roomTests.ts';
import { rooms } from './rooms.ts';

/** How many test files may be known to fail once and then pass. It only falls. */
const UNSTEADY = 3;

const test = suite('tests');

const files = readdirSync(join(repositoryRoot, 'test'), { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.test.ts'));

test('src/README.md names the tests of each room', () => {
  const named = roomTests();
  assert.equal(
    [...named.keys()],
    rooms.map(({ folder }) => folder),
  );
  const empty = [...named.values()].flat().filter((pattern) => !files.some((file) => file.startsWith(pattern)));
  assert.equal(empty, [], 'patterns without a test');
});

test('every folder of tests holds some room, or is a suite of its own', () => {
  const patterns = [...roomTests().values()].flat();
  const own = [
    'architecture',
    'bench',
    'docs',
    'examples',
    'foreign',
    'fuzz',
    'package',
    'property',
    'readme',
    'subscriptions',
    'support',
    'types',
  ];
  const folders = [...new Set(files.map((file) => file.split('/')[0] ?? ''))];
  assert.equal(
    folders.filter((folder) => !own.includes(folder) && !patterns.some((pattern) => pattern.startsWith(folder))),
    [],
  );
});

test('test/support/failedOnce.json lists a few files that there are', () => {
  const listed = JSON.parse(readSource('test/support/failedOnce.json')) as ReadonlyArray<{
    file: string;
    seen: string;
  }>;
  assert.ok(listed.length <= UNSTEADY, `${listed.length} files are listed: mend some.`);
  for (const { file, seen } of listed) {
    assert.ok(files.includes(file), `${file} is there`);
    assert.ok(seen.length > 0, `${file} says what was seen`);
  }
});

test.run();
