/** Two clients of the todo application, over HTTP alone and over a WebSocket, at each of the servers of examples/reactive-servers. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { type App, attach, createApp } from '../../examples/reactive-servers/app.ts';
import { createFastifyServer } from '../../examples/reactive-servers/fastify.ts';
import { createNodeServer } from '../../examples/reactive-servers/nodeHttp.ts';
import { createYogaServer } from '../../examples/reactive-servers/yoga.ts';
import {
  createReactiveClient,
  eventStream,
  polling,
  type ReactiveClient,
  type Transport,
  type TypedDocument,
  webSocket,
} from '../../src/reactive-client.ts';
import { closeHttp } from '../servers/httpServer.ts';
import { openTodoModel } from '../support/openTodoModel.ts';
import { until } from '../support/until.ts';

const LISTS: TypedDocument<unknown, { id: string }> = parse(
  'query ($id: UUID!) { todoUser(id: $id) { id name todoLists { id name todoItems { id text todoItemStatus } } } }',
);
const ADD_ITEM = parse(
  'mutation ($list: UUID!, $text: String!) { createTodoItem(data: { todoList: $list, text: $text }) { todoItem { id } } }',
);
const SET_STATUS = parse(
  'mutation ($id: UUID!, $status: TodoItemStatus!) { updateTodoItem(id: $id, data: { todoItemStatus: $status }) { todoItem { id } } }',
);

const servers: Readonly<Record<string, (app: App) => Promise<Server> | Server>> = {
  'GraphQL Yoga': createYogaServer,
  Fastify: createFastifyServer,
  'node:http': createNodeServer,
};

interface Shown {
  readonly client: ReactiveClient;
  /** What it shows now, as text. */
  text(): string;
}

for (const [name, createServer] of Object.entries(servers)) {
  const test = suite(`reactive behind ${name}`);
  const ends: (() => unknown)[] = [];
  test.after.each(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const open = async (): Promise<{ app: App; origin: string; user: string; list: string; item: string }> => {
    const app = createApp(openTodoModel);
    const server = await createServer(app);
    const attached = await attach(server, app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(
      () => app.close(),
      () => closeHttp(server),
      () => attached.close(0),
    );
    const user = await app.kvetch.createObject('TodoUser', { name: 'Ada', username: 'ada' });
    const list = await app.kvetch.createObject('TodoList', { name: 'Garden', owner: user });
    const item = await app.kvetch.createObject('TodoItem', { text: 'dig', todoItemStatus: 'OPEN', todoList: list });
    return { app, origin: `127.0.0.1:${(server.address() as AddressInfo).port}`, user, list, item };
  };
  const show = async (origin: string, subject: string, id: string, transport: Transport): Promise<Shown> => {
    const client = createReactiveClient({
      url: `http://${origin}/graphql`,
      headers: () => ({ authorization: `Bearer ${subject}` }),
      transport,
    });
    ends.push(() => client.close());
    const { subscribe, getSnapshot } = client.watch(LISTS, { id });
    ends.push(subscribe(() => undefined));
    const text = (): string => JSON.stringify(getSnapshot().data ?? null);
    await until('it is shown', () => text().includes('dig'));
    return { client, text };
  };
  /** All that was said under /deps, by either side. */
  const said: string[] = [];
  const listeningSocket = (url: string, protocol: string): WebSocket => {
    const socket = new WebSocket(url, protocol);
    const { send } = socket;
    socket.send = (text: string): void => {
      said.push(text);
      send.call(socket, text, {}, () => undefined);
    };
    socket.on('message', (data) => said.push(String(data)));
    return socket;
  };
  const listeningFetch: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    const [own, theirs] = answer.body?.tee() ?? [];
    said.push(String(init?.body));
    void new Response(own as never).text().then(
      (text) => said.push(text),
      () => undefined,
    );
    return new Response(theirs as never, { status: answer.status, headers: answer.headers });
  };
  const overSocket = (origin: string, subject: string): Transport =>
    webSocket({
      url: `ws://${origin}/deps/socket`,
      token: () => subject,
      open: listeningSocket,
    });
  const headersOf = (subject: string) => () => ({ authorization: `Bearer ${subject}` });

  test('what one client changes, the other shows: over a WebSocket, polls and an event stream', async () => {
    const { app, origin, user, list, item } = await open();
    const clients = [
      await show(origin, 'ann', user, overSocket(origin, 'ann')),
      await show(
        origin,
        'bob',
        user,
        polling({ url: `http://${origin}/deps/poll`, headers: headersOf('bob'), fetch: listeningFetch }),
      ),
      await show(origin, 'cem', user, eventStream({ url: `http://${origin}/deps/stream`, headers: headersOf('cem') })),
    ] as const;
    const [ann, bob, cem] = clients;
    const allShow = async (text: string): Promise<void> => {
      for (const shown of clients) await until(`all show ${text}`, () => shown.text().includes(text));
    };
    await ann.client.mutate(ADD_ITEM, { list, text: 'sow it' });
    await allShow('"sow it"');
    await bob.client.mutate(SET_STATUS, { id: item, status: 'COMPLETED' });
    await allShow('"COMPLETED"');
    await cem.client.mutate(ADD_ITEM, { list, text: 'reap' });
    await allShow('"reap"');
    await app.kvetch.updateObject(user, { name: 'Ada Lovelace' });
    await allShow('"Ada Lovelace"');
    assert.ok(said.some((text) => text.startsWith('{"type":"inv"')) && said.some((text) => text.includes('"stale"')));
    for (const secret of [user, list, item, 'Todo', 'todo', 'Garden', 'sow it']) {
      assert.is(
        said.find((text) => text.includes(secret)),
        undefined,
        `no frame has "${secret}"`,
      );
    }
  });

  test('the other paths, and bodies that are too much', async () => {
    const { origin } = await open();
    const status = async (path: string, init: RequestInit = {}): Promise<number> =>
      (await fetch(`http://${origin}${path}`, init)).status;
    assert.equal(
      [await status('/healthz'), await status('/readyz'), await status('/metrics'), await status('/elsewhere')],
      [200, 200, 200, 404],
    );
    const poll = (body: string, headers = {}) => status('/deps/poll', { method: 'POST', body, headers });
    const ann = { authorization: 'Bearer ann' };
    assert.equal([await poll('{}'), await poll('{', ann), await poll('{"v":1,"sets":[]}', ann)], [401, 400, 200]);
    const json = { ...ann, 'content-type': 'application/json' };
    assert.equal([await poll('{"v":1,"sets":[]}', json), await poll(' '.repeat(2 << 20), json)], [200, 413]);
    const invalidate = {
      method: 'POST',
      body: '{"keys":["prices"]}',
      headers: { authorization: 'Bearer for services on one machine' },
    };
    assert.is(await status('/deps/invalidate', invalidate), 200);
  });

  test.run();
}
