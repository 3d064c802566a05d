import { createYoga, useExecutionCancellation } from 'graphql-yoga';
import { defaultFunctions } from '../../src/server/Functions.ts';
import { usePlanql } from '../../src/server/usePlanql.ts';
import { closeHttp, listenHttp, post, readEvents } from './httpServer.ts';
import { subscriptionServerSuite } from './serverSuite.ts';
import { masking, testSchema } from './testSchema.ts';

const schema = testSchema();

const test = subscriptionServerSuite('GraphQL Yoga', async (world) => {
  const yoga = createYoga({
    schema,
    context: { world },
    plugins: [usePlanql(defaultFunctions, masking), useExecutionCancellation()],
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
