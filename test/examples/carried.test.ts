/** An example that is copied into a package of its own finds there what the README of the examples names for it. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSource, repositoryRoot } from '../support/repository.ts';

const test = suite('examples that are carried away');

const examples = readdirSync(join(repositoryRoot, 'examples')).filter((name) =>
  statSync(join(repositoryRoot, 'examples', name)).isDirectory(),
);
const [, table = ''] = /\| example \| besides \|\n([\s\S]*?)\n\n/.exec(readSource('examples/README.md')) ?? [];

/** What the README names besides `planql`, `graphql` and `tsx`. */
function named(example: string): string {
  const row = table.split('\n').find((line) => line.split('|')[1]?.trim().split(', ').includes(example));
  return row?.split('|')[2] ?? '';
}

function specifiersOf(example: string): ReadonlySet<string> {
  const files = readdirSync(join(repositoryRoot, 'examples', example), { recursive: true, encoding: 'utf8' });
  const sources = files
    .filter((name) => /\.[jt]sx?$/.test(name))
    .map((name) => readSource(`examples/${example}/${name}`));
  return new Set(
    sources.flatMap((text) =>
      [...text.matchAll(/(?:from |import\(|^import )'([^']+)'/gm)].map(([, from = '']) => from),
    ),
  );
}

for (const example of examples) {
  test(example, () => {
    for (const specifier of specifiersOf(example)) {
      if (specifier.startsWith('../todo/')) assert.ok(named(example).includes('the folder `todo`'), specifier);
      assert.not.ok(specifier.includes('/src/'), `${specifier} is not there in another package`);
      const [, name = ''] = /^(@[^/]+\/[^/]+|[^/]*)/.exec(specifier) ?? [];
      if (/^(\.|node:|planql|graphql$)/.test(name)) continue;
      assert.match(named(example), new RegExp(`[\` ]${name}(@\\d+)?[\` ]`), `${example} imports ${specifier}`);
    }
  });
}

test.run();
