/** GraphQL over HTTP with graphql-http, and GraphiQL for browsers. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHandler } from 'graphql-http/lib/use/http';
import { execute } from 'planql';
import type { Kvetch } from 'planql/kvetch';
import { schema } from './schema.ts';

/** Serves a store and returns the address, once it can be asked. */
export async function serve(kvetch: Kvetch, port: number): Promise<string> {
  const server = createTodoServer(kvetch);
  await new Promise<void>((listening, failed) => server.once('error', failed).listen(port, listening));
  return `http://localhost:${(server.address() as AddressInfo).port}/graphql`;
}

export function createTodoServer(kvetch: Kvetch): Server {
  // planql's execute goes where graphql-js' goes.
  const handler = createHandler({ schema, execute, context: () => ({ kvetch }) });
  return createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const isPage = request.method === 'GET' && !searchParams.has('query');
    if (pathname === '/' && isPage) response.writeHead(302, { location: '/graphql' }).end();
    else if (pathname !== '/graphql') response.writeHead(404).end();
    else if (isPage) response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(graphiql);
    else void handler(request, response);
  });
}

// GraphiQL's files come from a CDN, so that the example has nothing to build.
const graphiql = `<!doctype html>
<html lang="en">
  <head>
    <title>planql: todo</title>
    <style>body { margin: 0 } #graphiql { height: 100vh }</style>
    <link rel="stylesheet" href="https://unpkg.com/graphiql@3/graphiql.min.css" />
    <script crossorigin src="https://unpkg.com/react@18/umd/react.production.min.js"></script>
    <script crossorigin src="https://unpkg.com/react-dom@18/umd/react-dom.production.min.js"></script>
    <script crossorigin src="https://unpkg.com/graphiql@3/graphiql.min.js"></script>
  </head>
  <body>
    <div id="graphiql">GraphiQL is loading.</div>
    <script>
      const fetcher = GraphiQL.createFetcher({ url: '/graphql' });
      const defaultQuery = '{\\n  todoUserByUsername(username: "user7") {\\n    name\\n    todoLists {\\n      name\\n      todoItems {\\n        text\\n        todoItemStatus\\n      }\\n    }\\n  }\\n}\\n';
      ReactDOM.createRoot(document.getElementById('graphiql')).render(React.createElement(GraphiQL, { fetcher, defaultQuery }));
    </script>
  </body>
</html>
`;
