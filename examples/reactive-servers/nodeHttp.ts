/** `node:http` alone, with graphql-http. */
import { createServer, type Server } from 'node:http';
import { createHandler } from 'graphql-http/lib/use/http';
import { nodeHandler } from 'planql/reactive';
import { type App, type Context, openSockets, schema, subjectOf } from './app.ts';

export async function createNodeServer(app: App): Promise<Server> {
  const graphql = createHandler<Context>({
    schema,
    execute: app.execute,
    context: ({ raw }, { extensions }) => app.contextOf(subjectOf(raw.headers.authorization), extensions),
  });
  const invalidations = nodeHandler(app.invalidations.handle);
  const server = createServer((request, response) => {
    if (request.url === '/graphql') void graphql(request, response);
    else void invalidations(request, response); // 404 for what is none of its paths
  });
  openSockets(server, app);
  return server;
}
