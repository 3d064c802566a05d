/** Servers mask, format and log errors of planql's requests as those of any other; planql masks where it is told to. */
import { ApolloServer, type ApolloServerOptions } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import { envelop, useEngine, useSchema } from '@envelop/core';
import * as graphql from 'graphql';
import { createHandler } from 'graphql-http/lib/use/fetch';
import { createYoga, useExecutionCancellation } from 'graphql-yoga';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { SafeError } from '../../src/errors/SafeError.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { maskErrors } from '../../src/server/maskErrors.ts';
import { type GatewayOptions, planqlGateway } from '../../src/server/planqlGateway.ts';
import { type PlanqlPluginOptions, usePlanql } from '../../src/server/usePlanql.ts';
import { until } from '../support/until.ts';
import { closeHttp, listenHttp } from './httpServer.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a test looks into
type Any = any;

const test = suite("errors are the server's");

const SECRET = 'password=hunter2';

class RowError extends Error {
  readonly extensions = { code: 'ROW_LOCKED' };
}

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    scalar UUID
    type Query { byId(id: UUID): String fails: String safe: String coded: String row: String waits: String }
  `,
  scalars: {
    UUID: {
      parseValue(value: unknown) {
        if (typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value)) return value;
        throw new TypeError(`${JSON.stringify(value)} is no UUID.`);
      },
    },
  },
  objects: {
    Query: {
      plans: {
        byId: { resolve: (_root: unknown, { id }: Any) => id },
        fails: { resolve: () => Promise.reject(new Error(SECRET)) },
        safe: { resolve: () => Promise.reject(new SafeError('Sold out.', { code: 'SOLD_OUT' })) },
        coded: { resolve: () => Promise.reject(new graphql.GraphQLError('Log in.', { extensions: { code: 'NO' } })) },
        row: { resolve: () => Promise.reject(new RowError('The row is locked.')) },
        waits: {
          resolve: () =>
            new Promise(() => {
              waiting++;
            }),
        },
      },
    },
  },
} as never);
let waiting = 0;

const BAD_ID = { query: 'query ($id: UUID) { byId(id: $id) }', variables: { id: 'no uuid' } };
const BAD_ID_MESSAGE = /Variable "\$id".*"no uuid" is no UUID\./;

function yogaWith(options: Any = {}, own: PlanqlPluginOptions = {}) {
  const logged: Array<[level: string, ...Any[]]> = [];
  const level =
    (name: string) =>
    (...told: Any[]) =>
      void logged.push([name, ...told]);
  const logging = { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
  const yoga = createYoga({ schema, logging, plugins: [usePlanql(createEngine({ schema }), own)], ...options } as Any);
  const ask = async (body: object): Promise<Any> => {
    const response = await yoga.fetch('http://yoga/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as object) };
  };
  return { ask, errors: () => logged.filter(([name]) => name === 'error') };
}

for (const responses of ['objects', 'bytes'] as const) {
  test(`Yoga masks and logs what it did not know, as ${responses}`, async () => {
    const { ask, errors } = yogaWith({}, { responses });
    const { errors: seen } = await ask({ query: '{ fails safe coded }' });
    const byPath = Object.fromEntries(
      seen.map(({ path, message, extensions }: Any) => [path[0], [message, extensions?.code]]),
    );
    assert.equal(byPath, {
      fails: ['Unexpected error.', 'INTERNAL_SERVER_ERROR'],
      safe: ['Sold out.', 'SOLD_OUT'],
      coded: ['Log in.', 'NO'],
    });
    assert.is(errors().length, 1);
    assert.is(errors()[0]?.[1].originalError.message, SECRET);
  });

  test(`Yoga's maskedErrors: false, errorMessage, maskError and isDev hold, as ${responses}`, async () => {
    const open = yogaWith({ maskedErrors: false }, { responses });
    assert.is((await open.ask({ query: '{ fails }' })).errors[0].message, SECRET);
    assert.equal((await open.ask({ query: '{ row }' })).errors[0].extensions, { code: 'ROW_LOCKED' });

    const named = yogaWith({ maskedErrors: { errorMessage: 'Sorry.' } }, { responses });
    assert.is((await named.ask({ query: '{ fails }' })).errors[0].message, 'Sorry.');

    const seen: Any[] = [];
    const maskError = (error: Any) => {
      seen.push(error.originalError);
      return new graphql.GraphQLError(`masked: ${error.originalError.message}`);
    };
    const own = yogaWith({ maskedErrors: { maskError } }, { responses });
    assert.is((await own.ask({ query: '{ row }' })).errors[0].message, 'masked: The row is locked.');
    assert.instance(seen[0], RowError);

    const dev = yogaWith({ maskedErrors: { isDev: true } }, { responses });
    assert.is((await dev.ask({ query: '{ fails }' })).errors[0].extensions.originalError.message, SECRET);
  });
}

