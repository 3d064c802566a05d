/** Mutations made without a connection (spec 12.9): kept in order, shown, sent once. */
import * as assert from 'uvu/assert';
import type { AnyStep } from '../../../src/index.ts';
import { makeSchema } from '../../../src/index.ts';
import { defineKvetchSchema, type Kvetch } from '../../../src/kvetch.ts';
import { type Offline, type OfflineStorage, offline } from '../../../src/reactive-client-offline.ts';
import { loadObject } from '../../../steps/kvetch/index.ts';
import { until } from '../../support/until.ts';
import { casesOf, pause } from './cases.ts';
import { document, openClient, openTodo, type TodoServer } from './world.ts';

const { test, ends } = casesOf('client, mutations made offline');

/** What survives a reload in these tests. */
function memory(): OfflineStorage & { readonly values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    list: async (prefix) => [...values].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)),
    update: async (key, change) => {
      const value = change(values.get(key));
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    },
  };
}

const kvetchSchema = defineKvetchSchema({ objects: [{ typeId: 1, name: 'List' }] });
const ran: string[] = [];
const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { list(id: ID!): List }
    type List { id: ID! title: String }
    type Mutation { add(title: String!, key: String): List rename(id: ID!, title: String!): List refuse: List }
  `,
  objects: {
    Query: { plans: { list: (_root, { $id }) => loadObject($id as AnyStep) } },
    Mutation: {
      resolvers: {
        add: async (_: unknown, { title, key }: { title: string; key: string }, { store }: { store: Kvetch }) => {
          ran.push(`add ${title}`);
          return { id: await store.createObject('List', { title }, { idempotencyKey: key }), title };
        },
        rename: async (_: unknown, { id, title }: { id: string; title: string }, { store }: { store: Kvetch }) => {
          ran.push(`rename ${title}`);
          await store.updateObject(id, { title });
          return { id, title };
        },
        refuse: () => {
          throw new Error('No.');
        },
      },
    },
  },
});
const LIST = 'query ($id: ID!) { list(id: $id) { id title } }';
const ADD = 'mutation Add($title: String!, $key: String) { add(title: $title, key: $key) { id title } }';
const RENAME = 'mutation Rename($id: ID!, $title: String!) { rename(id: $id, title: $title) { id } }';

interface Page {
  readonly client: ReturnType<typeof openClient>;
  readonly queue: Offline;
  readonly errors: string[];
}

async function open(): Promise<{ todo: TodoServer; storage: ReturnType<typeof memory>; page(user?: string): Page }> {
  ran.length = 0;
  const todo = await openTodo({ schema, kvetchSchema });
  ends.push(() => todo.end());
  const storage = memory();
  const page = (user = 'ann'): Page => {
    const errors: string[] = [];
    const queue = offline({ user, storage });
    const client = openClient(todo.port, { offline: queue, onError: (error) => errors.push(String(error)) });
    ends.push(() => client.close());
    return { client, queue, errors };
  };
  return { todo, storage, page };
}

test('made while the server is away: shown, kept through a reload, sent in order, once', async () => {
  const { todo, storage, page } = await open();
  const id = await todo.kvetch.createObject('List', { title: 'first' });
  const before = page();
  const shown = before.client.watch(document(LIST), { id });
  ends.push(shown.subscribe(() => {}));
  const title = (one: typeof shown): unknown => (one.getSnapshot().data as { list?: { title: string } })?.list?.title;
  await until('it is shown', () => title(shown) === 'first');
  await todo.away();
  const lost = ['second', 'third'].map((text) =>
    before.client
      .mutate(
        document(RENAME),
        { id, title: text },
        {
          offline: { isRepeatable: true },
          optimistic: (draft) => draft.set({ __typename: 'List', id }, { title: text }),
        },
      )
      .catch(String),
  );
  assert.is(title(shown), 'third');
  assert.is(before.queue.getSnapshot().length, 2);
  await until('it is stored', () => [...storage.values.keys()].filter((key) => key.startsWith('queue/')).length === 2);
  before.client.close();
  assert.match(String(await lost[0]), 'sent by the next one');
  await todo.back();
  const after = page();
  await until('it is sent', async () => (await todo.kvetch.getObject(id))?.title === 'third');
  assert.equal(ran, ['rename second', 'rename third']);
  await until('nothing is kept', () => storage.values.size === 0);
  assert.equal(after.queue.getSnapshot(), []);
});

test('an answer that gets lost: the mutation is sent again with its key, and creates one object', async () => {
  const { todo, page } = await open();
  const { client } = page();
  let cut = 1;
  todo.after = ({ query }) => {
    if (query.includes('Add') && cut-- > 0) return todo.away().then(() => undefined);
    return undefined;
  };
  const done = client.mutate(document(ADD), { title: 'one' }, { offline: { key: 'key' } });
  await until('it was run', () => ran.length === 1);
  await pause(100);
  await todo.back();
  const { data } = (await done) as { data: { add: { id: string } } };
  assert.equal(ran, ['add one', 'add one']);
  assert.is((await todo.kvetch.getObject(data.add.id))?.title, 'one');
});

test('objects that do not exist yet: mutations after it name the real id; refused with it', async () => {
  const { todo, page } = await open();
  const { client, queue } = page();
  await todo.away();
  const id = queue.newId();
  const gone = queue.newId();
  const made = client.mutate(
    document(ADD),
    { title: 'one' },
    {
      offline: { key: 'key', creates: { id, at: 'add.id' } },
    },
  );
  const renamed = client.mutate(document(RENAME), { id, title: 'two' }, { offline: { isRepeatable: true } });
  const refused = client.mutate(
    document('mutation { refuse { id } }'),
    {},
    {
      offline: { isRepeatable: true, creates: { id: gone, at: 'refuse.id' } },
    },
  );
  const dependent = client
    .mutate(document(RENAME), { id: gone, title: 'x' }, { offline: { isRepeatable: true } })
    .catch(String);
  await todo.back();
  const real = ((await made) as { data: { add: { id: string } } }).data.add.id;
  assert.is((await renamed).errors, undefined);
  assert.is((await todo.kvetch.getObject(real))?.title, 'two');
  assert.ok((await refused).errors);
  assert.match(String(await dependent), 'was not sent');
});

test('two pages over one storage send each once; another user sees and sends nothing; garbled ones are forgotten', async () => {
  const { todo, storage, page } = await open();
  await todo.away();
  const [left, right, other] = [page(), page(), page('bob')];
  const done = [left, right, left].map(({ client }, n) =>
    client.mutate(document(ADD), { title: `t${n}` }, { offline: { key: 'key' } }),
  );
  await until(
    'all are stored',
    () => [...storage.values.keys()].filter((key) => key.startsWith('queue/')).length === 3,
  );
  assert.equal(other.queue.getSnapshot(), []);
  storage.values.set('queue/ann/0-x', '{"v":1,');
  await todo.back();
  await Promise.all(done);
  assert.equal([...ran].sort(), ['add t0', 'add t1', 'add t2']);
  assert.ok([...left.errors, ...right.errors].some((text) => text.includes('cannot be read')));
});

test('a mutation that is not safe to repeat is refused', async () => {
  const { page } = await open();
  const { client } = page();
  const message = await client.mutate(document(ADD), { title: 'x' }, { offline: {} }).catch(String);
  assert.match(String(message), 'isRepeatable');
});

test.run();
