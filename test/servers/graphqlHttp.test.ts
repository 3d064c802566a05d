import { createHandler } from 'graphql-http/lib/use/http';
import { type ExecuteArgs, execute } from '../../src/engine/defaultEngine.ts';
import { closeHttp, listenHttp, post, whenClosed } from './httpServer.ts';
import { serverSuite } from './serverSuite.ts';
import { testSchema } from './testSchema.ts';

const schema = testSchema();

const test = serverSuite('graphql-http', async (world) => {
  const handler = createHandler({
    schema,
    context: ({ context: { res } }) => ({ world, signal: whenClosed(res) }),
    execute: (args: ExecuteArgs) =>
      execute({ ...args, abortSignal: (args.contextValue as { signal: AbortSignal }).signal }),
  });
  const { server, url } = await listenHttp(handler);
  return {
    query: (request, signal) => post(url, request, signal),
    close: () => closeHttp(server),
  };
});

test.run();
