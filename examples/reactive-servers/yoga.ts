/** GraphQL Yoga: what it does not serve itself goes to the invalidation server first. */
import { createServer, type Server } from 'node:http';
import { createYoga } from 'graphql-yoga';
import { nodeHandler } from 'planql/reactive';
import { usePlanql } from 'planql/server';
import { type App, openSockets, schema, subjectOf } from './app.ts';

export async function createYogaServer(app: App): Promise<Server> {
  const yoga = createYoga({
    schema,
    context: ({ request, params }) => app.contextOf(subjectOf(request.headers.get('authorization')), params.extensions),
    plugins: [usePlanql(app)],
    graphiql: false,
  });
  const invalidations = nodeHandler(app.invalidations.handle);
  const server = createServer((request, response) => {
    void invalidations(request, response, () => yoga(request, response));
  });
  openSockets(server, app);
  return server;
}
