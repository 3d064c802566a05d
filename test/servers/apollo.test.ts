import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
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

test.run();
