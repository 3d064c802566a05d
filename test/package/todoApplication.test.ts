import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needs } from '../support/needs.ts';
import { reported } from '../support/reported.ts';
import {
  buildPage,
  button,
  emptyDirectory,
  PLANQL,
  runInstalled,
  runTests,
  signUp,
  start,
  stop,
  urlOf,
  withPages,
  write,
} from './applications.ts';

const test = suite('the todo application, made by the packed tarball from an empty directory');
let root: string;
let app: string;

/** Runs the program `planql` in the application. */
const planql = (...args: string[]): Promise<string> => runInstalled(root, app, PLANQL, ...args);

test.before(
  reported(async () => {
    root = await emptyDirectory();
    app = root;
    await planql('init', 'todo', '--no-install');
    app = join(root, 'todo');
  }),
);

test('it passes tsc --strict and its own test', async () => {
  await runInstalled(root, app, 'typescript/bin/tsc', '--noEmit');
  assert.match(await runTests(app, 'test/todo.test.ts'), /# pass 3/);
  await buildPage(root, app);
});

needs(test, 'chromium')('two windows of its page show the same, until the account signs out everywhere', async () => {
  await withPages(app, async (open) => {
    const left = await open();
    await signUp(left, 'ada', 'Ada <b>');
    const windows = [left, await open()] as const;
    const item = `document.querySelector('[data-item="Dig"]')`;
    await windows[1].until(`document.querySelector('[aria-label="New list"]')`);
    await write(left, 'New list', 'Garden');
    for (const page of windows) await page.until(`document.querySelector('[data-list="Garden"]')`);
    await write(windows[1], 'Add to Garden', 'Dig');
    for (const page of windows) await page.until(item);
    await left.evaluate(`${item}.querySelector('input').click()`);
    for (const page of windows) await page.until(`${item}.className === 'done'`);
    await left.evaluate(`${button('Sign out everywhere')}.click()`);
    for (const page of windows) await page.until(button('Sign in', 'submit'));
    assert.equal(
      windows.flatMap(({ errors }) => errors),
      [],
    );
  });
});

test('an empty project with a name passes tsc --strict and its own tests: sessions, foreign origins, forms, uploads, limits, hostile requests, sockets', async () => {
  await runInstalled(root, root, PLANQL, 'init', 'shop', '--no-install');
  const empty = join(root, 'shop');
  await runInstalled(root, empty, 'typescript/bin/tsc', '--noEmit');
  for (const name of ['security', 'signUp', 'hostile', 'sockets'])
    assert.match(await runTests(empty, `test/${name}.test.ts`), /# fail 0/);
});

test('a second run writes nothing, not even times', async () => {
  const times = (): readonly number[] =>
    ['generated', 'pents'].flatMap((folder) =>
      readdirSync(join(app, folder)).map((name) => statSync(join(app, folder, name)).mtimeMs),
    );
  const before = times();
  assert.match(await planql('generate'), /Everything is up to date/);
  assert.match(await planql('check'), /Everything is up to date/);
  assert.equal(times(), before);
});

test('a hand edit of a stub survives, that of a generated file is noticed, and a new type appends one stub', async () => {
  const stub = join(app, 'pents/TodoUser.ts');
  const edited = `${readFileSync(stub, 'utf8')}// by hand\n`;
  writeFileSync(stub, edited);
  const types = join(app, 'generated/types.ts');
  const generated = readFileSync(types, 'utf8');
  writeFileSync(types, `${generated}// by hand\n`);
  assert.match(await planql('generate').catch((error) => String(error)), /generated\/types.ts was edited by hand/);
  writeFileSync(types, generated);
  const more =
    'type TodoTag @pent(typeId: 100003) @public { id: UUID! label: String! }\nextend type Query { todoTag(id: UUID!): TodoTag @readPent }\n';
  writeFileSync(join(app, 'schema/tags.graphql'), more);
  const output = await planql('generate');
  assert.match(output, /wrote pents\/TodoTag.ts/);
  assert.is(output.match(/wrote pents/g)?.length, 1);
  assert.is(readFileSync(stub, 'utf8'), edited);
});

test('diff and migrate say and do what a changed schema needs', async () => {
  assert.match(await planql('diff'), /Nothing has changed for stored data/);
  assert.match(await planql('migrate'), /Edges and indexes: \d+ rows looked at\./);
});

test('dev generates, starts the server, prints its URL, and ends with it', async () => {
  const program = join(root, 'node_modules', PLANQL);
  const child = spawn(process.execPath, [program, 'dev'], {
    cwd: app,
    env: { ...process.env, PORT: '0', SQLITE_FILE: join(root, 'dev.db') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    assert.is((await fetch((await urlOf(child)).replace('graphql', 'health'))).status, 200);
  } finally {
    child.kill('SIGTERM');
  }
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.is(code, 0);
});

test('it is created, read, listed, moved and deleted over HTTP', async () => {
  const { child, url } = await start(app);
  let code: number | null;
  try {
    let cookie = '';
    const signUp = async (login: string): Promise<string> => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ login, password: 'a long enough password', name: login });
      const response = await fetch(url.replace('graphql', 'auth/sign-up'), { method: 'POST', headers, body });
      cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
      return ((await response.json()) as { viewer: { id: string } }).viewer.id;
    };
    const ask = async (query: string, variables: object = {}): Promise<{ data: never; errors?: never }> => {
      const headers = { 'content-type': 'application/json', cookie };
      const body = JSON.stringify({ query, variables });
      return (await fetch(url, { method: 'POST', headers, body })).json() as never;
    };
    const create = async (type: string, data: object): Promise<string> => {
      const field = `${type[0]?.toLowerCase()}${type.slice(1)}`;
      const query = `mutation ($data: Create${type}Data!) { written: create${type}(data: $data) { ${field} { id } } }`;
      const { data: answer, errors } = await ask(query, { data });
      assert.is(errors, undefined);
      return (answer as Record<string, Record<string, { id: string }>>).written?.[field]?.id as string;
    };
    const grace = await signUp('grace');
    const ada = await signUp('ada');
    const lists: string[] = [];
    for (const name of ['a', 'b', 'c']) lists.push(await create('TodoList', { name, owner: ada }));
    await create('TodoItem', { text: 'one', todoList: lists[0] });

    const page = `query ($id: UUID!, $after: UUID) { todoUser(id: $id) { todoLists(first: 2, after: $after) { name todoItems { text todoItemStatus } } } }`;
    const items = [{ text: 'one', todoItemStatus: 'OPEN' }];
    assert.equal(await ask(page, { id: ada }), {
      data: {
        todoUser: {
          todoLists: [
            { name: 'a', todoItems: items },
            { name: 'b', todoItems: [] },
          ],
        },
      },
    });
    assert.equal(await ask(page, { id: ada, after: lists[1] }), {
      data: { todoUser: { todoLists: [{ name: 'c', todoItems: [] }] } },
    });

    const move =
      'mutation ($id: UUID!, $data: UpdateTodoListData!) { updateTodoList(id: $id, data: $data) { todoList { name owner { username } } } }';
    assert.equal(await ask(move, { id: lists[0], data: { owner: grace } }), {
      data: { updateTodoList: { todoList: { name: 'a', owner: { username: 'grace' } } } },
    });
    const remove = 'mutation ($id: UUID!) { deleteTodoList(id: $id) { deletedId } }';
    assert.equal(await ask(remove, { id: lists[1] }), { data: { deleteTodoList: { deletedId: lists[1] } } });
    assert.equal(await ask(remove, { id: lists[1] }), { data: { deleteTodoList: { deletedId: null } } });
    const all = '{ todoUserByUsername(username: "ada") { todoLists { name } } todoUsers { username } }';
    const { data } = (await ask(all)) as { data: { todoUserByUsername: object; todoUsers: { username: string }[] } };
    assert.equal(data.todoUserByUsername, { todoLists: [{ name: 'c' }] });
    // Shard by shard: which one a user is on, the random id of its credential decides.
    assert.equal(data.todoUsers.map(({ username }) => username).sort(), ['ada', 'grace']);

    const rename = 'mutation ($id: UUID!) { updateTodoUser(id: $id, data: { username: "grace" }) { todoUser { id } } }';
    const twice = await ask(rename, { id: ada });
    const [taken] = twice.errors as unknown as { message: string; extensions: object }[];
    assert.is(taken?.message, 'Another TodoUser already has this username.');
    assert.equal(taken?.extensions, { code: 'ALREADY_TAKEN', field: 'username' });

    const page2 = await fetch(url, { headers: { accept: 'text/html' } });
    assert.match(await page2.text(), /graphiql/i);
    for (const path of ['health', 'ready']) assert.is((await fetch(url.replace('graphql', path))).status, 200);
  } finally {
    code = await stop(child);
  }
  assert.is(code, 0);
});

test.run();
