/** The todo application with a page: GraphQL with dependencies, the invalidation server, and the built page, in one process. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { createYoga } from 'graphql-yoga';
import { createEngine } from 'planql';
import { createInspector, fromThisMachine } from 'planql/inspector';
import { createKvetch, type Kvetch, memoryShards } from 'planql/kvetch';
import { PentContext } from 'planql/pent';
import {
  createInvalidationServer,
  createReactive,
  memoryVersions,
  nodeHandler,
  SUBPROTOCOL,
  toRequest,
} from 'planql/reactive';
import { usePlanql } from 'planql/server';
import { WebSocketServer } from 'ws';
import { kvetchSchema } from '../todo/generated/kvetchSchema.ts';
import { model, schema } from '../todo/generated/plans.ts';

export interface TodoWeb {
  readonly server: Server;
  readonly kvetch: Kvetch;
  /** The user whose lists the page shows. */
  readonly userId: string;
  close(): Promise<void>;
}

/** Every visitor is the same guest here: an application puts the id of its session in this place. */
const SUBJECT = 'guest';

const file = (name: string): string => fileURLToPath(new URL(`./page/${name}`, import.meta.url));

export async function createTodoWeb(): Promise<TodoWeb> {
  const engine = createEngine({ schema });
  const reactive = createReactive({
    engine,
    versions: memoryVersions(), // with several servers: redisVersions({ url })
    secrets: [{ id: 'a', secret: process.env.REACTIVE_SECRET ?? 'for one process on one machine' }],
  });
  const kvetch = createKvetch({ schema: kvetchSchema, shards: memoryShards(2), changes: reactive.changes });
  const userId = await fill(kvetch);
  const contextValue = () => ({ pent: new PentContext({ kvetch, model, viewer: { id: userId } }) });
  // At /__inspect: the work of the server. In production `allow` asks for the session of an administrator.
  const inspector = createInspector({
    ...{ engine, reactive, allow: fromThisMachine },
    replay: () => ({ contextValue: contextValue() }),
  });
  const yoga = createYoga({
    schema,
    context: contextValue,
    plugins: [
      usePlanql({
        // What the request asks for in its `extensions` is what makes the answer reactive.
        execute: (args) => {
          const { params } = args.contextValue as { params: { extensions?: unknown } };
          return reactive.execute({ ...args, extensions: params.extensions, subject: SUBJECT });
        },
        subscribe: engine.subscribe,
      }),
    ],
    graphiql: process.env.NODE_ENV !== 'production' && { title: 'todo' },
  });
  const invalidations = createInvalidationServer({ invalidator: reactive, authenticate: () => SUBJECT });
  const page = await buildPage(userId);
  const handle = nodeHandler(async (request, peer) => {
    const part = page.get(new URL(request.url).pathname);
    if (part === undefined) return (await inspector.handle(request, peer)) ?? invalidations.handle(request, peer);
    return new Response(part.text, { headers: { 'content-type': part.type } });
  });
  const server = createServer((message, response) => void handle(message, response, () => yoga(message, response)));
  const sockets = new WebSocketServer({
    ...{ server, path: '/deps/socket', perMessageDeflate: false, maxPayload: 2 ** 20 },
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  sockets.on('connection', (socket, message) => invalidations.serve(socket, toRequest(message)));
  return {
    ...{ server, kvetch, userId },
    async close() {
      inspector.close();
      await invalidations.drain(0);
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await reactive.close();
      await kvetch.close();
    },
  };
}

/** Somebody with two lists. */
async function fill(kvetch: Kvetch): Promise<string> {
  const userId = await kvetch.createObject('TodoUser', { name: 'Ada', username: 'ada' });
  const lists = { Garden: ['Dig the bed', 'Sow carrots', 'Water'], 'Analytical engine': ['Order more cards'] };
  for (const [name, items] of Object.entries(lists)) {
    const todoList = await kvetch.createObject('TodoList', { name, owner: userId });
    for (const text of items) await kvetch.createObject('TodoItem', { text, todoItemStatus: 'OPEN', todoList });
  }
  return userId;
}

interface PagePart {
  readonly type: string;
  readonly text: string;
}

async function buildPage(userId: string): Promise<ReadonlyMap<string, PagePart>> {
  const { outputFiles } = await build({
    ...{ entryPoints: [file('main.jsx')], bundle: true, minify: true, write: false, format: 'esm', jsx: 'automatic' },
    ...{ platform: 'browser', target: 'es2022', define: { 'process.env.NODE_ENV': '"production"' } },
  });
  const html = readFileSync(file('index.html'), 'utf8').replace('USER_ID', userId);
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', text: html }],
    ['/main.js', { type: 'text/javascript; charset=utf-8', text: outputFiles[0]?.text ?? '' }],
  ]);
}
