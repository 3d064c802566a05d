import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planqlProgram } from '../../src/cli/planqlProgram.ts';
import { runCommand } from '../../src/cli/runCommand.ts';
import { createExecutor } from '../../src/execute.ts';
import { fileDocumentStore, filePlanStore } from '../../src/plan-stores.ts';
import { operations, schema } from '../plans/library.ts';
import { repositoryRoot, typescript } from '../support/repository.ts';

const library = join(repositoryRoot, 'test/plans/library.ts');
const cli = suite('planql plans');
let folder = '';
cli.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'planql-cli-'));
  mkdirSync(join(folder, 'operations/deep'), { recursive: true });
  for (const [name, text] of Object.entries(operations)) write(`operations/${name}.graphql`, text);
});
cli.after.each(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text: string): void {
  writeFileSync(join(folder, file), text);
}

interface Outcome {
  readonly code: number | null;
  readonly lines: readonly string[];
}

async function planql(...args: readonly string[]): Promise<Outcome> {
  const lines: string[] = [];
  const code = await runCommand(planqlProgram, args, (line) => lines.push(...line.split('\n')));
  return { code, lines };
}

/** Runs the program as a process of its own. */
function planqlProcess(...args: readonly string[]): Outcome {
  const program = join(repositoryRoot, 'src/bin-planql.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [...typescript, program, ...args], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  assert.is(stderr, '');
  return { code: status, lines: stdout.trimEnd().split('\n') };
}

const from = (schemaModule = library): string[] => ['--schema', schemaModule];
const folders = (): string[] => ['--operations', join(folder, 'operations'), '--plans', join(folder, 'plans/v1')];

cli('documents, ids and plans are written in one run, and an engine takes them [3.10.9]', async () => {
  const file = join(folder, 'out/documents.json');
  const { code, lines } = await planql('plans', 'export', ...from(), ...folders(), '--documents', file);
  assert.is(code, 0);
  assert.match(String(lines.at(-1)), /^\d+ documents in /);
  const texts = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  assert.is(Object.keys(texts).length, Object.keys(operations).length);
  const executor = createExecutor({
    schema,
    documents: { store: fileDocumentStore({ file }), onlyKnown: true },
    planStore: filePlanStore({ folder: join(folder, 'plans'), release: 'v1' }),
  });
  await executor.warmUp();
  for (const [id, text] of Object.entries(texts)) {
    assert.is(id, createHash('sha256').update(text).digest('hex'));
    const document = executor.documentOf({ id });
    assert.ok('kind' in document);
    assert.ok(executor.prepare(document, null).plan);
  }
});

cli('what is exported can be checked, does not differ, and warms a store up', async () => {
  write('operations/deep/two.graphql', 'query A { reader } query B { book(id: 1) { id } }');
  const made = planqlProcess('plans', 'export', ...from(), ...folders());
  assert.is(made.code, 0, made.lines.join('\n'));
  const names = [...Object.keys(operations), 'deep/two.A', 'deep/two.B'].sort();
  assert.equal(
    made.lines.map((line) => line.slice(0, line.indexOf(':'))),
    names,
  );
  assert.is(readdirSync(join(folder, 'plans/v1')).length, names.length);
  assert.equal(await planql('plans', 'check', ...from(), '--plans', join(folder, 'plans/v1')), {
    code: 0,
    lines: [`${names.length} of ${names.length} plans can be imported.`],
  });
  assert.equal(await planql('plans', 'diff', ...from(), ...folders()), {
    code: 0,
    lines: ['All plans are as they would be made now.'],
  });
  const planStore = filePlanStore({ folder: join(folder, 'plans'), release: 'v1' });
  assert.is((await createExecutor({ schema, planStore }).warmUp()).imported, names.length);
});

cli('a field that cannot be planned is a problem of its operation', async () => {
  // As a CommonJS module it would load planql a second time in this process: the source maps of the first would be gone.
  const broken = join(folder, 'broken.mts');
  const entry = JSON.stringify(join(repositoryRoot, 'src/index.ts'));
  write(
    'broken.mts',
    `import { makeSchema } from ${entry};
    export const schema = makeSchema({
      typeDefs: 'type Query { fine: Int price: Int }',
      objects: { Query: { plans: { price: () => { throw new Error('There is no price list.'); } } } },
    });`,
  );
  rmSync(join(folder, 'operations'), { recursive: true });
  mkdirSync(join(folder, 'operations'));
  write('operations/prices.graphql', '{ fine price }');
  assert.equal(await planql('plans', 'export', ...from(broken), ...folders()), {
    code: 1,
    lines: ['prices: Query.price cannot be planned: There is no price list.'],
  });
});

cli('a changed operation and a changed schema are seen', async () => {
  await planql('plans', 'export', ...from(), ...folders());
  write('operations/one.graphql', 'query One($id: ID!) { book(id: $id) { title } }');
  rmSync(join(folder, 'operations/rename.graphql'));
  write('operations/extra.graphql', '{ reader }');
  const { code, lines } = await planql('plans', 'diff', ...from(), ...folders());
  assert.is(code, 1);
  const text = lines.join('\n');
  assert.match(text, /extra:\n {2}has no plan yet/);
  assert.match(text, /rename:\n {2}its operation is gone/);
  assert.match(text, /one:\n {2}- query One.*loud/);
  assert.match(text, / {2}- .*library\.shout/);
  assert.match(text, /3 differ.$/);

  // An ES module, as the sources are: they would else be compiled once more, and coverage would mix both up.
  const changed = join(folder, 'changed.mts');
  writeFileSync(
    changed,
    `import { makeSchema } from ${JSON.stringify(join(repositoryRoot, 'src/execute.ts'))};
     import { typeDefs } from ${JSON.stringify(library)};
     export default makeSchema({ typeDefs: typeDefs.replace('rename(id: ID!, title: String!)', 'rename(id: ID!)') });`,
  );
  const checked = await planql('plans', 'check', ...from(changed), '--plans', join(folder, 'plans/v1'));
  assert.equal(checked, {
    code: 1,
    lines: [
      'rename: "Mutation.rename" was planned as (id: ID!, title: String!): String, and is (id: ID!): String in this schema.',
      '4 of 5 plans can be imported.',
    ],
  });
});

cli('an operation that is not valid, or a plan that is damaged, is told by name', async () => {
  write('operations/wrong.graphql', '{ nobody }');
  const { code, lines } = await planql('plans', 'export', ...from(), ...folders());
  assert.equal([code, lines], [1, ['wrong.graphql: Cannot query field "nobody" on type "Query".']]);
  rmSync(join(folder, 'operations/wrong.graphql'));
  await planql('plans', 'export', ...from(), ...folders());
  const file = join(folder, 'plans/v1/one.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"isSync": true', '"isSync": false'));
  const checked = await planql('plans', 'check', ...from(), '--plans', join(folder, 'plans/v1'));
  assert.is(checked.code, 1);
  assert.match(checked.lines[0] ?? '', /^one: The plan is not as it was exported/);
});

