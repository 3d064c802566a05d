/** Tasks of a new user, done with the packed tarball and its documents alone. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { reported } from '../support/reported.ts';
import { install } from './built.ts';
import { run } from './run.ts';

const test = suite('tasks of a new user, from the tarball');
let folder: string;

test.before(
  reported(async () => {
    ({ folder } = await install());
  }),
);

/** The programs and outputs below a heading of a document in the tarball, or of the whole document. */
function blocksOf(page: string, heading?: string): { program: string; printed: string } {
  const text = readFileSync(join(folder, 'node_modules/planql', page), 'utf8');
  const section = heading === undefined ? text : ((text.split(`## ${heading}\n`)[1] ?? '').split('\n## ')[0] ?? '');
  const all = (language: string): string =>
    [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))]
      .map(([, block]) => block)
      .join('');
  return { program: all('ts'), printed: all('text') };
}

async function runs(name: string, program: string): Promise<string> {
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  writeFileSync(join(folder, `${name}.mjs`), ts.transpileModule(program, { compilerOptions: options }).outputText);
  return run(folder, process.execPath, `${name}.mjs`);
}

test('the first schema of the README prints what the README says', async () => {
  const { program, printed } = blocksOf('README.md', 'A schema in 30 lines');
  assert.ok(program.includes('makeSchema') && printed !== '');
  assert.is(await runs('first', program), printed);
});

test('a field with a step class of its own, as the first guide shows', async () => {
  const { program, printed } = blocksOf('docs/getting-started.md');
  assert.ok(program.includes('class PriceStep extends Step'));
  assert.is(await runs('step', program), printed);
});

test('the usual mistakes with a step class are told with the class, the field and the remedy', async () => {
  const { program } = blocksOf('docs/getting-started.md');
  const wrong = async (name: string, from: string, to: string): Promise<string> => {
    assert.ok(program.includes(from));
    const lines = (await runs(name, program.replace(from, to))).trim().split('\n');
    return (JSON.parse(lines.at(-2) ?? '') as { message: string }[])[0]?.message ?? '';
  };
  assert.is(
    await wrong('noName', "  static override readonly op = 'app.price';\n", ''),
    'PriceStep was planned for "Book.price" and has no name. Give it one: static override readonly op = \'app.PriceStep\'.',
  );
  assert.is(
    await wrong('lostField', '    super();\n', "    super();\n    this.unit = 'kg';\n"),
    'PriceStep keeps "unit" in a field of the step. "execute" reads "params" only: set "this.params = { unit }" in the constructor and read "this.params.unit". A field that only planning needs must be private ("#unit").',
  );
  assert.is(
    await wrong('noArgument', '{ $currency }', '{ $curency: $currency }'),
    'Book.price has no argument "curency". Did you mean "currency"?',
  );
  assert.is(
    await wrong('shortList', 'return ids.map((id) => `', 'return ids.slice(1).map((id) => `'),
    'Step app.price (planned for Book.price) returned a list of 2 for 3 rows. It must return a list with one entry a row.',
  );
});

test.run();
