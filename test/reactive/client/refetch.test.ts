/** What the client fetches again, case by case (issue 18, spec 12.2). */
import * as assert from 'uvu/assert';
import { type AnyStep, constant, makeSchema } from '../../../src/index.ts';
import { loadObject } from '../../../steps/kvetch/index.ts';
import { until } from '../../support/until.ts';
import { at, casesOf, heldBack, LISTS, lists, openThings, pause, SET_ITEM } from './cases.ts';
import { document, fresh, watch } from './world.ts';

const { test, open } = casesOf('client, refetch');

test('a list of 20 is renamed: its own fields are fetched, and all else keeps its identity as row 10 of the design says (12.2.2, 12.3.6)', async () => {
  const { todo, kvetch, ada, listIds, client, showsFresh } = await open(20);
  const shown = watch(client(), LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  const seven = at(listIds, 7);
  for (const name of ['renamed', 'renamed again', 'and again']) {
    const before = lists(shown);
    todo.asked.length = 0;
    await kvetch.updateObject(seven, { name });
    await until('it is shown', () => lists(shown)[7]?.name === name);
    const refetches = todo.asked.filter(({ refetch }) => refetch !== null);
    assert.equal(
      refetches.map(({ refetch }) => refetch),
      [[{ at: 'todoUser.todoLists.*', ids: [seven] }]],
    );
    assert.ok(at(refetches, 0).bytes < 600, `${at(refetches, 0).bytes} bytes`);
    const changed = lists(shown).flatMap((list, n) => (list === before[n] ? [] : [n]));
    assert.equal(changed, [7]);
    assert.is(lists(shown)[7]?.todoItems, before[7]?.todoItems);
  }
});

test('some objects of several positions are one request; too many are the whole operation (12.2.3)', async () => {
  const { todo, kvetch, port, ada, listIds, itemIds, client, showsFresh } = await open(120);
  const { transport, news, events } = heldBack(port);
  const shown = watch(client({ transport }), LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  const change = async (names: number, texts: number): Promise<unknown> => {
    news.length = 0;
    todo.asked.length = 0;
    for (const id of listIds.slice(0, names)) await kvetch.updateObject(id, { name: `${names} ${texts}` });
    for (const id of itemIds.slice(0, texts)) await kvetch.updateObject(id, { text: `${names} ${texts}` });
    const told = () => new Set(news.flatMap((versions) => Object.keys(versions))).size;
    await until('all is told', () => told() === names + texts);
    for (const one of news) events().stale(one);
    await showsFresh(shown, LISTS, ada);
    const asked = todo.asked.filter(({ isOfClient }) => isOfClient);
    return asked.map(({ refetch }) => refetch?.map(({ at, ids }) => `${at} ${ids?.length}`) ?? 'all');
  };
  assert.equal(await change(3, 2), [['todoUser.todoLists.* 3', 'todoUser.todoLists.*.todoItems.* 2']]);
  assert.equal(await change(60, 50), ['all']);
});

test('a query that nobody watches any more is fetched when it is watched again, and not before (12.2.8)', async () => {
  const { todo, kvetch, ada, listIds, client, showsFresh } = await open(3);
  const one = client();
  const first = watch(one, LISTS, { id: ada });
  await showsFresh(first, LISTS, ada);
  first.stop();
  todo.asked.length = 0;
  for (const name of ['a', 'b', 'c']) await kvetch.updateObject(at(listIds, 1), { name });
  await pause(500);
  assert.equal(todo.asked, []);
  const again = watch(one, LISTS, { id: ada });
  await showsFresh(again, LISTS, ada);
  const asked = todo.asked.filter(({ isOfClient }) => isOfClient);
  assert.equal(
    asked.map(({ refetch }) => refetch),
    [[{ at: 'todoUser.todoLists.*', ids: [at(listIds, 1)] }]],
  );
});

test('a server that shows objects and gives none by their ids is asked once for them (12.2.3)', async () => {
  const load = (_root: AnyStep, { $id }: { readonly [name: `$${string}`]: unknown }) => loadObject($id as AnyStep);
  const schema = makeSchema({
    typeDefs: /* GraphQL */ `
      interface Node { id: ID! }
      type Query { node(id: ID!): Node list(id: ID!): TodoList }
      type TodoList implements Node { id: ID! name: String }
    `,
    objects: {
      Query: { plans: { list: load, node: () => loadObject(constant('00000000-0000-8000-8000-000000000000')) } },
    },
    interfaces: { Node: { planType: () => ({ $__typename: constant('TodoList') }) } },
  });
  const { todo, kvetch, listIds, client } = await open(2, { schema });
  const [a, b] = listIds;
  const shown = watch(
    client(),
    'query ($a: ID!, $b: ID!) { a: list(id: $a) { id name } b: list(id: $b) { id name } }',
    {
      ...{ a, b },
    },
  );
  const names = () => Object.values((shown.now() ?? {}) as Record<string, { name: string }>).map(({ name }) => name);
  await until('it is there', () => names().length === 2);
  const asked: unknown[] = [];
  for (const name of ['one', 'two', 'three']) {
    todo.asked.length = 0;
    await kvetch.updateObject(at(listIds, 1), { name });
    await until('it is shown', () => names()[1] === name);
    asked.push(todo.asked.map(({ refetch }) => refetch ?? 'all'));
  }
  assert.equal(asked, [[[{ at: 'b', ids: [b] }], 'all'], [[{ at: 'b' }]], [[{ at: 'b' }]]]);
});

test('a list whose item is deleted, and an item alone (11.6.7)', async () => {
  const { todo, kvetch, ada, listIds, itemIds, client, showsFresh } = await open(2);
  const shown = watch(client(), LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  todo.asked.length = 0;
  await kvetch.deleteObject(at(itemIds, 0));
  await showsFresh(shown, LISTS, ada);
  assert.equal(
    todo.asked.filter(({ isOfClient }) => isOfClient).map(({ refetch }) => refetch),
    [[{ at: 'todoUser.todoLists.*', ids: [at(listIds, 0)], fields: ['todoItems'] }]],
  );
});

test('items move from one list to another', async () => {
  const { kvetch, ada, listIds, itemIds, client, showsFresh } = await open(3);
  const shown = watch(client(), LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  const moved = lists(shown)[0]?.todoItems[0];
  await kvetch.updateObject(at(itemIds, 0), { todoList: at(listIds, 2) });
  await showsFresh(shown, LISTS, ada);
  assert.equal(
    lists(shown).map(({ todoItems }) => todoItems.length),
    [0, 1, 2],
  );
  assert.ok(lists(shown)[2]?.todoItems.some(({ id }) => id === moved?.id));
});

test('what is deleted goes, from all queries', async () => {
  const { kvetch, ada, listIds, itemIds, client, showsFresh } = await open(2);
  const one = client();
  const shown = watch(one, LISTS, { id: ada });
  const ITEM = 'query ($id: UUID!) { todoItem(id: $id) { id text todoList { name } } }';
  const item = watch(one, ITEM, { id: at(itemIds, 0) });
  await showsFresh(shown, LISTS, ada);
  await showsFresh(item, ITEM, at(itemIds, 0));
  await kvetch.deleteObject(at(itemIds, 0));
  await showsFresh(shown, LISTS, ada);
  await until('the item is null', () => (item.data() as { todoItem: unknown }).todoItem === null);
  await kvetch.deleteObject(at(listIds, 1));
  await showsFresh(shown, LISTS, ada);
});

test('filters flip, and what is prepended comes first', async () => {
  const { things, schema } = openThings();
  const { todo, port, client } = await open(0, { schema });
  const QUERY =
    '{ all: things { id name isOpen } open: things(isOpen: true) { id name } closed: things(isOpen: false) { id } }';
  const shown = watch(client(), QUERY);
  const isFresh = async (): Promise<void> => {
    const expected = JSON.stringify(await fresh(port, QUERY));
    await until('it is shown', () => JSON.stringify(shown.now()) === expected);
  };
  await isFresh();
  at(things, 1).isOpen = false;
  await todo.reactive.invalidate('things');
  await isFresh();
  const former = (shown.data() as { all: readonly unknown[] }).all;
  things.unshift({ id: '4', name: 'four', isOpen: true });
  await todo.reactive.invalidate('things');
  await isFresh();
  const { all } = shown.data() as { all: readonly unknown[] };
  assert.equal(
    all.slice(1).map((thing, n) => thing === former[n]),
    [true, true, true],
    'objects keep their identity',
  );
});

test('lists of objects without ids are fetched whole (12.2.2)', async () => {
  const { things, schema } = openThings();
  const { todo, port, client } = await open(0, { schema });
  const QUERY = '{ tags { name ... on Named { name } ... on Thing { isOpen } } }';
  const shown = watch(client(), QUERY);
  await until('it is there', () => shown.now() !== undefined);
  things.pop();
  things.reverse();
  await todo.reactive.invalidate('tags');
  const expected = JSON.stringify(await fresh(port, QUERY));
  await until('it is shown', () => JSON.stringify(shown.now()) === expected);
});

test('an invalidation during a refetch: one more, never two (12.2.1)', async () => {
  const { todo, kvetch, ada, itemIds, client, showsFresh } = await open(2);
  const shown = watch(client(), LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  todo.asked.length = 0;
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  todo.after = () => gate;
  await kvetch.updateObject(at(itemIds, 0), { text: 'first' });
  await until('it is asked', () => todo.asked.length === 1);
  for (let n = 0; n < 5; n++) await kvetch.updateObject(at(itemIds, n % 2), { text: `again ${n}` });
  await pause(100); // all is told
  todo.after = () => undefined;
  release();
  await until('the last is shown', () => lists(shown)[0]?.todoItems[0]?.text === 'again 4');
  await pause(200);
  assert.is(todo.asked.length, 2);
});

test('frames that come twice, late or in another order change nothing (12.1.2)', async () => {
  const { todo, kvetch, port, ada, itemIds, client, showsFresh } = await open(2);
  const { transport, news, events } = heldBack(port);
  const shown = watch(client({ transport }), LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  todo.asked.length = 0;
  for (const text of ['a', 'b', 'c']) {
    const before = news.length;
    await kvetch.updateObject(at(itemIds, 0), { text });
    await until('it is told', () => news.length > before);
  }
  for (const one of [...news].reverse()) events().stale(one);
  await until('it is shown', () => lists(shown)[0]?.todoItems[0]?.text === 'c');
  for (const one of [...news, ...news]) events().stale(one);
  await pause(200);
  assert.is(todo.asked.length, 1);
});

test('documents that the server knows are sent by their id, refetches by positions and ids, too', async () => {
  const text = `query ($id: UUID!) { todoUser(id: $id) { __typename id todoLists { __typename id name todoItems { __typename id text } } } }`;
  const trusted = new Map([['1', text]]);
  const { todo, kvetch, ada, listIds, itemIds, client } = await open(2, { trusted });
  const shown = watch(
    client({ addTypename: false, toBody: ({ query: _text, ...request }) => ({ ...request, id: '1' }) }),
    text,
    { id: ada },
  );
  await until('it is there', () => shown.now() !== undefined);
  todo.asked.length = 0;
  await kvetch.updateObject(at(itemIds, 1), { text: 'trusted' });
  await until('it is shown', () => lists(shown)[1]?.todoItems[0]?.text === 'trusted');
  const added = { text: 'new', todoItemStatus: 'OPEN', todoList: at(listIds, 0) };
  await kvetch.createObject('TodoItem', added);
  await until('it is shown', () => lists(shown)[0]?.todoItems.length === 2);
  assert.equal(
    todo.asked.map(({ refetch }) => refetch),
    [
      [{ at: 'todoUser.todoLists.*.todoItems.*', ids: [at(itemIds, 1)] }],
      [{ at: 'todoUser.todoLists.*', ids: [at(listIds, 0)], fields: ['todoItems'] }],
    ],
  );
});

test('more dependencies than a response can name: the operation is asked again and again (12.2.6)', async () => {
  const { kvetch, ada, itemIds, client } = await open(5, { maxKeys: 3 });
  const shown = watch(client(), LISTS, { id: ada });
  await until('it is there', () => shown.now() !== undefined);
  await kvetch.updateObject(at(itemIds, 4), { text: 'seen by looking' });
  await until('it is shown', () => lists(shown)[4]?.todoItems[0]?.text === 'seen by looking');
});

test('a change that was told and fetched before its mutation is answered is fetched once more, not again and again [12.1.4]', async () => {
  const { todo, ada, itemIds, client, showsFresh } = await open(1);
  const one = client();
  const shown = watch(one, LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  todo.after = async ({ query }) => {
    if (query.startsWith('mutation')) await until('it is shown', () => JSON.stringify(shown.now()).includes('told'));
  };
  todo.asked.length = 0;
  await one.mutate(document(SET_ITEM), { id: at(itemIds, 0), data: { text: 'told' } });
  await pause(500);
  const fetched = todo.asked.filter(({ isOfClient, isMutation }) => isOfClient && !isMutation);
  assert.is(fetched.length, 2);
  await showsFresh(shown, LISTS, ada);
});

test.run();
