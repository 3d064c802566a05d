/** Words that make sentences hard to read: prose says "its", "each" or the noun instead. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSource, repositoryRoot } from '../support/repository.ts';

/** What no commit has: .gitignore. */
const IGNORED = ['node_modules', 'dist', 'coverage', '.tmp', '.git'];
const AVOIDED = /\b(?:of which|whoever|whom)\b/i;

const test = suite('words');

test('no text of the project says "of which", "whoever" or "whom"', () => {
  const listed = readdirSync(repositoryRoot).flatMap((name) => {
    if (IGNORED.includes(name)) return [];
    if (!statSync(join(repositoryRoot, name)).isDirectory()) return [name];
    return readdirSync(join(repositoryRoot, name), { recursive: true, encoding: 'utf8' }).map((file) =>
      join(name, file),
    );
  });
  const files = listed.filter(
    (file) => /\.(?:tsx?|md)$/.test(file) && !file.startsWith('docs/api/') && !file.endsWith('words.test.ts'),
  );
  assert.ok(files.length > 1_000, `${files.length} files`);
  const found = files.flatMap((file) =>
    readSource(file)
      .split('\n')
      .flatMap((line, index) => (AVOIDED.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
  assert.equal(found, []);
});

test.run();
