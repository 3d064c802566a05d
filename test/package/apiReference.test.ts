/** docs/api is what `npm run docs:api` makes of the docstrings. `UPDATE_DOCS=1` writes it anew. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { repositoryRoot } from '../support/repository.ts';

const test = suite('the API reference');
const kept = join(repositoryRoot, 'docs/api');

function pagesOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

test('says what the docstrings say', () => {
  const folder = process.env.UPDATE_DOCS ? kept : mkdtempSync(join(repositoryRoot, '.tmp/api-'));
  try {
    execFileSync('npm', ['run', '-s', 'docs:api', '--', '--out', folder, '--logLevel', 'Warn'], {
      cwd: repositoryRoot,
      stdio: 'pipe',
    });
    const [written, made] = [pagesOf(kept), pagesOf(folder)];
    const stale = [...new Set([...written.keys(), ...made.keys()])].filter(
      (name) => written.get(name) !== made.get(name),
    );
    assert.equal(
      stale,
      [],
      'These pages of docs/api are not up to date: run `npm run docs:api` and commit what it writes.',
    );
  } finally {
    if (folder !== kept) rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
