/** All that goes to clients, byte for byte: nobody hears of what others hold (design 4, spec 11.8.2). */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient as createSseClient } from 'graphql-sse';
import { createHandler } from 'graphql-sse/lib/use/http';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket, WebSocketServer } from 'ws';
import { forGraphqlSse, forGraphqlWs, SUBPROTOCOL } from '../../src/reactive.ts';
import { until } from '../support/until.ts';
import { type ClientSet, expiredGrant, openServer, post, type World } from './invalidationServer.ts';
import { LISTS, type World as LiveWorld, openWorld } from './live/world.ts';

const ends: (() => unknown)[] = [];
const endAll = async (): Promise<void> => {
  for (const end of ends.splice(0).reverse()) await end();
};

/** All that a client has got, and a way to end it. */
interface Ear {
  readonly text: () => string;
  readonly end: () => void;
}

/** Reads whatever a server answers. */
function reading(url: string, init: RequestInit): Ear {
  const controller = new AbortController();
  let text = '';
  const read = async (): Promise<void> => {
    const { body } = await fetch(url, { ...init, signal: controller.signal });
    const decoder = new TextDecoder();
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>)
      text += decoder.decode(chunk, { stream: true });
  };
  void read().catch(() => undefined); // it is ended
  ends.push(() => controller.abort());
  return { text: () => text, end: () => controller.abort() };
}

function hearing(url: string, protocol: string, messages: readonly object[]): Ear {
  const socket = new WebSocket(url, protocol);
  let text = '';
  socket.on('message', (data) => {
    text += `${data}\n`;
    // What follows `init` waits until the server is ready.
    if (/"(ready|connection_ack)"/.test(String(data)))
      for (const one of messages.slice(1)) socket.send(JSON.stringify(one));
  });
  socket.on('open', () => socket.send(JSON.stringify(messages[0])));
  ends.push(() => socket.terminate());
  return { text: () => text, end: () => socket.close() };
}

