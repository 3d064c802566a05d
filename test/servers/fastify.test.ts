import fastify from 'fastify';
import { createHandler } from 'graphql-http/lib/use/fastify';
import { type ExecuteArgs, execute as executePlanql } from '../../src/engine/defaultEngine.ts';
import { maskErrors } from '../../src/server/maskErrors.ts';
import { post, whenClosed } from './httpServer.ts';
import { serverSuite } from './serverSuite.ts';
import { masking, testSchema } from './testSchema.ts';

const schema = testSchema();
const { execute } = maskErrors({ execute: executePlanql }, masking);

// Mercurius imports graphql-js' `execute` itself: what can be used instead is graphql-http's handler for Fastify.
const test = serverSuite('Fastify', async (world) => {
  const app = fastify({ forceCloseConnections: true });
  const handler = createHandler({
    schema,
    context: ({ context: { reply } }) => ({ world, signal: whenClosed(reply.raw) }),
    execute: (args: ExecuteArgs) =>
      execute({
        ...args,
        abortSignal: (args.contextValue as { signal: AbortSignal }).signal,
        // It takes a rejection for a failure of its own, and logs it.
        onAbort: 'RESPOND',
      }),
  });
  app.all('/graphql', handler);
  const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql`;
  return {
    query: (request, signal) => post(url, request, signal),
    close: () => app.close(),
  };
});

test.run();
