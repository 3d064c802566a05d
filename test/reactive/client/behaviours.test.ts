/** What the client does, case by case (issue 18, spec 12). */

import type { AddressInfo } from 'node:net';
import { GraphQLError } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocketServer } from 'ws';
import { kvetchSchema } from '../../../examples/todo/generated/kvetchSchema.ts';
import { type AnyStep, constant, makeSchema } from '../../../src/index.ts';
import { createKvetch, memoryShards } from '../../../src/kvetch.ts';
import { dependsOn, manualKey } from '../../../src/reactive.ts';
import type { NewVersions, ReactiveClientOptions, Transport, TransportEvents } from '../../../src/reactive-client.ts';
import { loadObject } from '../../../steps/kvetch/index.ts';
import { until } from '../../support/until.ts';
import { document, fresh, openClient, openTodo, type ServerOptions, socketTo, type Watched, watch } from './world.ts';

const test = suite('client');
const ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const LISTS =
  'query ($id: UUID!) { todoUser(id: $id) { id name todoLists { id name todoItems { id text todoItemStatus } } } }';
const SET_ITEM =
  'mutation ($id: UUID!, $data: UpdateTodoItemData!) { updateTodoItem(id: $id, data: $data) { todoItem { id } } }';
const ADD_ITEM =
  'mutation ($text: String!, $list: UUID!) { createTodoItem(data: { text: $text, todoList: $list }) { todoItem { id } } }';

interface Lists {
  readonly todoUser: {
    readonly name: string;
    readonly todoLists: readonly {
      readonly id: string;
      readonly name: string;
      readonly todoItems: readonly { readonly id: string; readonly text: string; readonly todoItemStatus: string }[];
    }[];
  };
}

/** A server with a user who has some lists, each with one item. */
async function open(lists = 1, options: ServerOptions = {}) {
  const todo = await openTodo(options);
  ends.push(() => todo.end());
  const { kvetch, port } = todo;
  const ada = await kvetch.createObject('TodoUser', { name: 'Ada', username: 'ada' });
  const listIds: string[] = [];
  const itemIds: string[] = [];
  for (let n = 0; n < lists; n++) {
    const list = await kvetch.createObject('TodoList', { name: `list ${n}`, owner: ada });
    listIds.push(list);
    itemIds.push(await kvetch.createObject('TodoItem', { text: `item ${n}`, todoItemStatus: 'OPEN', todoList: list }));
  }
  const client = (own: Partial<ReactiveClientOptions> = {}) => {
    const made = openClient(port, own);
    ends.push(() => made.close());
    return made;
  };
  const showsFresh = (shown: Watched, query: string, id: string) =>
    until('it shows what is stored', async () => {
      return JSON.stringify(shown.now()) === JSON.stringify(await fresh(port, query, { id }));
    });
  return { todo, kvetch, port, ada, listIds, itemIds, client, showsFresh };
}

