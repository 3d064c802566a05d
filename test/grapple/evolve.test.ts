import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from 'planql/kvetch';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diffCommand } from '../../src/cli/grapple/evolveCommands.ts';
import { checkCommand, generateCommand } from '../../src/cli/grapple/generateCommand.ts';
import { watchFolder } from '../../src/cli/grapple/watchFolder.ts';
import { parseLock } from '../../src/grapple/lock/Lock.ts';
import { type MigrationState, migrate } from '../../src/grapple/migrate/migrate.ts';
import { until } from '../support/until.ts';
import { TestProject } from './project.ts';

const test = suite('a project that changes');
const query = 'type Query { note(id: UUID!): Note @readPent }\nextend schema @byDefault(access: "allow")';
const before = `type Note @pent(typeId: 1) { id: UUID! text: String }\n${query}`;
const after = `type Note @pent(typeId: 1) { id: UUID! body: String @renamed(from: "text") @index(name: "body") }\n${query}`;
let project: TestProject;

test.before.each(() => {
  project = new TestProject();
  project.write('schema/a.graphql', before);
  project.generate();
});
test.after.each(() => project.remove());

async function run(command: typeof diffCommand, ...args: string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const code = await command.run([project.folder, ...args], (line) => lines.push(line));
  return [...lines, `exit ${code}`];
}

function times(): Readonly<Record<string, number>> {
  const files = readdirSync(project.folder, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(files.map((file) => [file, statSync(join(project.folder, file)).mtimeMs]));
}

test('a second run touches no file', async () => {
  for (const file of ['grapple.lock.json', 'generated/pents.ts', 'pents/Note.ts']) {
    utimesSync(join(project.folder, file), 1, 1);
  }
  const seen = times();
  assert.equal(await run(generateCommand), ['Everything is up to date.', 'exit 0']);
  assert.equal(await run(checkCommand), ['Everything is up to date.', 'exit 0']);
  assert.equal(await run(diffCommand), ['Nothing has changed for stored data.', 'exit 0']);
  assert.equal(times(), seen);
});

test('a generated file that was edited is named, and kept but for --force', async () => {
  const file = join(project.folder, 'generated/types.ts');
  const generated = readFileSync(file, 'utf8');
  appendFileSync(file, '// mine\n');
  assert.equal(await run(generateCommand), [
    'generated/types.ts was edited by hand. Move the change to pents/ or schema/, or overwrite it with --force.',
    'Nothing was written.',
    'exit 1',
  ]);
  assert.match(readFileSync(file, 'utf8'), /mine/);
  assert.equal(await run(generateCommand, '--force'), ['wrote generated/types.ts', 'exit 0']);
  assert.is(readFileSync(file, 'utf8'), generated);
});

test('a wrong schema is told of by all commands, and nothing is written', async () => {
  const seen = times();
  project.write('schema/b.graphql', 'type Tag @pent(typeId: 1) { id: UUID! }');
  const problem = 'schema/b.graphql:1:24 - Tag has the type id 1 of Note. Take another, such as 2.';
  assert.equal(await run(diffCommand), [problem, 'exit 1']);
  for (const command of [generateCommand, checkCommand]) {
    assert.equal(await run(command), [problem, '1 problem(s). Nothing was written.', 'exit 1']);
  }
  const { 'schema/b.graphql': _added, schema: _folder, ...now } = times();
  const { schema: _before, ...then } = seen;
  assert.equal(now, then);
});

test('a broken lock stops everything', async () => {
  project.write('grapple.lock.json', '<<<<<<< HEAD');
  const failed = await run(generateCommand).catch((error: Error) => error.message);
  assert.match(String(failed), /grapple.lock.json is no lock file of planql. Restore it/);
});

test('a new type appends one stub; a removed one is told of, and its stub stays', async () => {
  project.write('schema/b.graphql', 'type Tag @pent(typeId: 2) { id: UUID! }');
  const written = await run(generateCommand);
  assert.equal(
    written.filter((line) => line.includes('pents/')),
    ['wrote pents/Tag.ts'],
  );
  project.write('schema/b.graphql', '');
  assert.ok(
    (await run(generateCommand)).includes(
      'The type Tag (2) is gone. Its objects stay stored, and pents/Tag.ts may be deleted.',
    ),
  );
  assert.ok(readFileSync(join(project.folder, 'pents/Tag.ts'), 'utf8').includes('class Tag'));
});

async function renamed(): Promise<Kvetch> {
  const shards = memoryShards(2);
  const old = createKvetch({
    schema: defineKvetchSchema({ objects: [{ typeId: 1, name: 'Note', fields: { text: 'string' } }] }),
    shards,
  });
  for (let at = 0; at < 25; at++) await old.createObject('Note', { text: `text ${at}` });
  project.write('schema/a.graphql', after);
  assert.ok((await run(generateCommand)).some((line) => line.includes('"planql migrate" moves stored values')));
  return createKvetch({ schema: await project.kvetchSchema(), shards });
}

const lockOf = () => parseLock(readFileSync(join(project.folder, 'grapple.lock.json'), 'utf8'));
const bodies = async (kvetch: Kvetch): Promise<readonly unknown[]> =>
  (await kvetch.browse('Note', { first: 100 })).objects.map((object) => (object as { body?: unknown }).body ?? null);

test('a renamed field is migrated, and a migration that is cut off goes on', async () => {
  const kvetch = await renamed();
  assert.equal(new Set(await bodies(kvetch)).size, 1); // nothing is there yet
  let state: MigrationState = { done: {} };
  const stopped = migrate({
    ...{ kvetch, lock: lockOf(), pageSize: 10 },
    onState: (reached) => {
      state = reached;
      throw new Error('cut off');
    },
  });
  await stopped.then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, 'cut off'),
  );
  assert.is((await bodies(kvetch)).filter((body) => body !== null).length, 10);
  assert.equal(await migrate({ kvetch, lock: lockOf(), state, pageSize: 10 }), {
    moved: 15,
    duplicates: [],
    complete: true,
  });
  assert.equal([...(await bodies(kvetch))].sort().length, 25);
  assert.ok(!(await bodies(kvetch)).includes(null));
  assert.is((await kvetch.reads.index([{ index: 'body', value: 'text 7' }])).length, 1);
  assert.equal(await migrate({ kvetch, lock: lockOf() }), { moved: 0, duplicates: [], complete: true });
});

