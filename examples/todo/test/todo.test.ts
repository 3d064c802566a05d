import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { createKvetch, type Kvetch, memoryShards } from 'planql/kvetch';
import { kvetchSchema } from '../generated/kvetchSchema.ts';
import { createApp, shutDown } from '../server.ts';

let kvetch: Kvetch;
let server: ReturnType<typeof createApp>;

before(async () => {
  kvetch = createKvetch({ schema: kvetchSchema, shards: memoryShards(2) });
  server = createApp(kvetch);
  await new Promise<void>((resolve) => server.listen(0, resolve));
});
after(() => shutDown(server, () => kvetch.close()));

// biome-ignore lint/suspicious/noExplicitAny: a response has the shape of its query
async function ask(query: string, variables: Record<string, unknown> = {}): Promise<any> {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://localhost:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
  assert.equal(errors, undefined);
  return data;
}

test('a list moves from one user to another', async () => {
  const create = 'mutation ($data: CreateTodoUserData!) { createTodoUser(data: $data) { todoUser { id } } }';
  const users: string[] = [];
  for (const username of ['ada', 'grace']) {
    const { createTodoUser } = await ask(create, { data: { name: username, username } });
    users.push(createTodoUser.todoUser.id);
  }
  const [ada, grace] = users;
  const { createTodoList } = await ask(
    'mutation ($owner: UUID!) { createTodoList(data: { name: "Garden", owner: $owner }) { todoList { id } } }',
    { owner: ada },
  );
  const lists = '{ todoUsers { username todoLists { name owner { username } } } }';
  const garden = (username: string) => ({ name: 'Garden', owner: { username } });
  assert.deepEqual(
    (await ask(lists)).todoUsers.flatMap((user: { todoLists: unknown }) => user.todoLists),
    [garden('ada')],
  );
  const move =
    'mutation ($id: UUID!, $owner: UUID) { updateTodoList(id: $id, data: { owner: $owner }) { todoList { name } } }';
  await ask(move, { id: createTodoList.todoList.id, owner: grace });
  assert.deepEqual(
    (await ask(lists)).todoUsers.flatMap((user: { todoLists: unknown }) => user.todoLists),
    [garden('grace')],
  );
});
