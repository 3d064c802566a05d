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

test('each statement of chapters 11 and 12 is named by a test that checks it; what is named is there', () => {
  const numbersIn = (name: string): readonly string[] =>
    readFileSync(join(repositoryRoot, 'spec', name), 'utf8').match(/^\d+(\.\d+){2,}(?= )/gm) ?? [];
  const chapters = readdirSync(join(repositoryRoot, 'spec')).filter((name) => name.endsWith('.md'));
  // In the title of a test: "… [11.2.4, 11.2.5]".
  const cited = sourceFilesIn('test').flatMap((file) =>
    [...readSource(file).matchAll(/[[(]((?:1[12](?:\.\d+){2,}(?:, )?)+)[\])]/g)].flatMap(([, all = '']) =>
      all.split(', '),
    ),
  );
  const unchecked = CITED.flatMap(numbersIn).filter((statement) => !cited.includes(statement));
  assert.equal(unchecked, [], 'no test checks these');
  const stated = chapters.flatMap(numbersIn);
  const unknown = cited.filter((statement) => !stated.includes(statement));
  assert.equal(unknown, [], 'there are no such statements');
});

test.run();