const at = <T>(list: readonly T[], index: number): T => list[index] as T;
const lists = (shown: Watched): Lists['todoUser']['todoLists'] => (shown.data() as Lists).todoUser.todoLists;
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('a list of 20 is renamed: its own fields are fetched, and all else keeps its identity (design 1.10, 12.2.2, 12.3.6)', async () => {
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
  const { todo, kvetch, ada, itemIds, client, showsFresh } = await open(2);
  const shown = watch(client(), LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  todo.asked.length = 0;
  await kvetch.deleteObject(at(itemIds, 0));
  await showsFresh(shown, LISTS, ada);
  assert.equal(
    todo.asked.filter(({ isOfClient }) => isOfClient).map(({ refetch }) => refetch),
    [[{ at: 'todoUser.todoLists.*.todoItems' }]],
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

/** Things in memory, newest first, of which nothing is recorded but one key; `broken` fails. */
function openThings() {
  const things = [
    { id: '1', name: 'one', isOpen: true },
    { id: '2', name: 'two', isOpen: true },
    { id: '3', name: 'three', isOpen: true },
  ];
  const state = { isBroken: false };
  const schema = makeSchema({
    typeDefs: /* GraphQL */ `
      type Query { things(isOpen: Boolean): [Thing!]! tags: [Tag!]! broken: String nothing: Thing }
      interface Named { name: String! }
      type Thing implements Named { id: ID! name: String! isOpen: Boolean! }
      type Tag implements Named { name: String! other: Int }
    `,
    objects: {
      Query: {
        resolvers: {
          things: (_root: unknown, { isOpen }: { isOpen?: boolean }) => {
            dependsOn(manualKey('things'));
            return things
              .filter((thing) => isOpen === undefined || thing.isOpen === isOpen)
              .map((thing) => ({ ...thing }));
          },
          tags: () => {
            dependsOn(manualKey('tags'));
            return things.map(({ name }) => ({ name }));
          },
          broken: () => {
            dependsOn(manualKey('broken'));
            if (state.isBroken) throw new GraphQLError('It is broken.');
            return 'whole';
          },
        },
      },
    },
  });
  return { things, state, schema };
}

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

test('errors are shown with what could be read, and gone when it is right again (12.3.5)', async () => {
  const { state, schema } = openThings();
  const { todo, client } = await open(0, { schema });
  const handle = client().watch(document('{ broken things { id } }'));
  ends.push(handle.subscribe(() => undefined));
  await until('it is there', () => handle.getSnapshot().status === 'ready');
  assert.equal((handle.getSnapshot().data as { broken: unknown }).broken, 'whole');
  for (const isBroken of [true, false]) {
    state.isBroken = isBroken;
    await todo.reactive.invalidate('broken');
    await until('it is shown', () => (handle.getSnapshot().errors === undefined) !== isBroken);
    const { data, errors } = handle.getSnapshot();
    assert.equal((data as { broken: unknown }).broken, isBroken ? null : 'whole');
    assert.equal(
      errors?.map(({ message }) => message),
      isBroken ? ['It is broken.'] : undefined,
    );
  }
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

/** A transport whose news are kept, to be told by the test. */
function heldBack(port: number): { transport: Transport; news: NewVersions[]; events(): TransportEvents } {
  const news: NewVersions[] = [];
  let events: TransportEvents | null = null;
  const transport: Transport = (own) => {
    events = own;
    return socketTo(port)({ ...own, stale: (versions) => void news.push(versions) });
  };
  return { transport, news, events: () => events as TransportEvents };
}

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

test('after a reset 100 queries are fetched once each, spread over the time that the server says (12.5.3)', async () => {
  const { todo, port, listIds, client } = await open(100);
  const { transport, events } = heldBack(port);
  const one = client({ transport });
  const LIST = 'query ($id: UUID!) { todoList(id: $id) { id name } }';
  const all = listIds.map((id) => watch(one, LIST, { id }));
  await until('all are there', () => all.every((shown) => shown.now() !== undefined));
  todo.asked.length = 0;
  const planned: number[] = [];
  const { setTimeout: own } = globalThis;
  globalThis.setTimeout = ((call: () => void, milliseconds: number) => {
    planned.push(milliseconds);
    return own(call, milliseconds);
  }) as typeof setTimeout;
  events().reset(1000);
  globalThis.setTimeout = own;
  assert.is(planned.length, 100);
  for (let tenth = 0; tenth < 10; tenth += 5) {
    const within = planned.filter((time) => time >= tenth * 100 && time < (tenth + 5) * 100).length;
    assert.ok(within > 10, `${planned}`); // of 100 that are drawn, fewer in a half once in 10^17 times
  }
  await until('all are fetched', () => todo.asked.length >= 100);
  await pause(100);
  assert.is(todo.asked.length, 100);
});

test('a server that has lost its versions: everything is fetched again (12.5.3)', async () => {
  const shards = memoryShards(1);
  const { todo, kvetch, port, ada, itemIds, client } = await open(1, { shards, limits: { spreadMs: 50 } });
  const shown = watch(client(), LISTS, { id: ada });
  await until('it is there', () => shown.now() !== undefined);
  await todo.away();
  await kvetch.updateObject(at(itemIds, 0), { text: 'told to nobody who is left' });
  const other = await openTodo({ shards, port, limits: { spreadMs: 50 } });
  ends.push(() => other.end());
  await until('it is shown', () => lists(shown)[0]?.todoItems[0]?.text === 'told to nobody who is left');
});

test('two tabs: the one that writes shows it at once, the other when it is told', async () => {
  const { todo, ada, itemIds, client, showsFresh } = await open(1);
  const [mine, theirs] = [client(), client()];
  const [left, right] = [watch(mine, LISTS, { id: ada }), watch(theirs, LISTS, { id: ada })];
  await showsFresh(left, LISTS, ada);
  await showsFresh(right, LISTS, ada);
  todo.before = ({ query }) => (query.startsWith('mutation') ? pause(50) : undefined);
  const id = at(itemIds, 0);
  const done = mine.mutate(
    document(SET_ITEM),
    { id, data: { text: 'mine' } },
    {
      optimistic: (draft) => draft.set({ __typename: 'TodoItem', id }, { text: 'mine' }),
    },
  );
  assert.is(lists(left)[0]?.todoItems[0]?.text, 'mine');
  assert.is(lists(right)[0]?.todoItems[0]?.text, 'item 0');
  await done;
  await showsFresh(right, LISTS, ada);
  await showsFresh(left, LISTS, ada);
});

test('optimistic changes never flicker, with several queries, slow answers and one mutation after the other (12.4.2)', async () => {
  const { todo, ada, listIds, itemIds, client, showsFresh } = await open(2);
  const one = client();
  const [id, list] = [at(itemIds, 0), at(listIds, 0)];
  const ITEMS = 'query ($id: UUID!) { todoList(id: $id) { id name todoItems { id text } } }';
  const shown = [watch(one, LISTS, { id: ada }), watch(one, ITEMS, { id: list })] as const;
  await showsFresh(shown[0], LISTS, ada);
  await showsFresh(shown[1], ITEMS, list);
  let wait = 0;
  todo.after = () => pause([40, 5, 60, 20][wait++ % 4] as number);
  const texts = [0, 1].map((n) => {
    const seen: string[] = [];
    const read = (): void => {
      const data = shown[n]?.data() as { todoUser?: { todoLists: Lists['todoUser']['todoLists'] }; todoList?: unknown };
      const items = (data.todoUser?.todoLists[0] ?? data.todoList) as Lists['todoUser']['todoLists'][0];
      const text = items.todoItems.map((item) => item.text).join(', ');
      if (seen.at(-1) !== text) seen.push(text);
    };
    read();
    const query = n === 0 ? one.watch(document(LISTS), { id: ada }) : one.watch(document(ITEMS), { id: list });
    ends.push(query.subscribe(read));
    return seen;
  });
  const set = (text: string) =>
    one.mutate(
      document(SET_ITEM),
      { id, data: { text } },
      {
        optimistic: (draft) => draft.set({ __typename: 'TodoItem', id }, { text }),
      },
    );
  await set('x');
  // Requests may pass each other: the server runs the last one last.
  todo.before = async ({ query, variables }) => {
    if (query.startsWith('mutation') && variables.data?.text === 'z') {
      await until('y was run', () => todo.asked.filter(({ isMutation }) => isMutation).length === 2);
    }
  };
  await Promise.all([set('y'), pause(10).then(() => set('z'))]);
  await one.mutate(
    document(ADD_ITEM),
    { text: 'new', list },
    {
      optimistic: (draft) =>
        draft.update(document(ITEMS) as never, { id: list }, (data: { todoList: { todoItems: object[] } }) => ({
          todoList: {
            ...data.todoList,
            todoItems: [
              ...data.todoList.todoItems,
              { __typename: 'TodoItem', id: 'soon', text: 'new', todoItemStatus: 'OPEN' },
            ],
          },
        })),
    },
  );
  todo.after = () => undefined;
  await showsFresh(shown[0], LISTS, ada);
  await showsFresh(shown[1], ITEMS, list);
  await pause(200);
  for (const seen of texts) assert.equal(seen, ['item 0', 'x', 'y', 'z', 'z, new']);
});

test('a mutation that fails takes its optimistic changes back (12.4.2)', async () => {
  const { ada, itemIds, client, showsFresh } = await open(1);
  const errors: unknown[] = [];
  const one = client({ onError: (error) => errors.push(error) });
  const shown = watch(one, LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  const id = at(itemIds, 0);
  const optimistic = (draft: Parameters<NonNullable<NonNullable<Parameters<typeof one.mutate>[2]>['optimistic']>>[0]) =>
    draft.set({ __typename: 'TodoItem', id }, { text: 'hoped for' });
  const { errors: refused } = await one.mutate(
    document('mutation { updateTodoItem(id: "no id", data: {}) { todoItem { id } } }'),
    {},
    { optimistic },
  );
  assert.ok(refused);
  assert.is(lists(shown)[0]?.todoItems[0]?.text, 'item 0');
  const failing = client({ fetch: () => Promise.reject(new Error('offline')) });
  const message = await failing.mutate(document(SET_ITEM), { id, data: {} }, { optimistic }).catch(String);
  assert.match(String(message), 'offline');
});

test('documents that the server knows are sent by their id, refetches too', async () => {
  const text = `query ($id: UUID!) { todoUser(id: $id) { __typename id todoLists { __typename id name todoItems { __typename id text } } } }`;
  const trusted = new Map([['1', text]]);
  const { todo, kvetch, ada, itemIds, client } = await open(2, { trusted });
  const shown = watch(
    client({ addTypename: false, toBody: ({ query: _text, ...request }) => ({ ...request, id: '1' }) }),
    text,
    { id: ada },
  );
  await until('it is there', () => shown.now() !== undefined);
  await kvetch.updateObject(at(itemIds, 1), { text: 'trusted' });
  await until('it is shown', () => lists(shown)[1]?.todoItems[0]?.text === 'trusted');
  assert.ok(todo.asked.some(({ refetch }) => refetch !== null));
});

test('what nobody announces is seen when it is too old (12.2.3)', async () => {
  const shards = memoryShards(1);
  const { ada, itemIds, client } = await open(1, { shards });
  const silent = createKvetch({ schema: kvetchSchema, shards });
  const shown = watch(client({ maxAgeMs: 100 }), LISTS, { id: ada });
  await until('it is there', () => shown.now() !== undefined);
  await silent.updateObject(at(itemIds, 0), { text: 'not announced' });
  await until('it is shown', () => lists(shown)[0]?.todoItems[0]?.text === 'not announced');
});

test('more dependencies than a response can name: the operation is asked again and again (12.2.6)', async () => {
  const { kvetch, ada, itemIds, client } = await open(5, { maxKeys: 3 });
  const shown = watch(client(), LISTS, { id: ada });
  await until('it is there', () => shown.now() !== undefined);
  await kvetch.updateObject(at(itemIds, 4), { text: 'seen by looking' });
  await until('it is shown', () => lists(shown)[4]?.todoItems[0]?.text === 'seen by looking');
});

test('a server that is not there, or answers with nonsense, is asked until it is right (12.2.6)', async () => {
  const { todo, ada, client, showsFresh } = await open(1);
  const errors: unknown[] = [];
  const answers = [
    () => Promise.reject(new Error('offline')),
    () => Promise.resolve(new Response('<html>', { status: 502 })),
    () => Promise.resolve(new Response('null')),
    () => Promise.resolve(new Response('{}')),
  ];
  const one = client({
    onError: (error) => errors.push(error),
    fetch: (url, init) => answers.shift()?.() ?? fetch(url, init),
  });
  const shown = watch(one, LISTS, { id: ada });
  await until('it says so', () => one.watch(document(LISTS), { id: ada }).getSnapshot().status === 'failed');
  await showsFresh(shown, LISTS, ada);
  assert.is(errors.length, 4);
  assert.is(todo.asked.filter(({ refetch }) => refetch === null).length > 0, true);
});

test('a listener that throws keeps nobody from being told', async () => {
  const { kvetch, ada, itemIds, client, showsFresh } = await open(1);
  const errors: unknown[] = [];
  const one = client({ onError: (error) => errors.push(error) });
  ends.push(
    one.watch(document(LISTS), { id: ada }).subscribe(() => {
      throw new Error('a careless listener');
    }),
  );
  const shown = watch(one, LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  await kvetch.updateObject(at(itemIds, 0), { text: 'told' });
  await showsFresh(shown, LISTS, ada);
  assert.ok(errors.length >= 2 && errors.every((error) => String(error).includes('careless')));
});

test('a server that says nonsense is left, and asked again', async () => {
  const nonsense = ['null', 'no JSON', '[]', '{"type":3}', '"ready"'];
  const server = new WebSocketServer({ port: 0 });
  ends.push(() => server.close());
  let connections = 0;
  server.on('connection', (socket) => {
    socket.send(nonsense[connections++ % nonsense.length] as string);
    socket.on('error', () => undefined);
  });
  const { ada, client, showsFresh } = await open(1);
  const errors: unknown[] = [];
  const { port } = server.address() as AddressInfo;
  const one = client({ transport: socketTo(port), onError: (error) => errors.push(error) });
  const shown = watch(one, LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  await until('it was tried with all', () => connections > nonsense.length && errors.length >= nonsense.length);
  one.close();
});

test('a query that is watched twice is asked once, and let go a while after nobody watches it', async () => {
  const { todo, ada, client } = await open(1);
  const one = client({ keepMs: 50 });
  assert.is(one.watch(document(LISTS), { id: ada }), one.watch(document(LISTS), { id: ada }));
  const both = [watch(one, LISTS, { id: ada }), watch(one, LISTS, { id: ada })];
  await until('it is there', () => both.every((shown) => shown.now() !== undefined));
  assert.is(todo.asked.length, 1);
  for (const shown of both) shown.stop();
  await until('it is let go', () => one.size.queries === 0 && one.size.records === 0);
  await until('the server knows', () => todo.reactive.watches.size.watches === 0);
});

test.run();