test('a conflict that a merge left in a hand-written file is told with its line', async () => {
  project.write(
    'pents/Note.ts',
    "import { NoteBase } from '../generated/pents.ts';\n<<<<<<< HEAD\nexport class Note extends NoteBase {}\n=======\nexport class Note extends NoteBase { x = 1; }\n>>>>>>> other\n",
  );
  const told = 'pents/Note.ts:2 has a conflict of git. Resolve the merge there.';
  assert.equal(await run(checkCommand), [told, 'exit 1']);
  assert.equal(await run(generateCommand), [told, 'exit 0']);
});

test('a renamed type keeps its hand-written class: no empty one is written beside it', async () => {
  const mine = "import { MemoBase } from '../generated/pents.ts';\nexport class Memo extends MemoBase {}\n";
  const renamedType = before.replace('Note @pent(typeId: 1)', 'Memo @pent(typeId: 1) @renamed(from: "Note")');
  project.write('schema/a.graphql', renamedType.replace('): Note', '): Memo'));
  const told = 'pents/Note.ts holds the code of Memo now. Rename the file to pents/Memo.ts, and its class to Memo.';
  for (const command of [checkCommand, generateCommand]) {
    assert.equal(await run(command), [told, 'Nothing was written.', 'exit 1']);
  }
  assert.equal(readdirSync(join(project.folder, 'pents')), ['Note.ts']);
  rmSync(join(project.folder, 'pents/Note.ts'));
  project.write('pents/Memo.ts', mine);
  assert.is((await run(generateCommand)).at(-1), 'exit 0');
  assert.is(readFileSync(join(project.folder, 'pents/Memo.ts'), 'utf8'), mine);
});

test('a migration that is stopped ends after its page, and another process goes on at once', async () => {
  const kvetch = await renamed();
  const stopping = new AbortController();
  let state: MigrationState = { done: {} };
  const onState = (reached: MigrationState): void => {
    state = reached;
    stopping.abort();
  };
  const { signal } = stopping;
  assert.equal(await migrate({ kvetch, lock: lockOf(), pageSize: 10, onState, signal }), {
    moved: 10,
    duplicates: [],
    complete: false,
  });
  assert.equal(await migrate({ kvetch, lock: lockOf(), state }), { moved: 15, duplicates: [], complete: true });
});

test('a value that was written under the new name is not overwritten', async () => {
  const kvetch = await renamed();
  const [first] = (await kvetch.browse('Note', { first: 1 })).objects;
  const { id } = first as { id: string };
  await kvetch.updateObject(id, { body: 'newer' });
  await migrate({ kvetch, lock: lockOf() });
  assert.is(((await kvetch.getObject(id)) as { body?: unknown } | null)?.body, 'newer');
});

