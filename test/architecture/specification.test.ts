import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSource, repositoryRoot, sourceFilesIn } from '../support/repository.ts';

const test = suite('specification');

test('each statement has a number of its own', () => {
  const folder = join(repositoryRoot, 'spec');
  const files = readdirSync(folder).filter((name) => name.endsWith('.md'));
  const numbers = files.flatMap(
    (name) => readFileSync(join(folder, name), 'utf8').match(/^\d+\.\d+\.\d+(?= )/gm) ?? [],
  );
  assert.ok(numbers.length > 200, `${numbers.length}`);
  assert.equal(
    numbers.filter((number, index) => numbers.indexOf(number) !== index),
    [],
  );
});

/** Chapters whose statements are each checked by a test that says so. */
const CITED = ['11-reactive.md', '12-reactive-clients.md'];

test('each statement of chapters 11 and 12 is named by a test that checks it, and each that is named is there', () => {
  const stated = CITED.flatMap(
    (name) => readFileSync(join(repositoryRoot, 'spec', name), 'utf8').match(/^\d+(\.\d+){2,}(?= )/gm) ?? [],
  );
  // In the title of a test, or with a case of a table: [11.2.4, 11.2.5].
  const cited = sourceFilesIn('test').flatMap((file) =>
    [...readSource(file).matchAll(/[[(]((?:1[12](?:\.\d+){2,}(?:, )?)+)[\])]/g)].flatMap(([, all = '']) => all.split(', ')),
  );
  assert.equal(
    stated.filter((statement) => !cited.includes(statement)),
    [],
    'no test checks these',
  );
  assert.equal(
    cited.filter((statement) => !stated.includes(statement)),
    [],
    'there are no such statements',
  );
});

test.run();
