/** One function attaches all of the reactive layer to a server (issue 38.3). */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket, WebSocketServer } from 'ws';
import { createEngine, makeSchema } from '../../src/index.ts';
import { createInspector } from '../../src/inspector.ts';
import {
  type AttachedReactive,
  type AttachOptions,
  attachReactive,
  createLiveQueries,
  createReactive,
  dependsOn,
  liveTypeDefs,
  manualKey,
  memoryVersions,
  type Reactive,
  type ReactiveExtension,
} from '../../src/reactive.ts';
import { until } from '../support/until.ts';

const test = suite('attachReactive');

const ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

let count = 0;
const schema = makeSchema({
  typeDefs: [liveTypeDefs, 'type Query { count: Int }'],
  objects: {
    Query: {
      resolvers: {
        count: () => {
          dependsOn(manualKey('count'));
          return count;
        },
      },
    },
  },
} as never);

interface World {
  readonly server: Server;
  readonly port: number;
  readonly reactive: Reactive;
  readonly attached: AttachedReactive;
}

async function open(
  options: Partial<AttachOptions> = {},
  before: (server: Server) => unknown = () => null,
): Promise<World> {
  const engine = createEngine({ schema });
  const reactive = createReactive({
    engine,
    versions: memoryVersions(),
    secrets: [{ id: 'a', secret: 'a secret of sufficient length' }],
  }) as Reactive;
  const server = createServer((_message, response) => void response.end('own'));
  before(server);
  const inspector = createInspector({ engine, reactive });
  const attached = await attachReactive(server, {
    ...{ reactive, inspector, subject: () => 'ann' },
    live: { queries: createLiveQueries({ reactive }), context: () => ({}), useServer },
    ...options,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => server.closeAllConnections(),
    () => attached.close(),
    () => inspector.close(),
    () => reactive.close(),
  );
  return { server, reactive, attached, port: (server.address() as AddressInfo).port };
}

const text = async (port: number, path: string): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).text();

const firstOf = (port: number, path: string, protocol: string, message?: object, headers = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol === '' ? [] : protocol, { headers });
    ends.push(() => socket.terminate());
    socket.on('open', () => message !== undefined && socket.send(JSON.stringify(message)));
    socket.on('message', (data) => resolve(String(data)));
    socket.on('close', (code) => resolve(`closed ${code}`));
    socket.on('error', reject);
  });

test('news, live queries and the inspector are served beside the listeners of the server', async () => {
  const { port, reactive } = await open({}, (server) => {
    // Alone, it would end all sockets of other paths.
    const other = new WebSocketServer({ server, path: '/other' });
    other.on('connection', (socket) => socket.send('other'));
    ends.push(() => other.close());
  });
  assert.is(await text(port, '/graphql'), 'own');
  assert.is(await text(port, '/healthz'), '{"ok":true}');
  assert.match(await text(port, '/__inspect'), '<html');
  assert.is(await firstOf(port, '/other', ''), 'other');
  assert.match(await firstOf(port, '/deps/socket', 'planql-deps.v1', { type: 'init' }), '"ready"');
  const client = createClient({ url: `ws://127.0.0.1:${port}/live`, webSocketImpl: WebSocket, lazy: true });
  ends.push(() => client.dispose());
  const results = client.iterate({ query: 'query @live { count }' });
  assert.equal((await results.next()).value?.data, { count: 0 });
  count = 1;
  await reactive.invalidate(manualKey('count'));
  assert.equal((await results.next()).value?.data, { count: 1 });
  await results.return?.();
});

test('a socket of a path that nobody has is ended', async () => {
  const { port } = await open();
  const error = await firstOf(port, '/nowhere', '').catch((thrown: Error) => thrown.message);
  assert.match(error, '404');
});

