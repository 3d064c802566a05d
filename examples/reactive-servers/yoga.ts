/** GraphQL Yoga. */
import { createServer, type Server } from 'node:http';
import { createYoga } from 'graphql-yoga';
import { usePlanql } from 'planql/server';
import { type App, schema, subjectOf } from './app.ts';

export function createYogaServer(app: App): Server {
  const yoga = createYoga({
    schema,
    context: ({ request, params }) => app.contextOf(subjectOf(request.headers.get('authorization')), params.extensions),
    plugins: [usePlanql(app)],
    graphiql: false,
  });
  return createServer(yoga);
}
