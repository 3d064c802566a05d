/** Operations with `@defer` and `@stream` through servers, read by the clients that people have. */
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { envelop, useEngine, useSchema } from '@envelop/core';
import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import { Client, fetchExchange } from '@urql/core';
import * as graphql from 'graphql';
import { createYoga } from 'graphql-yoga';
import { Environment, Network, Observable, RecordSource, Store } from 'relay-runtime';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { executeIncrementally } from '../../src/engine/defaultEngine.ts';
import { incrementalTypeDefs } from '../../src/schema/incrementalDirectives.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { type GatewayOptions, planqlGateway } from '../../src/server/planqlGateway.ts';
import { usePlanql } from '../../src/server/usePlanql.ts';
import { until } from '../support/until.ts';
import { closeHttp, listenHttp } from './httpServer.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a test looks into
type Any = any;

const test = suite('incremental delivery through servers');

const SECRET = 'password=hunter2';
const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, 5, value));
const closed: string[] = [];

const makeTestSchema = (typeDefs: readonly (string | graphql.DocumentNode)[]): graphql.GraphQLSchema =>
  makeSchema({
    typeDefs: [...typeDefs, 'type Query { now: Int slow: String fails: String items: [Int] endless: [Int] }'],
    objects: {
      Query: {
        plans: {
          now: { resolve: () => 1 },
          slow: { resolve: () => later('slow') },
          fails: { resolve: () => later(null).then(() => Promise.reject(new Error(SECRET))) },
          items: {
            async *resolve() {
              for (const item of [1, 2, 3]) yield await later(item);
            },
          },
          endless: {
            async *resolve() {
              try {
                for (let item = 0; ; item++) yield await later(item);
              } finally {
                closed.push('endless');
              }
            },
          },
        },
      },
    },
  } as never);
const schema = makeTestSchema([incrementalTypeDefs]);

const DEFER = '{ now ... @defer(label: "D") { slow } }';
const STREAM = '{ items @stream(initialCount: 1) }';
const FAILS = '{ now ... @defer { fails } }';

const V2022 = 'multipart/mixed;deferSpec=20220824,application/json';
const V02 = 'multipart/mixed;incrementalSpec=v0.2,application/json';

async function* partsOf(url: string, query: string, accept: string): AsyncGenerator<Any> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query }),
  });
  assert.match(response.headers.get('content-type') ?? '', 'multipart/mixed');
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body as Any) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split('\r\n---');
    text = parts.pop() as string;
    for (const part of parts) {
      const body = part.slice(part.indexOf('\r\n\r\n') + 4);
      if (body.startsWith('{')) yield JSON.parse(body);
    }
  }
  assert.match(text, /^--/);
}

async function partsList(url: string, query: string, accept: string): Promise<Any[]> {
  const parts: Any[] = [];
  for await (const part of partsOf(url, query, accept)) parts.push(part);
  return parts;
}

interface Served {
  readonly url: string;
  close(): Promise<void>;
}

async function yoga(options: object = {}, plugin = usePlanql(), own = schema): Promise<Served> {
  const { server, url } = await listenHttp(
    createYoga({ schema: own, plugins: [useDeferStream(), plugin], logging: false, ...options }) as never,
  );
  return { url, close: () => closeHttp(server) };
}

async function apollo(options: Partial<GatewayOptions> = {}, config: object = {}): Promise<Served> {
  const gateway = planqlGateway({ schema, ...options });
  const { formatError } = config as Any;
  const server = new ApolloServer({
    gateway,
    plugins: [gateway.incrementalDelivery(formatError && { formatError })],
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    introspection: true,
    ...config,
  });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
  return { url, close: () => server.stop() };
}

async function serving<T>(started: Promise<Served>, run: (url: string) => Promise<T>): Promise<T> {
  const { url, close } = await started;
  try {
    return await run(url);
  } finally {
    await close();
  }
}

