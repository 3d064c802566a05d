/** `@live` over graphql-ws, graphql-sse and Yoga, with their own clients (spec 11.7). */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GraphQLError, parse } from 'graphql';
import { createClient as createSseClient } from 'graphql-sse';
import { createHandler } from 'graphql-sse/lib/use/http';
import { createClient as createWsClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket, WebSocketServer } from 'ws';
import { forGraphqlSse, forGraphqlWs, useLiveQueries } from '../../../src/reactive.ts';
import { until } from '../../support/until.ts';
import { equals, Follower, LISTS, openWorld, type World, type WorldOptions } from './world.ts';

interface Request {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly extensions?: Record<string, unknown>;
}

interface Client {
  readonly name: string;
  readonly world: World;
  readonly port: number;
  /** Contexts that were made. */
  readonly contexts: () => number;
  iterate(request: Request): AsyncIterableIterator<object>;
  close(): Promise<void>;
}

async function listen(listener: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

async function end(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

const opens: Readonly<Record<string, (options?: WorldOptions) => Promise<Client>>> = {
  async 'graphql-ws'(options) {
    const world = openWorld(options);
    let contexts = 0;
    const { server, port } = await listen((_request, response) => response.end());
    const sockets = new WebSocketServer({ server });
    const functions = forGraphqlWs(world.live, {
      subject: ({ connectionParams }) => connectionParams?.subject ?? null,
      context({ connectionParams }) {
        contexts++;
        return world.contextValue(connectionParams?.subject);
      },
    });
    useServer(functions, sockets);
    const client = createWsClient({
      ...{ url: `ws://127.0.0.1:${port}`, webSocketImpl: WebSocket, retryAttempts: 0 },
      connectionParams: { subject: 'ann' },
    });
    return {
      ...{ name: 'graphql-ws', world, port, contexts: () => contexts },
      iterate: (request) => client.iterate(request) as never,
      async close() {
        await client.dispose();
        for (const socket of sockets.clients) socket.terminate();
        sockets.close();
        await end(server);
      },
    };
  },
  async 'graphql-sse'(options) {
    const world = openWorld(options);
    let contexts = 0;
    const handler = createHandler(
      forGraphqlSse(world.live, {
        subject: () => 'ann',
        context() {
          contexts++;
          return world.contextValue('ann');
        },
      }),
    );
    const { server, port } = await listen((request, response) => {
      handler(request, response).catch(() => response.destroy());
    });
    const client = createSseClient({ url: `http://127.0.0.1:${port}`, retryAttempts: 0 });
    return {
      ...{ name: 'graphql-sse', world, port, contexts: () => contexts },
      iterate: (request) => client.iterate(request) as never,
      async close() {
        client.dispose();
        await end(server);
      },
    };
  },
  async yoga(options) {
    const world = openWorld(options);
    let contexts = 0;
    const context = (): object => {
      contexts++;
      return world.contextValue('ann');
    };
    const yoga = createYoga({
      ...{ schema: world.live.schema, logging: false, graphqlEndpoint: '/', context: () => world.contextValue('ann') },
      plugins: [useLiveQueries(world.live, { context, subject: () => 'ann' })],
    });
    const { server, port } = await listen(yoga);
    const client = createSseClient({ url: `http://127.0.0.1:${port}`, retryAttempts: 0 });
    return {
      ...{ name: 'yoga', world, port, contexts: () => contexts },
      iterate: (request) => client.iterate(request) as never,
      async close() {
        client.dispose();
        await end(server);
      },
    };
  },
};

for (const [name, open] of Object.entries(opens)) {
  const test = suite(name);
  const clients: Client[] = [];
  const opened = async (options?: WorldOptions): Promise<Client> => {
    const client = await open(options);
    clients.push(client);
    return client;
  };
  test.after.each(async () => {
    for (const client of clients.splice(0)) await client.close();
  });

  test('a client that knows nothing of it gets a whole result after each change [11.7.3, 11.7.9]', async () => {
    const { world, iterate, contexts } = await opened();
    const ann = await world.kvetch.createObject('User', { name: 'Ann' });
    const results = iterate({ query: LISTS, variables: { id: ann } });
    const first = (await results.next()).value;
    assert.equal(first, {
      data: { user: { __typename: 'User', id: ann, name: 'Ann', lists: [] } },
      extensions: { live: { rev: 1 } },
    });
    await world.kvetch.updateObject(ann, { name: 'Anna' });
    const second = (await results.next()).value;
    assert.is(second.data.user.name, 'Anna');
    assert.is(contexts(), 2, 'a context for each run');
    await results.return?.();
    await until('all is closed', () => world.live.stats.queries === 0 && world.reactive.watches.size.keys === 0);
  });

  test('a client that asks for patches gets patches [11.7.10]', async () => {
    const { world, iterate } = await opened();
    const ann = await world.kvetch.createObject('User', { name: 'Ann' });
    for (let n = 0; n < 20; n++) await world.kvetch.createObject('List', { owner: ann, title: `${n}` });
    const results = iterate({ query: LISTS, variables: { id: ann }, extensions: { live: { patch: true } } });
    const follower = Follower.of(results);
    await until('there is a result', () => follower.rev === 1);
    await world.kvetch.updateObject(ann, { name: 'Anna' });
    await until('the change is seen', () => follower.rev === 2);
    assert.is(follower.patches, 1);
    assert.ok(equals(follower.data, await world.fresh(parse(LISTS), { id: ann })));
  });

  test('equal queries share their runs; what is not live runs once; @live(if: false) is not live [11.7.6, 11.7.7]', async () => {
    const { world, iterate } = await opened();
    const ann = await world.kvetch.createObject('User', { name: 'Ann' });
    const followers = [1, 2, 3].map(() => Follower.of(iterate({ query: LISTS, variables: { id: ann } })));
    await until('all have a result', () => followers.every(({ rev }) => rev === 1));
    assert.equal([world.live.stats.runs, world.live.stats.different], [1, 1]);
    for (const query of [
      '{ viewer }',
      '{ viewer @include(if: true) }',
      'query ($on: Boolean = false) @live(if: $on) { viewer }',
    ]) {
      const seen: unknown[] = [];
      for await (const result of iterate({ query })) seen.push(result);
      assert.equal(seen, [{ data: { viewer: 'ann' } }]);
    }
    assert.is(world.live.stats.queries, 3);
  });

  test('what cannot be is refused with a GraphQL error [11.7.6, 11.7.13]', async () => {
    const { world, iterate } = await opened({ limits: { perSubject: 2 } });
    const ann = await world.kvetch.createObject('User', { name: 'Ann' });
    const refused = async (request: Request): Promise<string> => {
      try {
        for await (const result of iterate(request)) return JSON.stringify(result);
      } catch (error) {
        return JSON.stringify(error);
      }
      return 'nothing';
    };
    const throttled = 'query ($ms: Int) @live(throttle: $ms) { viewer }';
    assert.match(
      await refused({ query: throttled, variables: { ms: -1 } }),
      'whole number of milliseconds from 0 on, and is -1',
    );
    assert.match(await refused({ query: throttled, variables: { ms: 'soon' } }), 'BAD_LIVE');
    assert.match(await refused({ query: 'query @live(throttle: 1.5) { viewer }' }), 'Int cannot represent');
    assert.match(await refused({ query: 'query @live(every: 5) { viewer }' }), 'Unknown argument');
    assert.match(await refused({ query: 'mutation @live { nothing }' }), 'may not be used on MUTATION');
    const followers = [1, 2].map(() => Follower.of(iterate({ query: LISTS, variables: { id: ann } })));
    await until('two are live', () => followers.every(({ rev }) => rev === 1));
    const third = await refused({ query: LISTS, variables: { id: ann } });
    assert.match(third, 'LIVE_LIMIT');
    assert.match(third, 'There are 2 live queries of this user already');
    assert.match(await refused({ query: '{ viewer }' }), '"viewer":"ann"');
  });

  test('a closed connection ends its live queries, also while they run [11.7.5]', async () => {
    const { world, iterate, close } = await opened();
    const ann = await world.kvetch.createObject('User', { name: 'Ann' });
    const followers = [1, 2, 3].map((n) =>
      Follower.of(iterate({ query: LISTS.replace('Lists', `L${n}`), variables: { id: ann } })),
    );
    for (const { over } of followers) over.catch(() => undefined);
    await until('all have a result', () => followers.every(({ rev }) => rev === 1));
    void world.kvetch.updateObject(ann, { name: 'Anna' });
    await close();
    clients.pop();
    await until('all is closed', () => world.live.stats.queries === 0 && world.reactive.watches.size.watches === 0);
    assert.is(world.live.stats.different, 0);
  });

  test.run();
}

const ws = suite('graphql-ws, what else there is');

ws(
  'subscriptions pass through; syntax errors and unknown fields are told; a subject that fails closes nothing',
  async () => {
    const { iterate, close } = await (opens['graphql-ws'] as () => Promise<Client>)();
    const seen: unknown[] = [];
    for await (const event of iterate({ query: 'subscription { ticks }' })) seen.push(event);
    assert.equal(seen, [{ data: { ticks: 1 } }, { data: { ticks: 2 } }]);
    for (const [query, message] of [
      ['query @live {', 'Syntax Error'],
      ['query @live { nobody }', 'Cannot query field'],
    ] as const) {
      try {
        for await (const result of iterate({ query })) throw new Error(JSON.stringify(result));
        throw new Error('It was not refused.');
      } catch (error) {
        assert.match(JSON.stringify(error), message);
      }
    }
    await close();
  },
);

ws('a permission that is lost is told by the next run, and the query goes on [11.7.4]', async () => {
  const world = openWorld();
  let isAllowed = true;
  const { server, port } = await listen((_request, response) => response.end());
  const sockets = new WebSocketServer({ server });
  const context = (): object => {
    if (!isAllowed) throw new GraphQLError('The session is over.', { extensions: { code: 'UNAUTHENTICATED' } });
    return world.contextValue();
  };
  useServer(forGraphqlWs(world.live, { context }), sockets);
  const client = createWsClient({ url: `ws://127.0.0.1:${port}`, webSocketImpl: WebSocket, retryAttempts: 0 });
  const ann = await world.kvetch.createObject('User', { name: 'Ann' });
  const follower = Follower.of(client.iterate({ query: LISTS, variables: { id: ann } }) as never);
  await until('there is a result', () => follower.rev === 1);
  isAllowed = false;
  await world.kvetch.updateObject(ann, { name: 'Anna' });
  await until('it is refused', () => follower.rev === 2);
  assert.equal([follower.data, follower.errors?.[0]?.extensions], [undefined, { code: 'UNAUTHENTICATED' }]);
  isAllowed = true;
  await until('it goes on', () => follower.rev === 3);
  assert.match(JSON.stringify(follower.data), 'Anna');
  await client.dispose();
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  await end(server);
});

ws.run();
