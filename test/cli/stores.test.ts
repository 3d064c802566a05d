import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { grappleCommands } from '../../src/cli/grapple/grappleCommands.ts';
import { kvetchProgram } from '../../src/cli/kvetch/kvetchProgram.ts';
import { planqlProgram } from '../../src/cli/planqlProgram.ts';
import { invalidationServer } from '../../src/cli/reactive/invalidationServer.ts';
import { runCommand } from '../../src/cli/runCommand.ts';
import { createKvetch, defineKvetchSchema, type KvetchSchema } from '../../src/kvetch.ts';
import { sqliteShards } from '../../src/kvetch-sqlite.ts';
import { mysqlSuite } from '../kvetch/mysql/rows.ts';
import { repositoryRoot } from '../support/repository.ts';

const folder = join(repositoryRoot, '.tmp', `kvetch-stores-${process.pid}`);
let configs = 0;

/** Runs the program over a configuration of its own, since it closes the stores of the one it was given. */
async function kvetch(
  shards: string,
  args: readonly string[],
  indexes = '[]',
  edges = '[]',
): Promise<readonly [number, string]> {
  const source = (name: string): string => JSON.stringify(join(repositoryRoot, name));
  const file = join(folder, `config-${configs++}.ts`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    file,
    `import { defineKvetchSchema, memoryShards } from ${source('src/kvetch.ts')};
import { mysqlShards } from ${source('src/kvetch-mysql.ts')};
import { sqliteShards } from ${source('src/kvetch-sqlite.ts')};
const schema = defineKvetchSchema({ objects: [{ typeId: 1, name: 'User' }], indexes: ${indexes}, edges: ${edges} });
export default { schema, shards: ${shards} };`,
  );
  let output = '';
  const code = await runCommand(kvetchProgram, [...args, '--config', file], (line) => {
    output += `${line}\n`;
  });
  return [code, output];
}

const city = `[{ name: 'city', type: 'User', attr: 'city', kind: 'string' }]`;
const test = suite('the kvetch program over embedded stores');
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('SQLite: init, check, stats, an index over existing data, clean', async () => {
  const directory = join(folder, 'sqlite');
  const shards = `sqliteShards({ directory: ${JSON.stringify(directory)}, count: 2 })`;
  assert.equal(await kvetch(shards, ['init']), [0, '0-2047     sqlite-0\n2048-4095  sqlite-1\n']);
  assert.equal(await kvetch(shards, ['check']), [0, 'All is well.\n']);
  const schema = defineKvetchSchema({ objects: [{ typeId: 1, name: 'User' }] });
  const store = createKvetch({ schema, shards: sqliteShards({ directory, count: 2 }) });
  for (let n = 0; n < 20; n++) await store.createObject('User', { city: 'Oslo' });
  await store.close();
  const [code, stats] = await kvetch(shards, ['stats', '--json'], city);
  const { servers, building } = JSON.parse(stats) as {
    readonly servers: ReadonlyArray<{ readonly shards: object; readonly rows: { readonly objects: number } }>;
    readonly building: readonly string[];
  };
  assert.equal([code, building], [0, ['index "city"']]);
  assert.equal(
    servers.map((server) => server.shards),
    [{ open: 2048 }, { open: 2048 }],
  );
  assert.is(
    servers.reduce((sum, { rows }) => sum + rows.objects, 0),
    20,
  );
  assert.match((await kvetch(shards, ['stats'], city))[1], /not filled in yet: index "city"; run "kvetch clean"/);
  const [sick, findings] = await kvetch(shards, ['doctor'], city);
  assert.is(sick, 0, 'a warning');
  assert.match(findings, /The index "city" is not filled in yet/);
  assert.match((await kvetch(shards, ['clean'], city))[1], /missingIndex 20/);
  assert.match((await kvetch(shards, ['clean'], city))[1], /; at least \d+ rows are younger than 10 s and were left: /);
  assert.equal(JSON.parse((await kvetch(shards, ['stats', '--json'], city))[1]).building, []);
  assert.equal(await kvetch(shards, ['doctor'], city), [0, 'Nothing is wrong.\n']);
});