const asPost = (subject: string, body: object): RequestInit => ({
  method: 'POST',
  headers: { authorization: `Bearer ${subject}`, 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const transports: Readonly<Record<string, (port: number, subject: string, sets: readonly ClientSet[]) => Ear>> = {
  poll: (port, subject, sets) => reading(`http://127.0.0.1:${port}/deps/poll`, asPost(subject, { v: 1, sets })),
  'long poll': (port, subject, sets) =>
    reading(`http://127.0.0.1:${port}/deps/poll`, asPost(subject, { v: 1, sets, waitMs: 300 })),
  'event stream': (port, subject, sets) =>
    reading(`http://127.0.0.1:${port}/deps/stream`, asPost(subject, { v: 1, sets })),
  WebSocket: (port, subject, sets) =>
    hearing(`ws://127.0.0.1:${port}/deps/socket`, SUBPROTOCOL, [
      { type: 'init', token: subject },
      ...sets.map((set, n) => ({ type: 'sub', id: String(n), ...set })),
    ]),
};

const test = suite('frames');
test.after.each(endAll);

/** Keys as wire names have them, and no text that says what they name. */
const SECRETS = ['m:', 'o:', 'e:10', 'ann-secret', 'Salary', 'bob'];

for (const [name, listen] of Object.entries(transports)) {
  test(`${name}: forged, replayed, foreign and expired sets: no frame has a key, an id or a name of others [11.8.2]`, async () => {
    const world: World = await openServer();
    ends.push(() => world.end());
    const others = ['m:Salary of bob', 'o:ann-secret', 'e:10:ann-secret'];
    const foreign = await world.set('bob', ...others);
    const own = await world.set('eve', 'm:own');
    const sets = [
      foreign,
      { ...foreign, grant: own.grant },
      { ...foreign, grant: foreign.grant.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) },
      { ...own, keys: own.keys + foreign.keys, versions: [0, 0, 0, 0] },
      { ...foreign, grant: expiredGrant('eve', foreign.keys) },
      { ...foreign, epoch: 'another' },
    ];
    const ear = listen(world.port, 'eve', sets);
    await until(
      'they are refused',
      () => (ear.text().match(/expired/g) ?? []).length >= (name.includes('poll') ? 1 : 6),
    );
    await world.invalidator.invalidate(...others, 'own');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const text = ear.text();
    for (let at = 0; at < foreign.keys.length; at += 16)
      assert.not.ok(text.includes(foreign.keys.slice(at, at + 16)), text);
    for (const secret of [...SECRETS, foreign.grant]) assert.not.ok(text.includes(secret), text);
    assert.not.ok(text.includes(own.keys), 'the own key was in no good set');
  });
}

test('event streams: what is sent, as text [11.8.5]', async () => {
  const world = await openServer();
  ends.push(() => world.end());
  const [own, foreign] = [await world.set('eve', 'm:a', 'm:b'), await world.set('bob', 'm:c')];
  const ear = (transports['event stream'] as (typeof transports)[string])(world.port, 'eve', [own, foreign]);
  await until('it listens', () => ear.text().includes('expired'));
  await world.invalidator.invalidate('a', 'c');
  await until('it is told', () => ear.text().includes('inv'));
  const news = JSON.stringify({ keys: { [own.keys.slice(0, 16)]: Number(own.versions[0]) + 1 } });
  assert.is(ear.text(), `event: hb\ndata: {}\n\nevent: expired\ndata: {"id":"1"}\n\nevent: inv\ndata: ${news}\n\n`);
  const again = (transports['event stream'] as (typeof transports)[string])(world.port, 'eve', [
    { ...own, epoch: 'x' },
  ]);
  await until('it is told', () => /event: reset\ndata: {"spreadMs":\d+}\n\n/.test(again.text()));
  for (const answer of [await post(world.port, '/deps/stream', null, { v: 1, sets: [own] })]) {
    assert.equal([answer.status, await answer.json()], [401, { error: 'Unauthorized.' }]);
  }
});

async function serve(listener: RequestListener): Promise<{ port: number; server: ReturnType<typeof createServer> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { server, port: (server.address() as AddressInfo).port };
}

const liveRequest = (id: string) => ({
  query: LISTS,
  variables: { id },
  extensions: { reactive: { v: 1 }, live: { patch: true } },
});

const liveTransports: Readonly<Record<string, (world: LiveWorld) => Promise<(subject: string, id: string) => Ear>>> = {
  async 'graphql-ws'(world) {
    const { server, port } = await serve((_request, response) => response.end());
    const sockets = new WebSocketServer({ server });
    const subject = ({ connectionParams }: { connectionParams?: { subject?: string } }) =>
      connectionParams?.subject ?? null;
    useServer(forGraphqlWs(world.live, { subject, context: () => world.contextValue() }), sockets);
    ends.push(() => sockets.close());
    return (who, id) =>
      hearing(`ws://127.0.0.1:${port}`, GRAPHQL_TRANSPORT_WS_PROTOCOL, [
        { type: 'connection_init', payload: { subject: who } },
        { type: 'subscribe', id: '1', payload: liveRequest(id) },
      ]);
  },
  async 'graphql-sse'(world) {
    const subject = (request: { headers: Headers }) => request.headers.get('authorization');
    const handler = createHandler(forGraphqlSse(world.live, { subject, context: () => world.contextValue() }));
    const { port } = await serve((request, response) => void handler(request, response));
    return (who, id) => {
      const { headers, ...init } = asPost(who, liveRequest(id));
      return reading(`http://127.0.0.1:${port}`, { ...init, headers: { ...headers, accept: 'text/event-stream' } });
    };
  },
};

for (const [name, open] of Object.entries(liveTransports)) {
  test(`live queries over ${name}: no frame has a key or an id of what others watch [11.7.7]`, async () => {
    const world = openWorld();
    const listen = await open(world);
    const [ann, bob] = [
      await world.kvetch.createObject('User', { name: 'Ann' }),
      await world.kvetch.createObject('User', { name: 'Bob' }),
    ];
    const list = await world.kvetch.createObject('List', { owner: ann, title: 'Salaries' });
    const [hers, his] = [listen('ann', ann), listen('bob', bob)];
    const nothing = listen(
      'eve',
      bob.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    );
    for (const ear of [hers, his, nothing]) await until('there is a result', () => ear.text().includes('"rev":1'));
    await world.kvetch.updateObject(list, { title: 'Bonuses' });
    await until('ann is told', () => hers.text().includes('Bonuses'));
    await world.kvetch.updateObject(bob, { name: 'Bobby' });
    await until('bob is told', () => his.text().includes('Bobby'));
    const keyOf = (key: string): string => world.reactive.wireKeys.of(key);
    const secrets = [
      ann,
      list,
      'Salaries',
      'Bonuses',
      ...[`o:${ann}`, `o:${list}`, `e:10:${ann}`, `e:11:${list}`].map(keyOf),
    ];
    for (const ear of [his, nothing]) {
      for (const secret of secrets) assert.not.ok(ear.text().includes(secret), `${secret}: ${ear.text()}`);
    }
    assert.not.ok(nothing.text().includes('Bob'), nothing.text());
    const grants = [hers, his].map((ear) => /"grant":"([^"]+)"/.exec(ear.text())?.[1]);
    assert.ok(grants[0] !== undefined && grants[1] !== undefined && grants[0] !== grants[1]);
  });
}

test('graphql-sse, single connection mode: live queries are refused, other operations run [11.7.15]', async () => {
  const world = openWorld();
  const handler = createHandler(forGraphqlSse(world.live, { context: () => world.contextValue() }));
  const { port } = await serve((request, response) => void handler(request, response));
  const client = createSseClient({ url: `http://127.0.0.1:${port}`, retryAttempts: 0, singleConnection: true });
  ends.push(() => client.dispose());
  const ann = await world.kvetch.createObject('User', { name: 'Ann' });
  const all = async (query: string): Promise<readonly unknown[]> => {
    const seen: unknown[] = [];
    for await (const result of client.iterate({ query, variables: { id: ann } })) seen.push(result);
    return seen;
  };
  assert.match(JSON.stringify(await all(LISTS)), '"code":"LIVE_CONNECTION"');
  assert.is(world.live.stats.queries, 0);
  assert.match(JSON.stringify(await all(LISTS.replace('@live', '@live(if: false)'))), '"name":"Ann"');
  assert.equal(await all('subscription { ticks }'), [{ data: { ticks: 1 } }, { data: { ticks: 2 } }]);
});

test.run();
