/**
 * All that Grapple prints for one schema with everything in it, as files. They are part of this repository's type check
 * and formatting. UPDATE_GOLDENS=1 prints them anew.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generate } from '../../src/grapple/generate.ts';
import { readSources } from '../../src/grapple/project/readProject.ts';
import { writeProject } from '../../src/grapple/project/writeProject.ts';
import { repositoryRoot } from '../support/repository.ts';

const test = suite('what the printers print');
const folder = join(repositoryRoot, 'test/grapple/golden');
const sources = readSources(folder);

test('is what it was', () => {
  const generated = generate(sources);
  assert.equal(generated.problems, []);
  if (process.env.UPDATE_GOLDENS === '1') {
    for (const name of ['generated', 'pents']) rmSync(join(folder, name), { recursive: true, force: true });
    writeProject(folder, generated, { force: true });
  }
  const { written, edited } = writeProject(folder, generated, { dryRun: true });
  assert.equal([...written, ...edited], []);
  for (const [path, text] of generated.stubs) assert.is(readFileSync(join(folder, path), 'utf8'), text, path);
});

test('needs no formatter, whatever the length of names', () => {
  const root = mkdtempSync(join(tmpdir(), 'planql-format-'));
  try {
    const { formatter, javascript } = JSON.parse(readFileSync(join(repositoryRoot, 'biome.json'), 'utf8'));
    const settings = { formatter, javascript, linter: { enabled: false }, json: { formatter: { enabled: false } } };
    writeFileSync(join(root, 'biome.json'), JSON.stringify(settings));
    const names =
      /\b(createBook|updateBook|deleteBook|book|titled|books|bookByIsbn|authorsByName|addTag|tags|readers|blurb|similar|lend|author|isbn|reserve|borrowers|loans|loansOfBook|isSeen|hasSeen)(?=[(:])/g;
    for (let length = 0; length <= 24; length += 3) {
      const more = 'x'.repeat(length);
      const longer = sources.map(({ name, text }) => ({
        name,
        text: text
          .replace(/\bBook\b/g, `Book${more}`)
          .replace(names, `$1${more}`)
          .replace(/field: "(author|book)"/g, `field: "$1${more}"`),
      }));
      const { problems, files, stubs } = generate(longer);
      assert.equal(problems, []);
      for (const [path, text] of [...files, ...stubs]) {
        if (!path.endsWith('.ts')) continue;
        const file = join(root, String(length), path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    }
    // Throws with what it would have printed.
    execFileSync(join(repositoryRoot, 'node_modules/.bin/biome'), ['check', '--max-diagnostics=5', root], {
      cwd: root,
      encoding: 'utf8',
    });
  } finally {
    rmSync(root, { recursive: true });
  }
});

test.run();