test('SQLite: clean and doctor count and name dangling ids; stats shows deletes under way', async () => {
  const directory = join(folder, 'dangling');
  const shards = `sqliteShards({ directory: ${JSON.stringify(directory)}, count: 2 })`;
  const boss = { edgeId: 1, name: 'reports', from: 'User', storedOn: 'User', storedIdAttr: 'boss' } as const;
  const schema: KvetchSchema = defineKvetchSchema({
    objects: [{ typeId: 1, name: 'User' }],
    edges: [
      { ...boss, onDelete: 'delete' },
      { ...boss, edgeId: 2, name: 'pupils', storedIdAttr: 'mentor', mustExist: true },
    ],
  });
  const edges = `[{ ...${JSON.stringify(boss)}, onDelete: 'delete' }, { ...${JSON.stringify(boss)}, edgeId: 2, name: 'pupils', storedIdAttr: 'mentor', mustExist: true }]`;
  const run = (...args: string[]): Promise<readonly [number, string]> => kvetch(shards, args, '[]', edges);
  const clock = (): number => Date.now() - 60_000; // so that cleaners do not leave the rows to their writer
  const store = createKvetch({ schema, shards: sqliteShards({ directory, count: 2 }), outboxPollMs: 0, clock });
  const gone = await store.createObject('User', {});
  const [report = '', pupil = ''] = [
    await store.createObject('User', { boss: gone }),
    await store.createObject('User', { mentor: gone }),
  ];
  await store.deleteObject(gone);
  await store.close();
  const [code, told] = await run('doctor');
  assert.is(code, 0, 'warnings');
  assert.ok(told.includes(`1 stored id(s) name no object: edge "pupils": ${pupil} names ${gone}.`), told);
  assert.match(told, /1 object\(s\) name a deleted one, and are to be deleted or cleared with it\./);
  const none = { prepared: 0, preparedUs: null, isMore: false };
  const [, counted] = await run('stats');
  assert.match(
    counted,
    /writes whose work is not done: 1\ndeleted objects whose children are being deleted or cleared: 1/,
  );
  assert.equal(JSON.parse((await run('stats', '--json'))[1]).open, { notes: 1, parents: 1, ...none });
  const [, cleaned] = await run('clean');
  assert.ok(cleaned.includes(`edge "pupils": ${pupil} names ${gone}, which is not there`), cleaned);
  assert.match(cleaned, /danglingIds 1.* cascaded 1/);
  assert.equal(JSON.parse((await run('stats', '--json'))[1]).open, { notes: 0, parents: 0, ...none });
  const again = createKvetch({ schema, shards: sqliteShards({ directory, count: 2 }) });
  assert.is(await again.getObject(report), null);
  await again.updateObject(pupil, { mentor: null });
  await again.close();
  assert.equal(await run('doctor'), [0, 'Nothing is wrong.\n']);
});

test('SQLite: a damaged file is told', async () => {
  const directory = join(folder, 'damaged');
  const store = createKvetch({
    schema: defineKvetchSchema({ objects: [{ typeId: 1, name: 'User' }] }),
    shards: sqliteShards({ directory }),
  });
  for (let n = 0; n < 300; n++) await store.createObject('User', { text: 'x'.repeat(500) });
  await store.close();
  truncateSync(join(directory, 'kvetch-0.db'), 20 * 4096);
  const [code, output] = await kvetch(`sqliteShards({ directory: ${JSON.stringify(directory)} })`, ['check']);
  assert.is(code, 1, output);
});

test('stores in memory have nothing to be looked at', async () => {
  for (const command of ['init', 'check', 'stats', 'doctor']) {
    const [code, output] = await kvetch('memoryShards(2)', [command]);
    assert.is(code, 2);
    assert.match(output, /"shards" of the configuration are in memory: .* Use sqliteShards\(…\), mysqlShards\(…\) or/);
  }
});

const commands = [...kvetchProgram.commands, ...grappleCommands, ...planqlProgram.commands, invalidationServer];
test('every command refuses an option that it does not have, before it does anything, and names it', async () => {
  for (const command of commands) {
    let output = '';
    const name = command.words.join(' ');
    const code = await runCommand({ name: 'program', commands }, [...command.words, '--speed', '1'], (line) => {
      output += `${line}\n`;
    });
    assert.is(code, 2, `${name}: ${output}`);
    assert.match(output, /^Unknown option '--speed'/, name);
  }
});