const expected2022: Record<string, Any[]> = {
  [DEFER]: [
    { data: { now: 1 }, hasNext: true },
    { incremental: [{ data: { slow: 'slow' }, path: [], label: 'D' }], hasNext: false },
  ],
};
const expected02: Record<string, Any[]> = {
  [DEFER]: [
    { data: { now: 1 }, pending: [{ id: '0', path: [], label: 'D' }], hasNext: true },
    { incremental: [{ id: '0', data: { slow: 'slow' } }], completed: [{ id: '0' }], hasNext: false },
  ],
};
const servers: Record<string, () => Promise<Served>> = {
  Yoga: () => yoga(),
  'Yoga whose schema has no directives of its own': () => yoga({}, usePlanql(), makeTestSchema([])),
  'Yoga with an engine and bytes': () => yoga({}, usePlanql(createEngine({ schema }), { responses: 'bytes' })),
  'Yoga with planql masking': () => yoga({}, usePlanql(undefined, { maskErrors: true })),
  'Apollo Server': () => apollo(),
};
for (const [name, start] of Object.entries(servers)) {
  test(`${name}: the format that the client asks for`, () =>
    serving(start(), async (url) => {
      assert.equal(await partsList(url, DEFER, V2022), expected2022[DEFER]);
      assert.equal(await partsList(url, DEFER, V02), expected02[DEFER]);
      const streamed = await partsList(url, STREAM, V2022);
      const items = streamed.flatMap(({ data, incremental = [] }) => [
        ...(data?.items ?? []),
        ...incremental.flatMap((part: Any) => part.items ?? []),
      ]);
      assert.equal(items, [1, 2, 3]);
      assert.is(streamed.at(-1).hasNext, false);
    }));

  test(`${name}: Apollo Client reads both formats`, () =>
    serving(start(), async (url) => {
      for (const incrementalHandler of [new Defer20220824Handler(), new GraphQL17Alpha9Handler()]) {
        const client = new ApolloClient({
          link: new HttpLink({ uri: url }),
          cache: new InMemoryCache(),
          incrementalHandler: incrementalHandler as Any,
        });
        const seen: Any[] = [];
        const query = gql('query Q { now ... @defer { slow } }');
        await new Promise<void>((resolve, reject) => {
          client.watchQuery({ query, fetchPolicy: 'no-cache' }).subscribe({
            next({ data, dataState }) {
              if (data !== undefined) seen.push(data);
              if (dataState === 'complete') resolve();
            },
            error: reject,
          });
        });
        assert.equal(plain(seen[0]), { now: 1 });
        assert.equal(plain(seen.at(-1)), { now: 1, slow: 'slow' });
        client.stop();
      }
    }));
}

test('urql reads the parts from Yoga', () =>
  serving(yoga(), async (url) => {
    const client = new Client({ url, exchanges: [fetchExchange], preferGetMethod: false } as never);
    const seen: Any[] = [];
    await new Promise<void>((resolve) => {
      client.query(DEFER as never, {}).subscribe(({ data, hasNext, error }: Any) => {
        assert.is(error, undefined);
        seen.push(data);
        if (!hasNext) resolve();
      });
    });
    assert.equal(plain(seen), [{ now: 1 }, { now: 1, slow: 'slow' }]);
  }));

const field = (name: string) => ({ alias: null, args: null, kind: 'ScalarField', name, storageKey: null });
const selections = [field('now'), { kind: 'Defer', if: null, label: 'Q$defer$F', selections: [field('slow')] }];
const artifact: Any = {
  kind: 'Request',
  fragment: { argumentDefinitions: [], kind: 'Fragment', metadata: null, name: 'Q', selections, type: 'Query' },
  operation: { argumentDefinitions: [], kind: 'Operation', name: 'Q', selections },
  params: {
    ...{ cacheID: 'q', id: null, metadata: {}, name: 'Q', operationKind: 'query' },
    text: 'query Q { now ... @defer(label: "Q$defer$F") { slow } }',
  },
};

test("Relay's network reads the parts from Yoga", () =>
  serving(yoga(), async (url) => {
    const network = Network.create(({ text }: Any) =>
      Observable.create((sink: Any) => {
        void (async () => {
          try {
            for await (const { data, incremental, hasNext } of partsOf(url, text, V2022)) {
              if (data !== undefined) sink.next({ data, hasNext });
              for (const part of incremental ?? []) sink.next({ ...part, extensions: { is_final: !hasNext } });
            }
            sink.complete();
          } catch (error) {
            sink.error(error);
          }
        })();
      }),
    );
    const environment = new Environment({ network, store: new Store(new RecordSource()) });
    const operation: Any = {
      fragment: { dataID: 'client:root', node: artifact.fragment, owner: null, variables: {} },
      request: { identifier: 'q{}', node: artifact, variables: {}, cacheConfig: {} },
      root: { dataID: 'client:root', node: artifact.operation, variables: {} },
    };
    operation.fragment.owner = operation.request;
    const seen: Any[] = [];
    await new Promise<void>((resolve, reject) => {
      environment.execute({ operation }).subscribe({
        next: () => seen.push({ ...(environment.getStore().getSource().toJSON()['client:root'] as Any) }),
        error: reject,
        complete: () => resolve(),
      });
    });
    assert.equal([seen[0].now, seen[0].slow], [1, undefined]);
    assert.equal([seen.at(-1).now, seen.at(-1).slow], [1, 'slow']);
  }));

