/** Fastify, with graphql-http. */
import type { Server } from 'node:http';
import fastify from 'fastify';
import { createHandler } from 'graphql-http/lib/use/fastify';
import { nodeHandler } from 'planql/reactive';
import { type App, type Context, openSockets, schema, subjectOf } from './app.ts';

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
  const invalidations = nodeHandler(app.invalidations.handle);
  await server.register(async (own) => {
    // The invalidation server reads bodies itself, no further than its limits.
    own.removeAllContentTypeParsers();
    own.addContentTypeParser('*', (_request, _body, done) => done(null));
    own.all('/deps/*', serve);
    for (const path of ['/healthz', '/readyz', '/metrics']) own.get(path, serve);
  });
  openSockets(server.server, app);
  await server.ready();
  return server.server;

  async function serve(request: { raw: Parameters<typeof invalidations>[0] }, reply: FastifyAnswer): Promise<void> {
    reply.hijack();
    await invalidations(request.raw, reply.raw);
  }
}

interface FastifyAnswer {
  readonly raw: Parameters<ReturnType<typeof nodeHandler>>[1];
  hijack(): unknown;
}