test('SQLite: changes are printed as lines, from a position on', async () => {
  const directory = join(folder, 'changes');
  const shards = `sqliteShards({ directory: ${JSON.stringify(directory)} })`;
  const schema = defineKvetchSchema({ objects: [{ typeId: 1, name: 'User' }] });
  const changeFeed = { retentionMs: 60_000 };
  const store = createKvetch({ schema, shards: sqliteShards({ directory }), changeFeed });
  for (const n of [1, 2]) await store.createObject('User', { n, big: 2n ** 60n });
  await store.close();
  const [code, output] = await kvetch(shards, ['changes']);
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<'position' | 'type', string>);
  assert.equal([code, lines.map(({ type }) => type)], [0, ['User', 'User']]);
  assert.ok(output.includes('"big":"1152921504606846976"'));
  assert.equal(await kvetch(shards, ['changes', '--from', lines[0]?.position ?? '']), [
    0,
    `${output.split('\n')[1]}\n`,
  ]);
  assert.equal(await kvetch(shards, ['changes', '--from', 'now']), [0, '']);
  const [failed, message] = await kvetch(shards, ['changes', '--from', 'nonsense']);
  assert.is(failed, 1);
  assert.match(message, /The position "nonsense" of a change feed is none/);
});

test.run();

mysqlSuite('the kvetch program over a list of databases', (test, server) => {
  test('init, check, stats', async () => {
    const databases = [server.newDatabase(), server.newDatabase()].map((database) => ({ uri: server.uri, database }));
    const shards = `mysqlShards(${JSON.stringify(databases)}, { createDatabase: true })`;
    assert.equal(await kvetch(shards, ['init'], city), [0, '0-2047     mysql-0\n2048-4095  mysql-1\n']);
    assert.equal(await kvetch(shards, ['check'], city), [0, 'All is well.\n']);
    const [code, stats] = await kvetch(shards, ['stats'], city);
    assert.is(code, 0);
    assert.match(stats, /^mysql-0 {6}open 2048, .*objects 0.*\nmysql-1 {6}open 2048/);
  });
});

const modules = suite('modules of the user');
const place = mkdtempSync(join(tmpdir(), 'planql-modules-'));
modules.after(() => rmSync(place, { recursive: true, force: true }));

modules('TypeScript is run by Node or tsx, or the user is told what to install', async () => {
  const file = (name: string, text: string): void => writeFileSync(join(place, name), text);
  file('typed.ts', `import { a } from './other';\nenum E { X = 1 }\nexport default { a, e: E.X as number };`);
  file('other.ts', 'export const a: number = 1;');
  file('plain.mjs', `import { a } from './other.ts';\nexport default { a };`);
  file('wrong.mjs', `import './nowhere.mjs';`);
  const entry = join(repositoryRoot, 'src/cli/importModule.ts');
  await build({
    ...{ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', logLevel: 'error' },
    outfile: join(place, 'importModule.mjs'),
  });
  file(
    'run.mjs',
    `import { importModule } from './importModule.mjs';
importModule(process.argv[2]).then((module) => console.log(JSON.stringify(module.default)), (error) => console.log(error.message));`,
  );
  const run = (name: string): string =>
    spawnSync(process.execPath, ['run.mjs', name], {
      cwd: place,
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    }).stdout.trim();
  assert.match(run('typed.ts'), /"typed\.ts" is or imports TypeScript .*\nRun "npm install --save-dev tsx"/);
  assert.match(run('wrong.mjs'), /^Cannot find module .*nowhere\.mjs/);
  mkdirSync(join(place, 'node_modules'));
  for (const name of ['tsx', 'esbuild', 'get-tsconfig', '@esbuild']) {
    symlinkSync(join(repositoryRoot, 'node_modules', name), join(place, 'node_modules', name));
  }
  assert.is(run('typed.ts'), '{"a":1,"e":1}');
  assert.is(run('plain.mjs'), '{"a":1}');
  assert.match(run('wrong.mjs'), /^Cannot find module .*nowhere\.mjs/);
});
modules.run();
