import { parse } from 'graphql';
import { createYoga, type Plugin, useExecutionCancellation } from 'graphql-yoga';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { defaultFunctions } from '../../src/server/Functions.ts';
import { type PlanqlPluginOptions, usePlanql } from '../../src/server/usePlanql.ts';
import { closeHttp, listenHttp, post, readEvents } from './httpServer.ts';
import { subscriptionServerSuite } from './serverSuite.ts';
import { masking, testSchema, World } from './testSchema.ts';

const schema = testSchema();

for (const responses of ['objects', 'bytes'] as const) {
  const test = subscriptionServerSuite(`GraphQL Yoga, responses as ${responses}`, async (world) => {
    const yoga = createYoga({
      schema,
      context: { world },
      plugins: [usePlanql(defaultFunctions, { maskErrors: masking, responses }), useExecutionCancellation()],
      logging: false,
    });
    const { server, url } = await listenHttp(yoga);
    return {
      query: (request, signal) => post(url, request, signal),
      subscribe: (request) => readEvents(url, request),
      close: () => closeHttp(server),
    };
  });
  test.run();
}

const bytes = suite('GraphQL Yoga, responses as bytes');

const QUERY = '{ user(id: 1) { name friends { name } } hello(name: "é\\u2028\\"") }';

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

async function ask(
  responses: PlanqlPluginOptions['responses'],
  body: object,
  { plugins = [], accept = 'application/json' }: { plugins?: readonly Plugin[]; accept?: string } = {},
): Promise<Answer> {
  const yoga = createYoga({
    schema,
    context: { world: new World() },
    plugins: [
      usePlanql(createEngine({ schema }), {
        maskErrors: { log: () => undefined },
        ...(responses ? { responses } : {}),
      }),
      ...plugins,
    ],
    logging: false,
    batching: true,
  });
  const { server, url } = await listenHttp(yoga);
  try {
    const headers = { 'content-type': 'application/json', accept };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  } finally {
    await closeHttp(server);
  }
}

const requests: Readonly<Record<string, object>> = {
  'a query': { query: QUERY },
  'a mutation': { query: 'mutation { rename(id: 2, name: "Grace") { name } }' },
  'an error of a field': { query: '{ safe hello(name: "W") }' },
  'an invalid document': { query: '{ nothing }' },
  'variables that do not fit': { query: 'query ($id: ID!) { user(id: $id) { name } }', variables: { id: null } },
  'an operation that is not there': { query: 'query A { fails }', operationName: 'B' },
  'a batch': [{ query: QUERY }, { query: '{ safe }' }, { query: '{ __typename }' }],
};
for (const [name, body] of Object.entries(requests)) {
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    bytes(`${name}: the answer is that of objects (${accept})`, async () => {
      const expected = await ask('objects', body, { accept });
      assert.equal(await ask('bytes', body, { accept }), expected);
      assert.match(expected.text, /"(?:data|errors)":/);
    });
  }
}

const plugins: Readonly<Record<string, (result: Any) => unknown>> = {
  'reads the data': ({ data }) => void JSON.stringify(data),
  'changes the data in place': ({ data }) => {
    data.hello = 'changed';
  },
  'puts other data in its place': (result) => {
    result.data = { hello: 'other' };
  },
  'adds extensions': (result) => {
    result.extensions = { took: 1 };
  },
  'gives a copy': (result) => ({ ...result, extensions: { took: 1 } }),
};
for (const [name, change] of Object.entries(plugins)) {
  bytes(`a plugin ${name}: the answer is that of objects`, async () => {
    const plugin: Plugin = {
      onExecute: () => ({
        onExecuteDone({ result, setResult }) {
          const copy = change(result);
          if (copy !== undefined) setResult(copy as never);
        },
      }),
    };
    const expected = await ask('objects', { query: QUERY }, { plugins: [plugin] });
    assert.equal(await ask('bytes', { query: QUERY }, { plugins: [plugin] }), expected);
  });
}

bytes('nothing reads the JSON again while no plugin looks at it', async () => {
  const engine = createEngine({ schema });
  let execute: (args: object) => Any = () => null;
  usePlanql(engine, { responses: 'bytes' }).onExecute({
    setExecuteFn(given) {
      execute = given;
    },
  });
  const result = await execute({ document: parse('{ __typename }') });
  const first = result.stringify(result);
  assert.ok(Buffer.isBuffer(first));
  assert.is(`${first}`, '{"data":{"__typename":"Query"}}');
  assert.equal(result.data, { __typename: 'Query' });
  assert.is(result.stringify(result), '{"data":{"__typename":"Query"}}');
});

bytes('functions without executeToBuffer are refused', () => {
  const { execute, subscribe } = createEngine({ schema });
  assert.throws(
    () => usePlanql({ execute, subscribe }, { responses: 'bytes' }),
    /needs functions with "executeToBuffer"/,
  );
});

bytes.run();

// biome-ignore lint/suspicious/noExplicitAny: what plugins are given
type Any = any;
