/** GraphQL over HTTP, with GraphiQL for browsers. Written once: change it as you like. */
import { createServer, type Server } from 'node:http';
import { createYoga, useReadinessCheck } from 'graphql-yoga';
import { createEngine } from 'planql';
import type { Kvetch } from 'planql/kvetch';
import { PentContext } from 'planql/pent';
import { usePlanql } from 'planql/server';
import { model, schema } from './generated/plans.ts';
import { stranger, type Viewer } from './viewer.ts';

export function createApp(kvetch: Kvetch): Server {
  const engine = createEngine({ schema, limits: { maxDepth: 20, maxFields: 5_000, planMs: 1_000 } });
  const yoga = createYoga({
    schema,
    context: ({ request }) => ({ pent: new PentContext({ kvetch, model, viewer: claimedViewer(request.headers) }) }),
    plugins: [
      usePlanql(engine), // Yoga masks errors: clients read those that were written for them
      useReadinessCheck({
        endpoint: '/ready',
        check: async () => {
          const [type] = model.classes;
          if (type?.definition) await kvetch.browse(type.definition.name, { first: 1 });
        },
      }),
    ],
    graphiql: process.env.NODE_ENV !== 'production' && { title: 'market' },
    healthCheckEndpoint: '/health',
  });
  return createServer(yoga);
}

/** For a demonstration, clients say themselves who they are. `x-viewer`: the ids of the account and of the user. */
function claimedViewer(headers: Headers): Viewer {
  const [id, user] = (headers.get('x-viewer') ?? '').split(' ');
  return id && user ? { id, user } : stranger;
}

/** Stops taking requests, finishes those that are under way, and closes the store. */
export async function shutDown(server: Server, close: () => Promise<void>): Promise<void> {
  // A client that reuses its connection is told to open another one: closing it would cut a request on its way here.
  server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'));
  if (await isConnected(server)) await new Promise((resolve) => setTimeout(resolve, 250));
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const patience = setTimeout(() => server.closeAllConnections(), 10_000);
  await closed;
  clearTimeout(patience);
  await close();
}

function isConnected(server: Server): Promise<boolean> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count > 0)));
}
