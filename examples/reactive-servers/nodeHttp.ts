/** `node:http` alone, with graphql-http. */
import { createServer, type Server } from 'node:http';
import { createHandler } from 'graphql-http/lib/use/http';
import { type App, type Context, schema, subjectOf } from './app.ts';

export function createNodeServer(app: App): Server {
  const graphql = createHandler<Context>({
    schema,
    execute: app.execute,
    context: ({ raw }, { extensions }) => app.contextOf(subjectOf(raw.headers.authorization), extensions),
  });
  return createServer((request, response) => {
    if (request.url === '/graphql') void graphql(request, response);
    else response.writeHead(404).end();
  });
}
