import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocket, WebSocketServer } from 'ws';
import type { ExecuteArgs } from '../../src/engine/defaultEngine.ts';
import { defaultFunctions } from '../../src/server/Functions.ts';
import { maskErrors } from '../../src/server/maskErrors.ts';
import { closeHttp, listenHttp, whenClosed } from './httpServer.ts';
import { subscriptionServerSuite } from './serverSuite.ts';
import { masking, testSchema } from './testSchema.ts';

const schema = testSchema();
const { execute, subscribe } = maskErrors(defaultFunctions, masking);

const withSignal = (args: ExecuteArgs): ExecuteArgs => ({
  ...args,
  abortSignal: (args.contextValue as { signal: AbortSignal }).signal,
  // It takes a rejection for a failure of its own, and logs it.
  onAbort: 'RESPOND',
});

const test = subscriptionServerSuite('graphql-ws', async (world) => {
  const { server, url } = await listenHttp((_request, response) => response.end());
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  useServer<never, { signal: AbortSignal }>(
    {
      schema,
      execute: (args) => execute(withSignal(args)) as never,
      subscribe: (args) => subscribe(withSignal(args)) as never,
      onConnect({ extra }) {
        Object.assign(extra, { signal: whenClosed(extra.socket) });
      },
      context: ({ extra: { signal } }) => ({ world, signal }),
    },
    sockets,
  );
  const client = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });
  return {
    async query(request, signal) {
      const answers = client.iterate(request);
      signal?.addEventListener('abort', () => client.terminate());
      const { value, done } = await answers.next();
      if (done) throw new Error('The connection was closed.');
      return value as never;
    },
    subscribe: (request) => client.iterate(request) as never,
    async close() {
      await client.dispose();
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await closeHttp(server);
    },
  };
});

test.run();