test('functions that answer in parts are no longer sent as { initialResult }', () =>
  serving(yoga({}, usePlanql({ execute: executeIncrementally, subscribe: () => null })), async (url) => {
    assert.equal(await partsList(url, DEFER, 'multipart/mixed'), expected2022[DEFER]);
  }));

test('clients that accept one part only: Yoga says 406, Apollo Server what one execution gives', async () => {
  const ask = async (url: string) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: DEFER }),
    });
    return { status: response.status, text: await response.text() };
  };
  assert.is((await serving(yoga(), ask)).status, 406);
  const { text } = await serving(apollo(), ask);
  if (graphql.versionInfo.major < 17) assert.equal(JSON.parse(text), { data: { now: 1, slow: 'slow' } });
  else assert.match(text, 'errors');
});

test('Envelop: a response in parts is one iterable', async () => {
  const getEnveloped = envelop({ plugins: [useEngine(graphql), useSchema(schema), usePlanql()] });
  const { execute } = getEnveloped({ request: { headers: { accept: V02 } } });
  const contextValue = { request: { headers: { accept: V02 } } };
  const payloads: Any[] = [];
  for await (const payload of (await execute({ schema, contextValue, document: graphql.parse(DEFER) })) as Any) {
    payloads.push(plain(payload));
  }
  assert.equal(payloads, expected02[DEFER]);
});

test('Yoga masks the errors of later parts as it masks others, in both formats', async () => {
  for (const accept of [V2022, V02]) {
    const logged: Any[] = [];
    const logging = { debug() {}, info() {}, warn() {}, error: (error: unknown) => void logged.push(error) };
    const parts = await serving(yoga({ logging, maskedErrors: { errorMessage: 'Sorry.' } }), (url) =>
      partsList(url, FAILS, accept),
    );
    assert.match(JSON.stringify(parts), 'Sorry.');
    assert.not.match(JSON.stringify(parts), SECRET);
    assert.is(logged.length, 1);
    assert.match(String(logged[0]), SECRET);
    const open = await serving(yoga({ maskedErrors: false }), (url) => partsList(url, FAILS, accept));
    assert.match(JSON.stringify(open), SECRET);
  }
});

test("Apollo Server: formatError formats the errors of later parts, and planql's mask comes before", async () => {
  const formatError = ({ message, ...rest }: Any) => ({ ...rest, message: `formatted: ${message}` });
  for (const accept of [V2022, V02]) {
    const raw = await serving(apollo({}, { formatError }), (url) => partsList(url, FAILS, accept));
    assert.match(JSON.stringify(raw), `formatted: ${SECRET}`);
    const masked = await serving(apollo({ maskErrors: { log: () => undefined } }, { formatError }), (url) =>
      partsList(url, FAILS, accept),
    );
    assert.match(JSON.stringify(masked), 'formatted: Unexpected error.');
    assert.not.match(JSON.stringify(masked), SECRET);
  }
});

// Apollo Server goes on reading parts for a client that has left; an `abortSignal` among the gateway's `args` ends them.
test('Yoga: a client that leaves ends the stream at its source', () =>
  serving(yoga(), async (url) => {
    closed.length = 0;
    for await (const { incremental } of partsOf(url, '{ endless @stream(initialCount: 1) }', V2022)) {
      if (incremental !== undefined) break;
    }
    await until('the source is closed', () => closed.length === 1);
  }));

/** Without what clients add. */
function plain(value: unknown): Any {
  return JSON.parse(JSON.stringify(value, (key, found) => (key === '__typename' ? undefined : found)));
}

test.run();
