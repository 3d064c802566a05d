/** Tasks of a new user, done with the packed tarball and its documents alone. */
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { reported } from '../support/reported.ts';
import { repositoryRoot } from '../support/repository.ts';
import { install } from './built.ts';
import { run } from './run.ts';

/** What the store's files need on Node 20: it is linked, not fetched again. */
const DRIVER = 'libsql';

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

/** A store in files, with or without an index on the title, and what a script does with it. */
const config = (indexes: string): string => `import { defineKvetchSchema } from 'planql/kvetch';
import { sqliteShards } from 'planql/kvetch/sqlite';
const schema = defineKvetchSchema({ objects: [{ typeId: 1, name: 'Book' }], indexes: [${indexes}] });
export default { schema, shards: sqliteShards({ directory: 'books', count: 4 }) };
`;
const script = (body: string): string => `import { createKvetch } from 'planql/kvetch';
import config from './kvetch.config.mjs';
const kvetch = createKvetch(config);
${body}
await kvetch.close();
`;

test('an index is added to existing data: it is told until "kvetch clean" has filled it in', async () => {
  const driver = join(folder, 'node_modules', DRIVER);
  if (!existsSync(driver)) symlinkSync(join(repositoryRoot, 'node_modules', DRIVER), driver);
  const kvetch = (...args: string[]): Promise<string> => run(folder, join(folder, 'node_modules/.bin/kvetch'), ...args);
  const find =
    script(`const outcome = kvetch.queryIndex('title', 'Emma').then(({ ids }) => ids.length, ({ message }) => message);
console.log(await outcome);`);

  writeFileSync(join(folder, 'kvetch.config.mjs'), config(''));
  await kvetch('init');
  await runs(
    'fill',
    script("for (const title of ['Emma', 'Persuasion', 'Emma']) await kvetch.createObject('Book', { title });"),
  );

  writeFileSync(
    join(folder, 'kvetch.config.mjs'),
    config("{ name: 'title', type: 'Book', attr: 'title', kind: 'string' }"),
  );
  assert.is(
    (await runs('find', find)).trim(),
    'The index "title" is not filled in yet for objects that were there before it. Run "kvetch clean", or "planql migrate" in a generated application, once all programs have this schema; "kvetch stats" tells when it is done.',
  );
  assert.match(await kvetch('stats'), /index "title"/);
  await kvetch('clean');
  assert.is((await runs('find', find)).trim(), '2');
  assert.not.match(await kvetch('stats'), /index "title"/);
});

test.run();
