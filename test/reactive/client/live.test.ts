/** Queries that are watched live, over the clients of graphql-ws and graphql-sse (spec 12.6). */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GraphQLSchema } from 'graphql';
import { createClient as createSseClient } from 'graphql-sse';
import { createHandler } from 'graphql-sse/lib/use/http';
import { createClient as createWsClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket, WebSocketServer } from 'ws';
import { schema } from '../../../examples/todo/generated/plans.ts';
import { PentContext } from '../../../src/pent.ts';
import type { LiveSource } from '../../../src/reactive/client/liveWatch.ts';
import { createLiveQueries, forGraphqlSse, forGraphqlWs, liveDirectives } from '../../../src/reactive.ts';
import type { ReactiveClient } from '../../../src/reactive-client.ts';
import { openTodoModel as model } from '../../support/openTodoModel.ts';
import { until } from '../../support/until.ts';
import { document, fresh, openClient, openTodo, plain } from './world.ts';

const test = suite('live client');
const ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const LISTS =
  'query Lists($id: UUID!) { todoUser(id: $id) { id name todoLists { id name todoItems { id text todoItemStatus } } } }';
const SET_ITEM =
  'mutation ($id: UUID!, $data: UpdateTodoItemData!) { updateTodoItem(id: $id, data: $data) { todoItem { id } } }';

const liveSchema = new GraphQLSchema({
  ...schema.toConfig(),
  directives: [...schema.getDirectives(), ...liveDirectives],
});

async function open(kind: 'ws' | 'sse') {
  const todo = await openTodo({ schema: liveSchema });
  ends.push(() => todo.end());
  const { kvetch, reactive, port } = todo;
  const live = createLiveQueries({ reactive });
  const context = () => ({ pent: new PentContext({ kvetch, model, viewer: { id: null } }) });
  const handler = createHandler(forGraphqlSse(live, { context, subject: () => 'ann' }));
  const server = createServer((request, response) => {
    handler(request, response).catch(() => response.destroy());
  });
  const sockets = new WebSocketServer({ server });
  useServer(forGraphqlWs(live, { context, subject: () => 'ann' }), sockets);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: livePort } = server.address() as AddressInfo;
  ends.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const ada = await kvetch.createObject('TodoUser', { name: 'Ada', username: 'ada' });
  const list = await kvetch.createObject('TodoList', { name: 'garden', owner: ada });
  const item = await kvetch.createObject('TodoItem', { text: 'dig', todoItemStatus: 'OPEN', todoList: list });
  const source = (): LiveSource => {
    if (kind === 'sse') return createSseClient({ url: `http://127.0.0.1:${livePort}`, retryAttempts: 0 });
    const client = createWsClient({ url: `ws://127.0.0.1:${livePort}`, webSocketImpl: WebSocket, retryAttempts: 0 });
    ends.push(() => client.dispose());
    return client;
  };
  const client = (own: LiveSource = source()): ReactiveClient => {
    const made = openClient(port, { live: own, keepMs: 20 });
    ends.push(() => made.close());
    return made;
  };
  /** All that is shown. */
  const watch = (own: ReactiveClient) => {
    const { subscribe, getSnapshot } = own.watch(document(LISTS), { id: ada }, { live: true });
    const seen: string[] = [];
    const now = (): string => JSON.stringify(plain(getSnapshot().data)) ?? 'nothing';
    const stop = subscribe(() => seen.push(now()));
    return { seen, now, stop, data: () => getSnapshot().data as { todoUser: { todoLists: readonly object[] } } };
  };
  const isFresh = async (shown: { now(): string }): Promise<boolean> =>
    shown.now() === JSON.stringify(await fresh(port, LISTS, { id: ada }));
  return { todo, kvetch, live, port, ada, list, item, source, client, watch, isFresh };
}

