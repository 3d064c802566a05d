import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import * as assert from 'uvu/assert';
import { makeSchema } from '../../src/index.ts';
import { planqlGateway } from '../../src/server/planqlGateway.ts';
import { post, whenClosed } from './httpServer.ts';
import { serverSuite } from './serverSuite.ts';
import { masking, testSchema, type World } from './testSchema.ts';

interface Context {
  readonly world: World;
  readonly signal: AbortSignal;
}

const schema = testSchema();

const test = serverSuite('Apollo Server', async (world) => {
  const server = new ApolloServer<Context>({
    gateway: planqlGateway({
      maskErrors: masking,
      schema,
      args: ({ context }) => ({ abortSignal: (context as Context).signal }),
    }),
    introspection: true,
    nodeEnv: 'production',
    stopOnTerminationSignals: false,
  });
  const { url } = await startStandaloneServer(server, {
    listen: { port: 0, host: '127.0.0.1' },
    context: async ({ res }) => ({ world, signal: whenClosed(res) }),
  });
  return {
    query: (request, signal) => post(url, request, signal),
    close: () => server.stop(),
  };
});

test('an operation that the document does not have is refused, and the one that it has does not run', async () => {
  let runs = 0;
  const counting = makeSchema({
    typeDefs: 'type Query { a: Int } type Mutation { count: Int }',
    objects: { Mutation: { resolvers: { count: () => ++runs } } },
  });
  const server = new ApolloServer({
    gateway: planqlGateway({ schema: counting }),
    stopOnTerminationSignals: false,
  });
  await server.start();
  const ask = (operationName: string): ReturnType<typeof server.executeOperation> =>
    server.executeOperation({ query: 'mutation Count { count }', operationName });
  const { http, body } = await ask('Other');
  assert.is(http.status, 400);
  assert.ok(body.kind === 'single');
  assert.is(body.singleResult.errors?.[0]?.message, 'Unknown operation named "Other".');
  assert.is(runs, 0);
  await ask('Count');
  assert.is(runs, 1);
  await server.stop();
});

test.run();