test('what gives no subject is refused everywhere, and told once', async () => {
  const warnings: string[] = [];
  const hear = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', hear);
  ends.push(() => process.off('warning', hear));
  for (const wrong of [undefined, 7, { id: 'ann' }, null]) {
    const { port } = await open({ subject: (() => wrong) as never });
    const poll = await fetch(`http://127.0.0.1:${port}/deps/poll`, { method: 'POST', body: '{"v":1,"sets":[]}' });
    assert.is(poll.status, 401, String(wrong));
    assert.is(await firstOf(port, '/deps/socket', 'planql-deps.v1', { type: 'init' }), 'closed 4401');
    assert.is(await firstOf(port, '/live', 'graphql-transport-ws', { type: 'connection_init' }), 'closed 4403');
  }
  assert.is(warnings.filter((warning) => warning.includes('"authenticate" must give the subject')).length, 3);
});

test('a server without a listener, unknown options, and a schema without @live are refused', async () => {
  const { reactive } = await open();
  const refused = async (options: object): Promise<string> =>
    attachReactive(createServer(), { reactive, subject: () => null, ...options } as never).then(
      () => 'taken',
      (error) => error.message,
    );
  assert.match(await refused({}), 'without a request listener');
  assert.match(await refused({ subjekt: 1 }), 'subjekt');
  const engine = createEngine({ schema: makeSchema({ typeDefs: 'type Query { a: Int }' }) });
  const other = createReactive({
    engine,
    versions: memoryVersions(),
    secrets: [{ id: 'a', secret: 'a secret of sufficient length' }],
  });
  ends.push(() => other.close());
  assert.throws(() => createLiveQueries({ reactive: other }), 'liveTypeDefs');
});

test('a server that cannot read what another one gave says why: in its metrics, and once in its log', async () => {
  const warnings: string[] = [];
  const hear = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', hear);
  ends.push(() => process.off('warning', hear));
  const { port, reactive } = await open();
  const setOf = async (of: Reactive, subject: string): Promise<object> => {
    const { extensions } = await of.execute({
      ...{ document: parse('{ count }'), subject, extensions: { reactive: { v: 1 } } },
    });
    const told = extensions?.reactive as ReactiveExtension | undefined;
    return { epoch: told?.epoch, asOf: told?.asOf, keys: told?.keys, versions: told?.versions, grant: told?.grant };
  };
  const other = createReactive({
    ...{ engine: createEngine({ schema }), versions: memoryVersions() },
    secrets: [{ id: 'b', secret: 'another secret of that length' }],
  }) as Reactive;
  ends.push(() => other.close());
  const sets = [await setOf(other, 'ann'), await setOf(reactive, 'bob'), await setOf(reactive, 'ann')];
  for (let n = 0; n < 2; n++) {
    const body = JSON.stringify({ v: 1, sets });
    const answer = await fetch(`http://127.0.0.1:${port}/deps/poll`, { method: 'POST', body });
    assert.equal(((await answer.json()) as { expired: unknown }).expired, [0, 1]);
  }
  const metrics = await text(port, '/metrics');
  assert.match(metrics, 'planql_deps_expired_total{reason="secret"} 2');
  assert.match(metrics, 'planql_deps_expired_total{reason="signature"} 2');
  assert.match(metrics, 'planql_deps_expired_total{reason="age"} 0');
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(warnings.filter((warning) => warning.includes('A client holds keys under')).length, 2);
});

/** How the open news, live queries and event stream of a client end, in this order. */
function endings(port: number): readonly Promise<number | string>[] {
  const closed = (path: string, protocol: string, message: object): Promise<number> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol);
      ends.push(() => socket.terminate());
      socket.on('open', () => socket.send(JSON.stringify(message)));
      socket.on('close', resolve).on('error', reject);
    });
  const stream = fetch(`http://127.0.0.1:${port}/deps/stream`, { method: 'POST', body: '{"v":1,"sets":[]}' });
  return [
    closed('/deps/socket', 'planql-deps.v1', { type: 'init' }),
    closed('/live', 'graphql-transport-ws', { type: 'connection_init' }),
    stream.then(async (answer) => (await answer.text()).split('\n')[0] ?? ''),
  ];
}

const connections = async (port: number): Promise<number> =>
  Number(/planql_deps_connections (\d+)/.exec(await text(port, '/metrics'))?.[1]);

