/**
 * The market with dependencies and live queries, as an application sets it up: in this process, or as one of its own that
 * can be killed.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { extendSchema, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { kvetchSchema } from '../../../examples/market/generated/kvetchSchema.ts';
import { schema as generated, model } from '../../../examples/market/generated/plans.ts';
import type { Viewer } from '../../../examples/market/viewer.ts';
import { createEngine } from '../../../src/index.ts';
import { createKvetch, type Kvetch, type memoryShards } from '../../../src/kvetch.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { PentContext } from '../../../src/pent.ts';
import {
  attachReactive,
  createLiveQueries,
  createReactive,
  liveTypeDefs,
  type Reactive,
  type VersionStore,
} from '../../../src/reactive.ts';
import { redisVersions } from '../../../src/reactive-redis.ts';

const schema = extendSchema(generated, liveTypeDefs);
const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];

/** The servers of the store, where it is not in memory. */
export interface Place {
  readonly mysql: readonly string[];
  readonly redis: string;
  readonly prefix: string;
  readonly processCache: boolean;
}

export interface Market {
  readonly kvetch: Kvetch;
  readonly reactive: Reactive;
  readonly port: number;
  /** Ends all connections; the server goes on. */
  cut(): void;
  close(): Promise<void>;
}

export interface Stored {
  readonly versions: VersionStore;
  openKvetch(changes: Reactive['changes']): { readonly kvetch: Kvetch; close(): Promise<void> };
}

/** In the memory of this process. Servers that are given the same of both share their data. */
export function inMemory(
  versions: VersionStore,
  shards: ReturnType<typeof memoryShards>,
  processCache: boolean,
): Stored {
  return {
    versions,
    openKvetch(changes) {
      const kvetch = createKvetch({ schema: kvetchSchema, shards, changes, processCache });
      return { kvetch, close: () => kvetch.close() };
    },
  };
}

export function onServers({ mysql, redis, prefix, processCache }: Place): Stored {
  return {
    versions: redisVersions({ url: redis, prefix: `${prefix}v:`, timeoutMs: 5000 }),
    openKvetch(changes) {
      const cache = redisCache({ url: redis, prefix: `${prefix}c:` });
      const shards = mysqlShards([...mysql], { createDatabase: true });
      const kvetch = createKvetch({ schema: kvetchSchema, shards, cache, changes, processCache });
      return {
        kvetch,
        async close() {
          await kvetch.close();
          await cache.close();
        },
      };
    },
  };
}

/** `account user`, as clients say themselves. */
function viewerOf(claim: string): Viewer {
  const [id = null, user = null] = claim.split(' ').filter(Boolean);
  return { id, user };
}

interface Body {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly extensions?: object;
}

export async function openMarket({ versions, openKvetch }: Stored, ownPort = 0): Promise<Market> {
  const reactive = createReactive({ engine: createEngine({ schema }), versions, secrets });
  const { kvetch, close: closeStore } = openKvetch(reactive.changes);
  const contextOf = (claim: string) => ({ pent: new PentContext({ kvetch, model, viewer: viewerOf(claim) }) });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { query, variables = {}, extensions } = JSON.parse(String(Buffer.concat(chunks))) as Body;
    const claim = String(request.headers.authorization ?? '').replace(/^Bearer /, '');
    const result = await reactive.execute({
      ...{ document: parse(query), variableValues: variables, extensions },
      ...{ contextValue: contextOf(claim), subject: claim },
    });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  };
  const http: Server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(`${new Date().toISOString()} the server failed: ${String(error)}`);
      response.writeHead(500).end();
    });
  });
  http.keepAliveTimeout = 0; // clients end idle connections first
  const queries = createLiveQueries({ reactive });
  const attached = await attachReactive(http, {
    reactive,
    subject: ({ headers }, token) => headers.get('authorization')?.replace(/^Bearer /, '') ?? String(token ?? ''),
    limits: { spreadMs: 50 },
    live: { queries, context: (_request, token) => contextOf(String(token)), useServer },
  });
  const sockets = new Set<{ destroy(): unknown }>();
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => http.listen(ownPort, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    ...{ kvetch, reactive, cut, port: (http.address() as AddressInfo).port },
    async close() {
      await attached.close(0);
      cut();
      await new Promise((resolve) => http.close(resolve));
      await reactive.close();
      await closeStore();
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { place, port } = JSON.parse(process.argv[2] ?? '') as { place: Place; port: number };
  const market = await openMarket(onServers(place), port);
  console.log(`listens on http://127.0.0.1:${market.port}.`);
}