test("Yoga: maskErrors is planql's mask, with its log", async () => {
  const told: Any[] = [];
  const { ask, errors } = yogaWith({}, { maskErrors: { log: (error, id) => void told.push([error, id]) } });
  const {
    errors: [fails],
  } = await ask({ query: '{ fails }' });
  assert.equal([fails.message, fails.extensions.id], ['Unexpected error.', told[0][1]]);
  assert.is(told[0][0].message, SECRET);
  assert.is(errors().length, 0);
});

test('Yoga is told of an abort: its log does not say that the request is done', async () => {
  for (const responses of ['objects', 'bytes'] as const) {
    const log: string[] = [];
    const note = (text: unknown) => void log.push(String(text));
    const yoga = createYoga({
      schema,
      logging: { debug: note, info: note, warn: note, error: (error: unknown) => note(`error: ${error}`) },
      plugins: [usePlanql(createEngine({ schema }), { responses }), useExecutionCancellation()],
    });
    const { server, url } = await listenHttp(yoga as never);
    const controller = new AbortController();
    const before = waiting;
    const body = JSON.stringify({ query: '{ waits }' });
    const headers = { 'content-type': 'application/json' };
    const answer = fetch(url, { method: 'POST', headers, body, signal: controller.signal }).catch(() => 'gone');
    await until('it runs', () => waiting > before);
    controller.abort();
    assert.is(await answer, 'gone');
    await until('the log says that it was aborted', () => log.includes('Request aborted'));
    assert.not.match(log.join('\n'), /Processing GraphQL Parameters done|error:/);
    await closeHttp(server);
  }
});

async function apolloWith(config: Partial<ApolloServerOptions<Any>> = {}, own: Partial<GatewayOptions> = {}) {
  const told: Any[] = [];
  const server = new ApolloServer<Any>({
    gateway: planqlGateway({ schema, ...own }),
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    plugins: [
      {
        requestDidStart: async () => ({
          didEncounterErrors: async ({ errors }: Any) => void told.push(...errors),
          executionDidStart: async () => ({ executionDidEnd: async (error?: Error) => void told.push(error) }),
        }),
      },
    ],
    ...config,
  } as Any);
  const ask = async (request: Any): Promise<Any> => {
    const { body, http } = await server.executeOperation(request);
    return { status: http.status, ...(body as Any).singleResult };
  };
  return { server, ask, told };
}

test('Apollo Server: formatError and plugins see errors as they occurred', async () => {
  const seen: Any[] = [];
  const formatError = (formatted: Any, error: unknown) => {
    seen.push(unwrapResolverError(error));
    return { ...formatted, message: `formatted: ${formatted.message}` };
  };
  const { ask, told, server } = await apolloWith({ formatError });
  const { errors } = await ask({ query: '{ row safe }' });
  assert.equal(
    errors.map(({ message, extensions }: Any) => [message, extensions.code]),
    [
      ['formatted: The row is locked.', 'ROW_LOCKED'],
      ['formatted: Sold out.', 'SOLD_OUT'],
    ],
  );
  assert.instance(seen[0], RowError);
  assert.instance(seen[1], SafeError);
  assert.instance(told[0].originalError, RowError);
  await server.stop();
});