for (const kind of ['ws', 'sse'] as const) {
  test(`${kind}: what changes is shown, without a request, and all else keeps its identity [12.6.1]`, async () => {
    const { todo, kvetch, live, list, ada, client, watch, isFresh } = await open(kind);
    const shown = watch(client());
    await until('it is shown', () => isFresh(shown));
    const other = await kvetch.createObject('TodoList', { name: 'shed', owner: ada });
    await until('the new list is shown', () => isFresh(shown));
    const [garden] = shown.data().todoUser.todoLists;
    await kvetch.updateObject(other, { name: 'barn' });
    await until('the new name is shown', () => isFresh(shown));
    assert.is(shown.data().todoUser.todoLists[0], garden);
    for (let n = 0; n < 50; n++) {
      const text = `item ${n}`;
      await kvetch.createObject('TodoItem', { text, todoItemStatus: 'OPEN', todoList: n % 2 ? list : other });
    }
    await until('all items are shown', () => isFresh(shown));
    assert.equal(
      todo.asked.filter(({ query }) => query.includes('@live')),
      [],
      'nothing was asked for',
    );
    shown.stop();
    await until('the live query has ended', () => live.stats.queries === 0);
  });
}

test('where a result is lost, the client asks for the whole [11.7.12, 12.6.2]', async () => {
  const { kvetch, ada, source, client, watch, isFresh, live } = await open('ws');
  let isLossy = false;
  let subscriptions = 0;
  const inner = source();
  const lossy: LiveSource = {
    subscribe(payload, sink) {
      subscriptions++;
      const next = (result: unknown): void => {
        if (isLossy) isLossy = false;
        else sink.next(result);
      };
      return inner.subscribe(payload, { ...sink, next, error: sink.error, complete: sink.complete });
    },
  };
  const shown = watch(client(lossy));
  await until('it is shown', () => isFresh(shown));
  for (let n = 0; n < 30; n++) await kvetch.createObject('TodoList', { name: `list ${n}`, owner: ada });
  await until('the lists are shown', () => isFresh(shown));
  isLossy = true;
  await kvetch.updateObject(ada, { name: 'lost' });
  await until('it is lost', () => !isLossy);
  await kvetch.updateObject(ada, { name: 'shown' });
  await until('the name is shown', () => isFresh(shown));
  assert.is(subscriptions, 2);
  assert.is(live.stats.queries, 1);
});

test('while the source fails, the query is watched like others; then it is live again [12.6.3]', async () => {
  const { todo, kvetch, ada, source, client, watch, isFresh } = await open('ws');
  let isAway = true;
  let came = 0;
  const inner = source();
  const failing: LiveSource = {
    subscribe(payload, sink) {
      if (isAway) throw new Error('away');
      const next = (result: unknown): void => {
        came++;
        sink.next(result);
      };
      return inner.subscribe(payload, { next, error: sink.error, complete: sink.complete });
    },
  };
  const shown = watch(client(failing));
  await until('it is shown', () => isFresh(shown));
  await kvetch.updateObject(ada, { name: 'by a request' });
  await until('the change is shown', () => isFresh(shown));
  const asked = (): number => todo.asked.filter(({ query }) => query.includes('@live')).length;
  assert.ok(asked() >= 2);
  isAway = false;
  await until('it is live', () => came > 0);
  await until('the keys are given up', () => todo.reactive.watches.size.watches === 1);
  const before = asked();
  await kvetch.updateObject(ada, { name: 'by itself' });
  await until('the change is shown', () => isFresh(shown));
  assert.is(asked(), before);
});

test('an optimistic change gives way to the live result: what was old is never seen again [12.6.4]', async () => {
  const { todo, item, client, watch, isFresh } = await open('ws');
  const own = client();
  const shown = watch(own);
  await until('it is shown', () => isFresh(shown));
  const optimistic = (text: string) => (draft: { set(object: object, fields: object): void }) =>
    draft.set({ __typename: 'TodoItem', id: item }, { text });
  for (const [n, delay] of [0, 60, 0, 60].entries()) {
    todo.after = async ({ query }) => {
      if (query.startsWith('mutation')) await new Promise((resolve) => setTimeout(resolve, delay));
    };
    shown.seen.length = 0;
    const text = `text ${n}`;
    const done = own.mutate(document(SET_ITEM), { id: item, data: { text } }, { optimistic: optimistic(text) });
    assert.match(shown.now(), text);
    await done;
    await until('the change is there', () => isFresh(shown));
    for (const seen of shown.seen) assert.match(seen, text);
  }
});

test('without a source it says so', async () => {
  const { port } = await open('ws');
  const own = openClient(port);
  ends.push(() => own.close());
  assert.throws(() => own.watch(document(LISTS), { id: '1' }, { live: true }), /needs the option "live"/);
});

test.run();
