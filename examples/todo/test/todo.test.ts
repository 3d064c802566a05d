import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, startTestServer, type TestServer } from './testServer.ts';

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
