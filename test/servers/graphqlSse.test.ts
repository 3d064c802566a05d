import { type FormattedExecutionResult, parse } from 'graphql';
import { createClient } from 'graphql-sse';
import { createHandler } from 'graphql-sse/lib/use/http';
import { defaultFunctions } from '../../src/server/Functions.ts';
import { maskErrors } from '../../src/server/maskErrors.ts';
import { closeHttp, listenHttp, whenClosed } from './httpServer.ts';
import { type OperationRequest, subscriptionServerSuite } from './serverSuite.ts';
import { masking, testSchema } from './testSchema.ts';

const schema = testSchema();
const { execute, subscribe } = maskErrors(defaultFunctions, masking);

const test = subscriptionServerSuite('graphql-sse', async (world) => {
  const handler = createHandler({
    execute: execute as never,
    subscribe: subscribe as never,
    onSubscribe: ({ context: { res } }, { query, variables, operationName }) => ({
      ...{ schema, document: parse(query), contextValue: { world }, abortSignal: whenClosed(res) },
      ...{ variableValues: variables ?? null, operationName: operationName ?? null },
    }),
  });
  const { server, url } = await listenHttp((request, response) => {
    // It writes to connections that are closed already, and says so by rejecting.
    handler(request, response).catch(() => response.destroy());
  });
  const client = createClient({ url, retryAttempts: 0 });
  const results = (request: OperationRequest): AsyncIterableIterator<FormattedExecutionResult> =>
    client.iterate(request) as AsyncIterableIterator<FormattedExecutionResult>;
  return {
    async query(request, signal) {
      const answers = results(request);
      signal?.addEventListener('abort', () => answers.return?.());
      const { value, done } = await answers.next();
      if (done) throw new Error('The connection was closed.');
      return value;
    },
    subscribe: results,
    async close() {
      client.dispose();
      await closeHttp(server);
    },
  };
});

test.run();
