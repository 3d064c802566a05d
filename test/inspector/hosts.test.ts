/** The inspector in the servers that docs/inspector.md names. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { createYoga } from 'graphql-yoga';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromThisMachine, type Inspector } from '../../src/inspector.ts';
import { nodeHandler } from '../../src/reactive.ts';
import { usePlanql } from '../../src/server.ts';
import { inspected, type Summary, schema } from './world.ts';

const test = suite('inspector: hosts');

interface OnRequest {
  readonly request: Request;
  readonly serverContext: { readonly req: IncomingMessage };
  endResponse(response: Response): void;
}

interface Host {
  readonly url: string;
  close(): Promise<unknown>;
}

async function listening(server: Server): Promise<Host> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<unknown> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

const hosts: Readonly<Record<string, (inspector: Inspector, engine: never) => Promise<Host>>> = {
  'node:http': (inspector) => listening(createServer(nodeHandler(inspector.handle))),

  Yoga: (inspector, engine) => {
    const inspect = {
      async onRequest({ request, serverContext, endResponse }: OnRequest) {
        const answer = await inspector.handle(request, serverContext.req.socket);
        if (answer !== null) endResponse(answer);
      },
    };
    return listening(createServer(createYoga({ schema, plugins: [inspect, usePlanql(engine)], logging: false })));
  },

  Fastify: async (inspector) => {
    const app = fastify();
    app.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
      scope.all('/__inspect*', (request, reply) => {
        reply.hijack();
        return nodeHandler(inspector.handle)(request.raw, reply.raw);
      });
    });
    return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
  },
};

for (const [name, open] of Object.entries(hosts)) {
  test(`in ${name} it has its page, its JSON, and runs operations again`, async () => {
    const { engine, inspector, close } = inspected({ allow: fromThisMachine, replay: () => ({}) });
    const host = await open(inspector, engine as never);
    try {
      const { document } = { document: engine.document('query Slow($of: Int!) { slow(of: $of) }') };
      assert.ok('kind' in document);
      await engine.execute({ document, variableValues: { of: 1 } });
      const page = await fetch(`${host.url}/__inspect`);
      const text = await page.text();
      assert.equal([page.status, page.headers.get('cache-control')], [200, 'no-store']);
      const [, token = ''] = /"token":"([^"]+)"/.exec(text) ?? [];
      const response = await fetch(`${host.url}/__inspect/replay`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-planql-inspect': token },
        body: JSON.stringify({ operation: '1', variables: { of: 2 } }),
      });
      assert.equal(JSON.parse(((await response.json()) as Summary).response), { data: { slow: [0, 1] } });
      const { operations } = (await (await fetch(`${host.url}/__inspect.json`)).json()) as Summary;
      assert.equal(
        operations.map((one: Summary) => one.cause),
        ['replay', 'request'],
      );
      assert.is((await fetch(`${host.url}/other`)).status, 404);
      const forwarded = { 'x-forwarded-for': '203.0.113.9' };
      assert.is(
        (await fetch(`${host.url}/__inspect.json`, { headers: forwarded })).status,
        404,
        'a proxy on this machine',
      );
    } finally {
      await host.close();
      await close();
    }
  });
}

test.run();
