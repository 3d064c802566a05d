import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parse } from 'graphql';
import { createReactiveClient, webSocket } from 'planql/reactive/client';
import { WebSocket } from 'ws';
import { Browser, ORIGIN, startTestServer, type TestServer } from './testServer.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const createList =
  'mutation ($owner: UUID!) { createTodoList(data: { name: "Garden", owner: $owner }) { todoList { id } } }';
const moveList =
  'mutation ($id: UUID!, $owner: UUID) { updateTodoList(id: $id, data: { owner: $owner }) { todoList { name } } }';
const createItem =
  'mutation ($list: UUID!) { createTodoItem(data: { text: "Dig", todoList: $list }) { todoItem { id } } }';
const lists = '{ todoUsers { todoLists { name owner { username } } } }';

test('a list moves from one user to another, by its owner alone', async () => {
  const [ada, grace] = [new Browser(server), new Browser(server)];
  const [adaId, graceId] = [await ada.signUp('ada'), await grace.signUp('grace')];
  const { data } = await ada.ask(createList, { owner: adaId });
  const { id } = data.createTodoList.todoList;
  const seen = async () =>
    (await ada.ask(lists)).data.todoUsers.flatMap(({ todoLists }: { todoLists: unknown }) => todoLists);
  assert.deepEqual(await seen(), [{ name: 'Garden', owner: { username: 'ada' } }]);

  for (const browser of [grace, new Browser(server)]) {
    for (const [query, variables] of [
      [createItem, { list: id }],
      [moveList, { id, owner: graceId }],
      [createList, { owner: adaId }],
    ] as const) {
      assert.equal((await browser.ask(query, variables)).errors[0].extensions.code, 'FORBIDDEN');
    }
  }
  await ada.ask(createItem, { list: id });
  await ada.ask(moveList, { id, owner: graceId });
  assert.deepEqual(await seen(), [{ name: 'Garden', owner: { username: 'grace' } }]);
  assert.equal((await ada.ask(createItem, { list: id })).errors[0].extensions.code, 'FORBIDDEN');
  assert.equal((await grace.ask(createItem, { list: id })).errors, undefined);
});

test('what one window adds is in the other', async () => {
  const [left, right] = [new Browser(server), new Browser(server)];
  const owner = await left.signUp('barbara');
  right.cookie = left.cookie;
  const client = createReactiveClient({
    url: `${server.url}/graphql`,
    headers: () => ({ origin: ORIGIN, cookie: right.cookie ?? '' }),
    transport: webSocket({
      url: `${server.url.replace('http', 'ws')}/deps/socket`,
      open: (url, protocol) =>
        new WebSocket(url, protocol, { headers: { origin: ORIGIN, cookie: right.cookie ?? '' } }) as never,
    }),
  });
  const query = parse('query ($id: UUID!) { todoUser(id: $id) { id todoLists { id name todoItems { id text } } } }');
  const { subscribe, getSnapshot } = client.watch(query, { id: owner });
  const stop = subscribe(() => {});
  const shows = async (text: string): Promise<void> => {
    for (const end = Date.now() + 10_000; !JSON.stringify(getSnapshot().data ?? '').includes(text); ) {
      assert.ok(Date.now() < end, `It does not show ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  try {
    await shows('"todoLists":[]');
    const { data } = await left.ask(createList, { owner });
    await shows('Garden');
    await left.ask(createItem, { list: data.createTodoList.todoList.id });
    await shows('Dig');
  } finally {
    stop();
    client.close();
  }
});

test('an operation that may take too much is refused before it runs, and so are many expensive ones', async () => {
  const browser = new Browser(server);
  await browser.signUp('alan');
  const all = '{ todoUsers { todoLists { todoItems { id } } } }';
  const { errors } = await browser.ask(all);
  assert.equal(errors[0].extensions.code, 'COST_LIMIT');
  const codes: unknown[] = [];
  while (codes.length < 100 && codes.at(-1) !== 'TOO_MANY_REQUESTS') {
    const answer = await browser.ask('{ todoUsers { todoLists { todoItems(first: 2) { id } } } }');
    codes.push(answer.errors?.[0].extensions.code ?? 'answered');
  }
  assert.deepEqual([codes[0], codes.at(-1)], ['answered', 'TOO_MANY_REQUESTS']);
  assert.equal((await new Browser(server).ask('{ __typename }')).errors, undefined, 'others may go on');
});
