import { envelop, useEngine, useSchema } from '@envelop/core';
import * as graphql from 'graphql';
import { createEngine } from '../../src/engine/createEngine.ts';
import { usePlanql } from '../../src/server/usePlanql.ts';
import { closeHttp, listenHttp, post, readEvents, whenClosed } from './httpServer.ts';
import { type OperationRequest, subscriptionServerSuite } from './serverSuite.ts';
import { masking, testSchema } from './testSchema.ts';

const schema = testSchema();
const getEnveloped = envelop({
  plugins: [useEngine(graphql), useSchema(schema), usePlanql(createEngine({ schema }), { maskErrors: masking })],
});

const test = subscriptionServerSuite('Envelop', async (world) => {
  // A server as Envelop's documentation sketches it: parse, validate, context, execute.
  const { server, url } = await listenHttp(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { query, variables, operationName }: OperationRequest = JSON.parse(Buffer.concat(chunks).toString());
    const { parse, validate, contextFactory, execute, subscribe } = getEnveloped({ world });
    const document = parse(query);
    const errors = validate(schema, document);
    if (errors.length > 0) return void response.end(JSON.stringify({ errors }));
    const contextValue = await contextFactory();
    const args = {
      ...{ schema, document, contextValue, variableValues: variables, operationName },
      abortSignal: whenClosed(response),
      onAbort: 'RESPOND',
    };
    if (graphql.getOperationAST(document, operationName)?.operation !== 'subscription') {
      return void response.end(JSON.stringify(await execute(args)));
    }
    const events = await subscribe(args);
    if (!(Symbol.asyncIterator in events)) return void response.end(`data: ${JSON.stringify(events)}\n\n`);
    for await (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.end();
  });
  return {
    query: (request, signal) => post(url, request, signal),
    subscribe: (request) => readEvents(url, request),
    close: () => closeHttp(server),
  };
});

test.run();
