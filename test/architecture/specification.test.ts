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

test('decisions are few and short pages, all of them in the index; what cites one finds it', () => {
  const folder = 'spec/decisions';
  const pages = readdirSync(join(repositoryRoot, folder)).filter((name) => name !== 'README.md');
  assert.ok(pages.length <= 60, `${pages.length} pages`);
  const index = readSource(`${folder}/README.md`);
  for (const page of pages) {
    const text = readSource(`${folder}/${page}`);
    const words = text.split(/\s+/).length;
    assert.ok(words < 400, `${page} has ${words} words`);
    assert.ok(index.includes(`](${page})`), `${page} is not in the index`);
  }
  assert.is(index.match(/\]\([a-z-]+\.md\)/g)?.length, pages.length, 'the index names each page once');
  const chapters = readdirSync(join(repositoryRoot, 'spec')).filter((name) => name.endsWith('.md'));
  const citing = [...chapters.map((name) => `spec/${name}`), ...['src', 'steps', 'test'].flatMap(sourceFilesIn)];
  const lost = citing.flatMap((file) =>
    [...readSource(file).matchAll(/\(decision ([a-z]+(?:-[a-z]+)+)\)/g)]
      .filter(([, name]) => !pages.includes(`${name}.md`))
      .map(([, name]) => `${file}: ${name}`),
  );
  assert.equal(lost, []);
});

test.run();
