import { createHandler } from 'graphql-http/lib/use/http';
import { type ExecuteArgs, execute as executePlanql } from '../../src/engine/defaultEngine.ts';
import { maskErrors } from '../../src/server/maskErrors.ts';
import { closeHttp, listenHttp, post, whenClosed } from './httpServer.ts';
import { serverSuite } from './serverSuite.ts';
import { masking, testSchema } from './testSchema.ts';

const schema = testSchema();
const { execute } = maskErrors({ execute: executePlanql }, masking);

const test = serverSuite('graphql-http', async (world) => {
  const handler = createHandler({
    schema,
    context: ({ context: { res } }) => ({ world, signal: whenClosed(res) }),
    execute: (args: ExecuteArgs) =>
      execute({
        ...args,
        abortSignal: (args.contextValue as { signal: AbortSignal }).signal,
        // It takes a rejection for a failure of its own, and logs it.
        onAbort: 'RESPOND',
      }),
  });
  const { server, url } = await listenHttp(handler);
  return {
    query: (request, signal) => post(url, request, signal),
    close: () => closeHttp(server),
  };
});

test.run();
