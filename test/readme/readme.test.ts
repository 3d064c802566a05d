import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSource, repositoryRoot } from '../support/repository.ts';

interface Block {
  readonly heading: string;
  readonly code: string;
  /** What the text promises that it prints, if it does. */
  readonly output: string | null;
}

/** The programs of the README, each with the output that stands below it. */
function blocks(markdown: string): Block[] {
  const found: Block[] = [];
  const fences = /^(?:## (?<heading>.*)|```ts\n(?<code>[\s\S]*?)\n```(?:\n\n```text\n(?<output>[\s\S]*?)\n```)?)$/gm;
  let heading = '';
  for (const { groups } of markdown.matchAll(fences)) {
    if (groups?.heading !== undefined) heading = groups.heading;
    else if (groups?.code !== undefined) found.push({ heading, code: groups.code, output: groups.output ?? null });
  }
  return found;
}

const test = suite('README');
// Inside the repository, so that "planql" means these sources.
const folder = join(repositoryRoot, '.tmp', `readme-${process.pid}`);
const programs = blocks(readSource('README.md'));

test.before(() => {
  mkdirSync(folder, { recursive: true });
});

test.after(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('has programs to run', () => {
  assert.ok(programs.length >= 2);
});

test('shows the schema that "planql init todo" makes', () => {
  const [, shown = ''] = /^```graphql\n([\s\S]*?)^```$/m.exec(readSource('README.md')) ?? [];
  assert.ok(shown !== '' && readSource('src/grapple/templates/todo/schema/todo.graphql').includes(shown));
});

function runs({ code, output }: Block, name: string): void {
  const file = join(folder, `${name}.mts`);
  writeFileSync(file, code);
  const printed = execFileSync(process.execPath, [...process.execArgv, file], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  if (output === null) assert.ok(printed.length > 0);
  else assert.is(printed.trimEnd(), output);
}

for (const [index, program] of programs.entries()) {
  test(`runs: ${program.heading}`, () => runs(program, `block-${index}`));
}

test.run();
