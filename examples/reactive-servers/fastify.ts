/** Fastify, with graphql-http. */
import type { Server } from 'node:http';
import fastify from 'fastify';
import { createHandler } from 'graphql-http/lib/use/fastify';
import { type App, type Context, schema, subjectOf } from './app.ts';

export async function createFastifyServer(app: App): Promise<Server> {
  const server = fastify({ forceCloseConnections: true });
  server.all(
    '/graphql',
    createHandler<Context>({
      schema,
      execute: app.execute,
      context: ({ raw }, { extensions }) => app.contextOf(subjectOf(raw.headers.authorization), extensions),
    }),
  );
  await server.ready();
  return server.server;
}