test('values that a unique index cannot hold twice are listed, and a second run completes it', async () => {
  const shards = memoryShards(2);
  const old = createKvetch({ schema: await project.kvetchSchema(), shards });
  const ids: string[] = [];
  for (const text of ['same', 'other', 'same']) ids.push(await old.createObject('Note', { text }));
  project.write('schema/a.graphql', after.replace('@index', '@unique'));
  await run(generateCommand);
  const kvetch = createKvetch({
    schema: defineKvetchSchema({
      objects: [{ typeId: 1, name: 'Note', fields: { text: 'string', body: 'string' } }],
      indexes: [{ name: 'body', type: 'Note', attr: 'body', kind: 'string', unique: true }],
    }),
    shards,
  });
  let state: MigrationState = { done: {} };
  const onState = (reached: MigrationState) => {
    state = reached;
  };
  const again = () => migrate({ kvetch, lock: lockOf(), state, onState });
  const { moved, duplicates, complete } = await again();
  assert.equal([moved, complete], [2, false]);
  const [duplicate] = duplicates;
  assert.is(duplicate?.index, 'body');
  assert.equal([duplicate?.ownerId, duplicate?.id].sort(), [ids[0], ids[2]].sort());
  // Nothing is lost: the value is still there under its former name.
  assert.is((await kvetch.getObject(duplicate?.id ?? ''))?.text, 'same');
  await kvetch.updateObject(duplicate?.id ?? '', { text: 'another' });
  assert.equal(await again(), { moved: 1, duplicates: [], complete: true });
  assert.equal((await kvetch.queryIndex('body', 'another')).ids, [duplicate?.id]);
});

test('a new unique index over values that are there twice: the duplicates are listed', async () => {
  const objects = [{ typeId: 1, name: 'Note', fields: { text: 'string' } }] as const;
  const shards = memoryShards(2);
  const old = createKvetch({ schema: defineKvetchSchema({ objects }), shards });
  const ids: string[] = [];
  for (const text of ['same', 'same', 'one', 'same']) ids.push(await old.createObject('Note', { text }));
  const indexes = [{ name: 'text', type: 'Note', attr: 'text', kind: 'string', unique: true }] as const;
  const kvetch = createKvetch({ schema: defineKvetchSchema({ objects, indexes }), shards });
  const printed: string[] = [];
  const { duplicates, complete } = await migrate({
    ...{ kvetch, lock: lockOf(), graceMs: 0 },
    print: (line) => void printed.push(line),
  });
  assert.is(complete, false);
  assert.is(duplicates.length, 2);
  const [owner] = (await kvetch.queryIndex('text', 'same')).ids;
  assert.equal(
    duplicates.map(({ ownerId }) => ownerId),
    [owner, owner],
  );
  assert.equal([owner, ...duplicates.map(({ id }) => id)].sort(), [ids[0], ids[1], ids[3]].sort());
  assert.is(printed.filter((line) => line.includes('The unique index "text" has one value for two objects')).length, 2);
});

test('a new index over values that it cannot hold: the objects are named, up to twenty', async () => {
  const objects = [{ typeId: 1, name: 'Note' }] as const;
  const shards = memoryShards(2);
  const old = createKvetch({ schema: defineKvetchSchema({ objects }), shards });
  const ids: string[] = [];
  for (let at = 0; at < 30; at++) ids.push(await old.createObject('Note', { text: at }));
  const indexes = [{ name: 'text', type: 'Note', attr: 'text', kind: 'string' }] as const;
  const kvetch = createKvetch({ schema: defineKvetchSchema({ objects, indexes }), shards });
  const printed: string[] = [];
  const { complete } = await migrate({ kvetch, lock: lockOf(), print: (line) => void printed.push(line) });
  const named = printed.flatMap(
    (line) => /^Object (\S+): .*text.* which is no well-formed text\.$/.exec(line)?.[1] ?? [],
  );
  assert.equal([complete, named.length], [false, 20], printed.join('\n'));
  assert.ok(named.every((id) => ids.includes(id)));
});

test('objects that change or go while they are migrated are moved as they are then', async () => {
  const kvetch = await renamed();
  const page = (await kvetch.browse('Note', { first: 3 })).objects as readonly { id: string }[];
  const [changed = { id: '' }, gone = { id: '' }] = page;
  // The application writes between the page and its writes.
  const busy = new Proxy(kvetch, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (name !== 'browsePages') return typeof member === 'function' ? member.bind(target) : member;
      return async function* (...args: Parameters<Kvetch['browsePages']>) {
        for await (const found of target.browsePages(...args)) {
          await target.updateObject(changed.id, { text: 'changed' });
          await target.deleteObject(gone.id);
          yield found;
        }
      };
    },
  });
  assert.equal(await migrate({ kvetch: busy, lock: lockOf() }), { moved: 24, duplicates: [], complete: true });
  assert.is((await kvetch.getObject(changed.id))?.body, 'changed');
});

test('files that change together are told of once, and packages never', async () => {
  const seen: (readonly string[])[] = [];
  const stop = watchFolder(project.folder, ['.', 'schema'], (files) => void seen.push([...files].sort()));
  try {
    await new Promise((resolve) => setTimeout(resolve, 50)); // what was written before may still be told of
    seen.length = 0;
    project.write('node_modules/x/index.ts', '');
    project.write('schema/b.graphql', '# b');
    project.write('schema/c.graphql', '# c');
    await until('the changes are told of', () => seen.flat().includes('schema/c.graphql'));
    assert.ok(seen.flat().includes('schema/b.graphql'));
    assert.ok(seen.flat().every((file) => !file.startsWith('node_modules/')));
  } finally {
    stop();
  }
});

test.run();
