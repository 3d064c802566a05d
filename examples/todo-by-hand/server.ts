/** GraphQL over HTTP with graphql-http, and for browsers GraphiQL, which shows the plans of queries. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHandler } from 'graphql-http/lib/use/http';
import { createEngine } from 'planql';
import type { Kvetch } from 'planql/kvetch';
import { type MaskOptions, maskErrors } from 'planql/server';
import { graphiqlPage, sendGraphiqlFile } from './graphiql.ts';
import { sendPlan } from './planPage.ts';
import { schema } from './schema.ts';

/** What requests are executed with: a type, not an interface, as graphql-http asks. */
type Context = { readonly kvetch: Kvetch; readonly closed: AbortSignal };

/** Serves a store and returns the address, once it can be asked. */
export async function serve(kvetch: Kvetch, port: number): Promise<string> {
  const server = createTodoServer(kvetch);
  await new Promise<void>((listening, failed) => server.once('error', failed).listen(port, listening));
  return `http://localhost:${(server.address() as AddressInfo).port}/graphql`;
}

export function createTodoServer(kvetch: Kvetch, masking: MaskOptions = {}): Server {
  const engine = createEngine({ schema });
  const { execute } = maskErrors(engine, masking);
  const handler = createHandler<Context>({
    schema,
    // The engine's execute goes where graphql-js' goes. A client that leaves aborts its request.
    execute: (args) => {
      const { closed } = args.contextValue as Context;
      return execute({ ...args, abortSignal: closed, onAbort: 'RESPOND' });
    },
    context: ({ context: { res } }) => ({ kvetch, closed: whenClosed(res) }),
  });
  return createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const isPage = request.method === 'GET' && !searchParams.has('query');
    if (pathname === '/' && isPage) response.writeHead(302, { location: '/graphql' }).end();
    else if (pathname === '/plan' && request.method === 'POST') void sendPlan(engine, { kvetch }, request, response);
    else if (sendGraphiqlFile(pathname, response)) return;
    else if (pathname !== '/graphql') response.writeHead(404).end();
    else if (isPage) response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(graphiqlPage);
    else void handler(request, response);
  });
}

/** A signal that is aborted when nobody reads the response any more. */
function whenClosed(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort(new Error('The client is gone.')));
  return controller.signal;
}