test('a session that ends takes its connections with it, on all servers, and no others [11.8.13]', async () => {
  const sessions = new Map<string, string | null>([
    ['ann', 'ann'],
    ['bob', 'bob'],
  ]);
  const versions = memoryVersions();
  const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];
  const elsewhere = createReactive({ engine: createEngine({ schema }), versions, secrets }) as Reactive;
  ends.push(() => elsewhere.close());
  let asked = 0;
  const openFor = async (name: string): Promise<World> => {
    const reactive = createReactive({ engine: createEngine({ schema }), versions, secrets }) as Reactive;
    ends.push(() => reactive.close());
    const subject = (): string | null => {
      asked++;
      return sessions.get(name) ?? null;
    };
    return open({
      reactive,
      subject,
      live: { queries: createLiveQueries({ reactive }), context: () => ({}), useServer },
    });
  };
  const [ann, bob] = [await openFor('ann'), await openFor('bob')];
  const ended = endings(ann.port);
  let isBobThere = true;
  for (const ending of endings(bob.port))
    void ending.then(
      () => (isBobThere = false),
      () => undefined,
    );
  await until(
    'all are open',
    async () => (await connections(ann.port)) === 2 && (await connections(bob.port)) === 2 && asked >= 6,
  );

  // Still the same: nothing ends. Another subject's session is none of theirs.
  const before = asked;
  await elsewhere.recheck('ann');
  await until('the connections of ann are asked', () => asked === before + 3);
  sessions.set('bob', null);
  sessions.set('ann', null);
  await elsewhere.recheck('ann');
  assert.equal(await Promise.all(ended), [4401, 4403, 'event: hb']);
  assert.is(isBobThere, true);
  assert.is(await connections(ann.port), 0);
});

test('a session that ends without a word is found in time; one that cannot be looked up stays [11.8.13]', async () => {
  let state: 'good' | 'away' | 'over' = 'good';
  let asked = 0;
  const { port } = await open({
    recheckMs: 20,
    subject: async () => {
      asked++;
      if (state === 'away') throw new Error('The store of sessions is away.');
      return state === 'good' ? 'ann' : null;
    },
  });
  const ended = endings(port);
  await until('both are open', async () => (await connections(port)) === 2);
  state = 'away';
  const before = asked;
  await until('the connections are asked twice', () => asked > before + 6);
  assert.is(await connections(port), 2);
  state = 'over';
  assert.equal(await Promise.all(ended), [4401, 4403, 'event: hb']);
  const last = asked;
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.is(asked, last);
});

test('a server that goes is not held up by sockets: of live queries, without a first message, or deaf', async () => {
  const { port, attached, server } = await open();
  const live = firstOf(port, '/live', 'graphql-transport-ws', { type: 'connection_init' });
  assert.match(await live, 'connection_ack');
  const mute = new WebSocket(`ws://127.0.0.1:${port}/deps/socket`, 'planql-deps.v1');
  const deaf = new WebSocket(`ws://127.0.0.1:${port}/live`, 'graphql-transport-ws');
  for (const socket of [mute, deaf]) await new Promise((resolve) => socket.on('open', resolve));
  deaf.pause();
  ends.push(() => deaf.terminate());
  await attached.close();
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeIdleConnections();
  });
});

test('pages of other origins open no sockets [11.8.14]', async () => {
  const of = async (port: number, path: string, protocol: string, origin: string): Promise<string> => {
    const hello = path === '/live' ? 'connection_init' : 'init';
    return firstOf(port, path, protocol, { type: hello }, { origin }).catch((error: Error) => error.message);
  };
  const both = [
    ['/deps/socket', 'planql-deps.v1'],
    ['/live', 'graphql-transport-ws'],
  ] as const;
  const { port } = await open();
  const named = await open({ origins: ['https://app.example'] });
  for (const [path, protocol] of both) {
    assert.match(await of(port, path, protocol, `http://127.0.0.1:${port}`), /ready|connection_ack/);
    for (const foreign of ['https://evil.example', `http://127.0.0.1:${port + 1}`, 'null', 'x'])
      assert.match(await of(port, path, protocol, foreign), '403', foreign);
    assert.match(await of(named.port, path, protocol, 'https://app.example'), /ready|connection_ack/);
    for (const foreign of ['https://app.example.evil', `http://127.0.0.1:${named.port}`])
      assert.match(await of(named.port, path, protocol, foreign), '403', foreign);
  }
});

test.run();
