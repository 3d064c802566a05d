import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ExecutionResult,
  execute as executeWithGraphQL,
  type GraphQLSchema,
  parse,
  print,
  printSchema,
} from 'graphql';
import { createEngine, execute, exportPlan, importPlan } from 'planql';
import type { Kvetch } from 'planql/kvetch';
import { suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';
import { type OpenStore, openStore } from '../../examples/todo-by-hand/openStore.ts';
import { naiveSchema, schema } from '../../examples/todo-by-hand/schema.ts';
import { createTodoServer } from '../../examples/todo-by-hand/server.ts';
import { fill } from '../../examples/todo-by-hand/store.ts';
import { todoView, userByUsername } from '../../examples/todo-by-hand/views.ts';
import { find, needs } from '../support/needs.ts';
import { startRedis } from '../support/redisServer.ts';
import { reported } from '../support/reported.ts';
import { mysqlForTests } from '../support/servers.ts';
import { until } from '../support/until.ts';
import { plain, printed } from './printed.ts';

const mysql = await mysqlForTests();
const redis = mysql.isThere && find('redis-server') !== null ? await startRedis() : null;

/** Two databases of their own and the Redis of this file. */
function newServers(): { readonly mysql: readonly string[]; readonly redis: readonly string[] } {
  return { mysql: [1, 2].map(() => `${mysql.uri}/${mysql.newDatabase()}`), redis: [redis?.url ?? ''] };
}

const onServers = (test: Test): Test => needs(test, mysql, 'redis-server');

/** The same program, wherever its objects are. */
for (const [name, place] of [['embedded', {}] as const, ['two MySQL databases and a Redis', newServers()] as const]) {
  const embedded = suite(`examples/todo-by-hand, ${name}`);
  const test = name === 'embedded' ? embedded : onServers(embedded);
  let store: OpenStore;
  let kvetch: Kvetch;
  let userIds: string[];

  test.before(
    reported(async () => {
      store = openStore(place);
      kvetch = store.kvetch;
      userIds = await fill(kvetch);
      const { cache } = store;
      if (cache === null) return;
      await until('Redis has everything', async () => {
        cache.stats.reset();
        await dataOf('{ todoUsers(first: 1000) { todoLists { todoItems { id } } } }');
        await ask(print(todoView), { id: userIds[3] });
        return cache.stats.misses === 0;
      });
    }),
  );
  test.after(() => store.close());

  // biome-ignore lint/suspicious/noExplicitAny: what a test looks into
  type Result = { data?: any; errors?: Array<{ message: string; path?: unknown[] }> };

  async function ask(source: string, variableValues = {}, on: GraphQLSchema = schema): Promise<Result> {
    const args = { schema: on, document: parse(source), variableValues, contextValue: { kvetch } };
    return plain((await execute(args)) as unknown as Result);
  }

  async function dataOf(source: string, variableValues = {}): Promise<Result['data']> {
    const { data, errors } = await ask(source, variableValues);
    assert.is(errors, undefined, JSON.stringify(errors));
    return data;
  }

  test('the todo view takes at most 5 rounds, and more than 50 with resolvers', async () => {
    const run = async (answer: () => unknown): Promise<[result: ExecutionResult, rounds: number]> => {
      kvetch.stats.reset();
      return [plain((await answer()) as ExecutionResult), kvetch.stats.rounds];
    };
    const request = { document: todoView, contextValue: { kvetch }, variableValues: { id: userIds[3] } };
    const [planned, plannedRounds] = await run(() => execute({ ...request, schema }));
    const [naive, naiveRounds] = await run(() => executeWithGraphQL({ ...request, schema: naiveSchema }));
    const [naiveHere, naiveHereRounds] = await run(() => execute({ ...request, schema: naiveSchema }));
    assert.equal(planned, naive);
    assert.equal(planned, naiveHere);
    assert.ok(plannedRounds <= 5, `${plannedRounds}`);
    assert.is(naiveRounds, 72);
    assert.is(naiveHereRounds, 72);
    const { todoLists } = (planned as unknown as Result).data.todoUser;
    assert.is(todoLists.length, 10);
    for (const { todoItems } of todoLists) assert.is(todoItems.length, 5);
    assert.equal(todoLists[0], {
      name: 'Home',
      todoItems: [
        { text: 'Order the ladder', todoItemStatus: 'COMPLETED' },
        { text: 'Return three chairs', todoItemStatus: 'OPEN' },
        { text: 'Sort a new lamp', todoItemStatus: 'OPEN' },
        { text: 'Borrow the old maps', todoItemStatus: 'COMPLETED' },
        { text: 'Paint some seeds', todoItemStatus: 'OPEN' },
      ],
    });
  });

  test('the rounds stay as few for everybody at once: 10,000 items', async () => {
    kvetch.stats.reset();
    const { todoUsers } = await dataOf('{ todoUsers(first: 1000) { todoLists { todoItems { id } } } }');
    assert.ok(kvetch.stats.rounds <= 5, `${kvetch.stats.rounds}`);
    type User = { todoLists: Array<{ todoItems: Array<{ id: string }> }> };
    const ids = (todoUsers as User[]).flatMap((user) =>
      user.todoLists.flatMap((list) => list.todoItems.map(({ id }) => id)),
    );
    assert.is(new Set(ids).size, 10_000);
  });

  test('a user is found by username, and by nothing that only looks like it', async () => {
    const variableValues = { username: 'user199' };
    const result = await execute({ schema, document: userByUsername, variableValues, contextValue: { kvetch } });
    assert.equal(plain(result), {
      data: { todoUserByUsername: { name: 'Ken Castillo', todoLists: [{ name: 'Home' }, { name: 'Garden' }] } },
    });
    const lookAlikes =
      '{ a: todoUserByUsername(username: "User7") { id } b: todoUserByUsername(username: "user7 ") { id } }';
    assert.equal(await dataOf(lookAlikes), { a: null, b: null });
  });

  test('the todo view is portable', async () => {
    const prepared = createEngine({ schema }).prepare(todoView);
    const request = { contextValue: { kvetch }, variableValues: { id: userIds[0] } };
    const imported = importPlan(schema, plain(exportPlan(prepared)));
    assert.equal(plain(await imported.execute(request)), plain(await prepared.execute(request)));
  });

  test('lists page: every list once, whatever the page size', async () => {
    const page = /* GraphQL */ `
    query ($id: UUID!, $after: UUID) { todoUser(id: $id) { todoLists(first: 3, after: $after) { id } } }
  `;
    const all = await dataOf('query ($id: UUID!) { todoUser(id: $id) { todoLists { id } } }', { id: userIds[5] });
    const seen: Array<{ id: string }> = [];
    for (let after: string | undefined; ; after = seen.at(-1)?.id) {
      const { todoLists } = (await dataOf(page, { id: userIds[5], after })).todoUser;
      if (todoLists.length === 0) break;
      seen.push(...todoLists);
    }
    assert.equal(seen, all.todoUser.todoLists);
  });

  test('create, read, update and delete a user, a list and an item', async () => {
    const { createTodoUser } = await dataOf(
      'mutation { createTodoUser(data: { name: "Nell", username: "nell" }) { todoUser { id name username todoLists { id } } } }',
    );
    const { id: user, ...created } = createTodoUser.todoUser;
    assert.equal(created, { name: 'Nell', username: 'nell', todoLists: [] });

    const { createTodoList } = await dataOf(
      'mutation ($user: UUID!) { createTodoList(data: { name: "Boat", owner: $user }) { todoList { id owner { name todoLists { name } } } } }',
      { user },
    );
    const { id: list, owner } = createTodoList.todoList;
    assert.equal(owner, { name: 'Nell', todoLists: [{ name: 'Boat' }] });

    const { createTodoItem } = await dataOf(
      'mutation ($list: UUID!) { createTodoItem(data: { text: "Caulk", todoList: $list }) { todoItem { id text todoItemStatus todoList { name } } } }',
      { list },
    );
    const { id: item, ...rest } = createTodoItem.todoItem;
    assert.equal(rest, { text: 'Caulk', todoItemStatus: 'OPEN', todoList: { name: 'Boat' } });

    const updated = await dataOf(
      `mutation ($user: UUID!, $list: UUID!, $item: UUID!, $other: UUID!) {
      updateTodoItem(id: $item, data: { todoItemStatus: COMPLETED }) { todoItem { text todoItemStatus } }
      updateTodoList(id: $list, data: { owner: $other }) { todoList { name owner { username } todoItems { text } } }
      updateTodoUser(id: $user, data: { username: "nelly" }) { todoUser { name username todoLists { id } } }
    }`,
      { user, list, item, other: userIds[0] },
    );
    assert.equal(updated, {
      updateTodoItem: { todoItem: { text: 'Caulk', todoItemStatus: 'COMPLETED' } },
      updateTodoList: { todoList: { name: 'Boat', owner: { username: 'user0' }, todoItems: [{ text: 'Caulk' }] } },
      updateTodoUser: { todoUser: { name: 'Nell', username: 'nelly', todoLists: [] } }, // the list has moved
    });

    const names =
      '{ old: todoUserByUsername(username: "nell") { id } new: todoUserByUsername(username: "nelly") { id } }';
    assert.equal(await dataOf(names), { old: null, new: { id: user } });

    const deleted = await dataOf(
      `mutation ($user: UUID!, $list: UUID!, $item: UUID!) {
      deleteTodoItem(id: $item) { deletedId }
      deleteTodoList(id: $list) { deletedId }
      deleteTodoUser(id: $user) { deletedId }
      again: deleteTodoUser(id: $user) { deletedId }
    }`,
      { user, list, item },
    );
    assert.equal(deleted, {
      deleteTodoItem: { deletedId: item },
      deleteTodoList: { deletedId: list },
      deleteTodoUser: { deletedId: user },
      again: { deletedId: null },
    });
    const gone = await dataOf(
      'query ($user: UUID!, $list: UUID!, $item: UUID!) { todoUser(id: $user) { id } todoList(id: $list) { id } todoItem(id: $item) { id } }',
      { user, list, item },
    );
    assert.equal(gone, { todoUser: null, todoList: null, todoItem: null });
    assert.equal(await dataOf(names), { old: null, new: null });
  });

  test('bad input is an error in its place, and the rest is served', async () => {
    const taken = await ask(
      'mutation { createTodoUser(data: { name: "Thief", username: "user1" }) { todoUser { id } } }',
    );
    assert.equal(taken.errors?.[0]?.path, ['createTodoUser']);
    assert.match(taken.errors?.[0]?.message ?? '', /username/);

    const notAnId = await ask('query ($id: UUID!) { todoUser(id: $id) { id } }', { id: '1 OR 1=1' });
    assert.match(notAnId.errors?.[0]?.message ?? '', /is not a UUID/);

    const missing = '00000000-0000-8000-8000-000000000000';
    const unknown = await ask(
      'mutation ($id: UUID!) { updateTodoUser(id: $id, data: { name: "x" }) { todoUser { id } } }',
      {
        id: missing,
      },
    );
    assert.match(unknown.errors?.[0]?.message ?? '', /There is no TodoUser with the id/);

    const user = userIds[1];
    const cleared = await ask(
      'mutation ($id: UUID!) { updateTodoUser(id: $id, data: { name: null }) { todoUser { id } } }',
      {
        id: user,
      },
    );
    assert.equal(cleared.errors?.[0]?.path, ['updateTodoUser']);

    for (const on of [schema, naiveSchema]) {
      const mixed = await ask(
        'query ($id: UUID!) { todoItem(id: $id) { id } todoUser(id: $id) { username todoLists(first: -1) { id } } }',
        { id: user },
        on,
      );
      assert.equal(mixed.errors?.[0]?.path, ['todoUser', 'todoLists']);
      assert.equal(mixed.data, { todoItem: null, todoUser: null }); // todoLists is not nullable
    }
  });

  test('both schemas are one schema', () => {
    assert.is(printSchema(schema), printSchema(naiveSchema));
  });

  test('the server answers GraphQL over HTTP, and browsers with GraphiQL', async () => {
    const server = createTodoServer(kvetch).listen(0);
    try {
      const url = `http://localhost:${(server.address() as AddressInfo).port}/graphql`;
      const query = '{ todoUserByUsername(username: "user7") { name } }';
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      assert.equal(await response.json(), { data: { todoUserByUsername: { name: 'Tony Okafor' } } });
      const page = await fetch(url, { headers: { accept: 'text/html' } });
      assert.match(await page.text(), /GraphiQL/);
      assert.is((await fetch(new URL('/elsewhere', url))).status, 404);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test.run();
}

const command = suite('examples/todo-by-hand, npm run');

function assertShown(output: string, reads: number): void {
  assert.match(output, /\{ "text": "Paint a new lamp", "todoItemStatus": "OPEN" \}/);
  assert.match(output, /query TodoView\nroot\n/);
  assert.match(output, /the answers are the same/);
  assert.match(output, new RegExp(`generated application +${reads} reads`));
  assert.match(output, new RegExp(`plans by hand +${reads} reads`));
  assert.match(output, /DataLoader +5 reads/);
  assert.match(output, /naive resolvers +72 reads/);
}

command('in memory, and twice on one SQLite file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'planql-todo-'));
  try {
    const file = join(folder, 'todo.db');
    for (const args of [[], ['--file', file], ['--file', file]]) assertShown(await printed('example:todo', args), 5);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

onServers(command)('on two databases and a Redis, told by flags and then by variables', async () => {
  const places = newServers();
  const [one = '', two = ''] = places.mysql;
  const [cache = ''] = places.redis;
  assertShown(await printed('example:todo', ['--mysql', one, '--mysql', two, '--redis', cache]), 1);
  const variables = { TODO_MYSQL: `${one},${two}`, TODO_REDIS: cache };
  const again = await printed('example:todo', [], variables);
  assertShown(again, 1);
  assert.match(again, /Redis answered 72 keys of the plans, and 0 it did not have/);
});

command.after(() => redis?.kill());
command.run();