test('Apollo Server: maskErrors comes before formatError', async () => {
  const log: Any[] = [];
  const { ask, server } = await apolloWith({}, { maskErrors: { log: (error) => void log.push(error) } });
  const { errors } = await ask({ query: '{ row safe }' });
  assert.equal(
    errors.map(({ message }: Any) => message),
    ['Unexpected error.', 'Sold out.'],
  );
  assert.instance(log[0], RowError);
  await server.stop();
});

test('Apollo Server is told of an abort', async () => {
  const controller = new AbortController();
  const { ask, told, server } = await apolloWith({}, { args: () => ({ abortSignal: controller.signal }) });
  const before = waiting;
  const answer = ask({ query: '{ waits }' });
  await until('it runs', () => waiting > before);
  controller.abort(new Error(SECRET));
  const { errors } = await answer;
  assert.equal([errors[0].message, errors[0].extensions.code], ['The request was aborted.', 'ABORTED']);
  assert.is(told.find((error) => error !== undefined).originalError.message, SECRET);
  await server.stop();
});

test('a variable that a scalar refuses is the error of the client, in its words, and nobody logs it', async () => {
  for (const own of [{}, { maskErrors: true }, { responses: 'bytes' as const }]) {
    const yoga = yogaWith({}, own);
    assert.match((await yoga.ask(BAD_ID)).errors[0].message, BAD_ID_MESSAGE);
    assert.equal(yoga.errors(), []);
  }
  for (const own of [{}, { maskErrors: true }]) {
    const { ask, server } = await apolloWith({}, own);
    const { status, errors } = await ask(BAD_ID);
    assert.match(errors[0].message, BAD_ID_MESSAGE);
    assert.equal([status, errors[0].extensions.code], [400, 'BAD_USER_INPUT']);
    await server.stop();
  }
  const logged: unknown[] = [];
  const { execute } = maskErrors(createEngine({ schema }), { log: (error) => void logged.push(error) });
  const handler = createHandler({ schema, execute: execute as never });
  const response = await handler(
    new Request('http://http/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(BAD_ID),
    }),
  );
  assert.match(((await response.json()) as Any).errors[0].message, BAD_ID_MESSAGE);
  assert.equal(logged, []);
});

test('an error of a field does not pass for a refused variable', async () => {
  const own = makeSchema({
    typeDefs: 'type Query { a(n: Int): Int }',
    objects: {
      Query: {
        plans: {
          a: {
            resolve(_root: unknown, _args: unknown, _context: unknown, info: Any) {
              const nodes = info.operation.variableDefinitions;
              throw new graphql.GraphQLError(SECRET, { nodes, originalError: new Error(SECRET) });
            },
          },
        },
      },
    },
  } as never);
  const { execute } = maskErrors(createEngine({ schema: own }), { log: () => undefined });
  const document = graphql.parse('query ($n: Int) { a(n: $n) }');
  assert.not.match(JSON.stringify(await execute({ schema: own, document })), SECRET);
});

test('Envelop has no mask of its own: planql masks there, unless it is told not to', async () => {
  for (const [own, expected] of [
    [{ maskErrors: { log: () => undefined } }, 'Unexpected error.'],
    [{ maskErrors: false }, SECRET],
  ] as const) {
    const getEnveloped = envelop({ plugins: [useEngine(graphql), useSchema(schema), usePlanql(undefined, own)] });
    const { execute } = getEnveloped({});
    const { errors } = (await execute({ schema, document: graphql.parse('{ fails }') })) as Any;
    assert.is(errors[0].message, expected);
  }
});

test.run();