cli('how it is called is checked', async () => {
  assert.is((await planql()).code, 0);
  assert.is((await planql('plans', 'import')).code, 2);
  const missing = await planql('plans', 'diff', '--schema', library);
  assert.is(missing.code, 2);
  assert.match(missing.lines[0] ?? '', 'Missing: --operations, --plans.');
  assert.is((await planql('plans', 'check', '--what', 'x')).code, 2);
  assert.match((await planql('plans', 'check', '--help')).lines[0] ?? '', 'planql plans check --schema');
});

cli('an operation is explained in each format, and run when asked', async () => {
  const explain = (...more: readonly string[]): Promise<Outcome> =>
    planql('plans', 'explain', ...from(), '--operations', join(folder, 'operations'), '--name', 'one', ...more);
  const text = await explain();
  assert.is(text.code, 0);
  assert.is(text.lines[0], 'query One');
  assert.ok(
    text.lines.some((line) => line.trim() === 'on Novel'),
    'all branches are planned',
  );
  assert.match((await explain('--format', 'mermaid')).lines[0] ?? '', /^flowchart/);
  assert.ok('plan' in JSON.parse((await explain('--format', 'json')).lines.join('\n')));
  const page = await explain('--format', 'html', '--analyze', '--variables', '{"id":"4"}');
  assert.match(page.lines.join('\n'), /^<!doctype html>.*"rows":1/s);

  const wrong: ReadonlyArray<readonly [args: readonly string[], message: string]> = [
    [['--format', 'png'], 'There is no format "png". There are text, mermaid, json, html.'],
    [['--variables', '[1'], '--variables must be a JSON object, and is [1.'],
    [['--name', 'two'], `There is no operation "two". There are ${Object.keys(operations).sort().join(', ')}.`],
  ];
  for (const [args, message] of wrong) {
    const { code, lines } = await explain(...args);
    assert.equal([code, lines[0]], [2, message]);
  }
  write('operations/deep/two.graphql', 'query A { reader } query B { book(id: 1) { id } }');
  assert.is((await explain('--name', 'B')).lines[0], 'query B');
  write('operations/again.graphql', 'query B { reader }');
  assert.is(
    (await explain('--name', 'B')).lines[0],
    'Several operations are called "B": again, deep/two.B. Give one of these names.',
  );
  rmSync(join(folder, 'operations/again.graphql'));
  write('operations/deep/many.graphql', 'query Many { book(id: 1) { like(first: 101) { id } } }');
  const failed = await explain('--name', 'Many', '--analyze');
  assert.equal([failed.code, failed.lines.at(-1)], [1, 'Error at book.like: There are at most 100.']);
  assert.is(failed.lines[0], 'query Many', 'the plan is shown all the same');
  const refused = await explain('--analyze', '--variables', '{}');
  assert.equal([refused.code, refused.lines.length], [1, 1]);
  assert.match(refused.lines[0] ?? '', /^Variable "\$id" /); // each graphql says it in words of its own
});

cli.run();
