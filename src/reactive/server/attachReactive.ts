import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { anything, checkOptions, type OptionTable } from '../../errors/checkOptions.ts';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import type { Peer } from '../../utils/fromThisMachine.ts';
import { propertiesOf } from '../../utils/propertiesOf.ts';
import type { Reactive } from '../createReactive.ts';
import { forGraphqlWs, type LiveFunctions } from '../live/plugs.ts';
import type { EngineArgs } from '../ReactiveEngine.ts';
import type { OpenConnection } from './Connections.ts';
import {
  HttpInvalidationServer,
  type InvalidationServer,
  type InvalidationServerOptions,
  serverOptions,
} from './createInvalidationServer.ts';
import { defaultLimits } from './limits.ts';
import { nodeHandler, toRequest } from './nodeHandler.ts';
import { SUBPROTOCOL } from './sockets.ts';

/** How long a socket has to answer that it ends. */
const END_MS = 1000;
const LIVE_PROTOCOL = 'graphql-transport-ws';

/** The option `live` of `attachReactive`: live queries over graphql-ws. Spec 11.7. */
export interface AttachedLive {
  /** The object of `createLiveQueries`, or `{ schema, ...maskErrors(liveQueries) }`. */
  readonly queries: LiveFunctions;
  /** Makes the context of each run. `token`: that of graphql-ws' `connectionParams`. */
  readonly context: (request: Request, token: unknown) => unknown;
  /** The function of graphql-ws: `import { useServer } from 'graphql-ws/use/ws'`. */
  // biome-ignore lint/suspicious/noExplicitAny: the package is not imported, so that nobody has to have it
  readonly useServer: (options: any, server: any) => unknown;
  /** The path of the WebSocket. Default `/live`. */
  readonly path?: string;
}

/** The options of `attachReactive`. */
export interface AttachOptions<TArgs extends EngineArgs = EngineArgs>
  extends Omit<InvalidationServerOptions, 'invalidator' | 'authenticate'> {
  /** The object of `createReactive`. */
  readonly reactive: Reactive<TArgs>;
  /** The user or session that a request or socket belongs to: the same text that `execute` is given as `subject` for this client. With null the request is refused. */
  readonly subject: InvalidationServerOptions['authenticate'];
  /**
   * The origins of pages that may open sockets (`https://example.com`): browsers send cookies with a socket of any page.
   * Default: pages of the host that the request names. Name the origins if a proxy changes the header `Host`, and for pages
   * of other hosts. Spec 11.8.14.
   */
  readonly origins?: readonly string[];
  /** Serves live queries, too. Default: none. */
  readonly live?: AttachedLive;
  /** The object of `createInspector`: its page is served, too. */
  readonly inspector?: { handle(request: Request, peer: Peer | null): Promise<Response | null> };
}

const attachOptions: OptionTable<AttachOptions> = {
  ...(({ invalidator: _invalidator, authenticate: _authenticate, ...others }) => others)(serverOptions),
  reactive: anything,
  subject: anything,
  origins: anything,
  live: anything,
  inspector: anything,
};

/** The result of `attachReactive`. */
export interface AttachedReactive {
  /** The invalidation server, for its counters and `drain`. */
  readonly invalidations: InvalidationServer;
  /** Closes the sockets one by one, spread over `spreadMs` milliseconds. From then on all requests go to the server's other listeners. */
  close(spreadMs?: number): Promise<void>;
}

/**
 * Attaches the invalidation server (`/deps/…`, `/healthz`, `/readyz`, `/metrics`), live queries (`/live`) and the
 * inspector (`/__inspect`) to a server of `node:http`. All other requests and sockets go to the listeners that the
 * server already has, so call it last. It needs the package `ws`. Spec 11.7 and 11.8, docs/reactive.md.
 *
 * @throws PlanqlError with the code `BAD_OPTION`, for options that it does not know or cannot use.
 */
export async function attachReactive<TArgs extends EngineArgs>(
  server: Server,
  options: AttachOptions<TArgs>,
): Promise<AttachedReactive> {
  checkOptions('attachReactive', options, attachOptions);
  const { reactive, subject, live: _live, origins, inspector, ...others } = options;
  const invalidations = new HttpInvalidationServer({ ...others, invalidator: reactive, authenticate: subject });
  const routes = await openRoutes(options, invalidations);
  const detach = [takeRequests(server, invalidations, inspector), takeUpgrades(server, routes, origins)];
  return {
    invalidations,
    async close(spreadMs = 0) {
      for (const end of detach) end();
      await invalidations.drain(spreadMs);
      for (const { close } of routes.values()) close();
    },
  };
}

/** The part of graphql-ws' context that is used. */
interface LiveContext {
  readonly extra: {
    readonly request: IncomingMessage;
    readonly socket: { readonly readyState: number; readonly OPEN: number; close(code: number, reason: string): void };
  };
  readonly connectionParams?: unknown;
}

/** A path of WebSockets. */
interface SocketRoute {
  take(message: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

/** Requests that are not for planql go to the listeners that the server had. */
function takeRequests(
  server: Server,
  { handle }: InvalidationServer,
  inspector: AttachOptions['inspector'],
): () => void {
  const own = server.listeners('request');
  if (own.length === 0) {
    throw new PlanqlError(
      'ATTACH_ORDER',
      'attachReactive was given a server without a request listener. Call it after the server has got its own.',
    );
  }
  const handler = nodeHandler(
    async (request, peer) => (await inspector?.handle(request, peer)) ?? handle(request, peer),
  );
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    void handler(message, response, (error) => {
      if (error === undefined) for (const next of own) Reflect.apply(next, server, [message, response]);
      else if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  };
  server.removeAllListeners('request').on('request', listener);
  return () => {
    server.off('request', listener);
    for (const next of own) server.on('request', (...args) => Reflect.apply(next, server, args));
  };
}

/** One listener decides on all sockets: a WebSocket server with a path ends those of other paths. */
function takeUpgrades(
  server: Server,
  routes: ReadonlyMap<string, SocketRoute>,
  origins: AttachOptions['origins'],
): () => void {
  const own = server.listeners('upgrade');
  const listener = (message: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const route = routes.get(new URL(toRequest(message).url).pathname);
    if (route !== undefined) {
      if (isOwnPage(message, origins)) return route.take(message, socket, head);
      return void socket.end(
        'HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-type: text/plain\r\n\r\n' +
          'This origin may not open sockets: attachReactive({ origins }) names those that may.\n',
      );
    }
    for (const next of own) Reflect.apply(next, server, [message, socket, head]);
    if (own.length === 0) socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
  };
  server.removeAllListeners('upgrade').on('upgrade', listener);
  return () => {
    server.off('upgrade', listener);
    for (const next of own) server.on('upgrade', (...args) => Reflect.apply(next, server, args));
  };
}

/** Whether a request for a socket comes from a page of this application, or from no page. */
function isOwnPage({ headers }: IncomingMessage, origins: AttachOptions['origins']): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (origins !== undefined) return origins.includes(origin);
  return URL.canParse(origin) && new URL(origin).host === host;
}

async function openRoutes<TArgs extends EngineArgs>(
  { path = '/deps', limits, live, subject }: AttachOptions<TArgs>,
  invalidations: HttpInvalidationServer,
): Promise<ReadonlyMap<string, SocketRoute>> {
  const { WebSocketServer } = await import('ws').catch(() => {
    throw new PlanqlError('ATTACH_PACKAGE', 'attachReactive needs the package ws: run "npm install ws".');
  });
  const routes = new Map<string, SocketRoute>();
  const open = (at: string, options: object): InstanceType<typeof WebSocketServer> => {
    const sockets = new WebSocketServer({
      ...{ noServer: true, perMessageDeflate: false, maxPayload: limits?.maxBytes ?? defaultLimits.maxBytes },
      ...options,
    });
    routes.set(at, {
      take: (message, socket, head) =>
        sockets.handleUpgrade(message, socket, head, (opened) => sockets.emit('connection', opened, message)),
      close() {
        sockets.close();
        const left = [...sockets.clients];
        for (const socket of left) socket.close(1001, 'The server goes');
        // A client that does not read does not answer either.
        if (left.length > 0) setTimeout(() => left.map((socket) => socket.terminate()), END_MS).unref();
      },
    });
    return sockets;
  };
  const deps = open(`${path}/socket`, {
    handleProtocols: (offered: ReadonlySet<string>) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  deps.on('connection', (socket, message) => invalidations.serve(socket, toRequest(message)));
  if (live === undefined) return routes;
  const whoOf = (ctx: LiveContext) => [toRequest(ctx.extra.request), propertiesOf(ctx.connectionParams).token] as const;
  const subjectOf = async (ctx: LiveContext): Promise<string | null> => {
    const found: unknown = await subject(...whoOf(ctx));
    return typeof found === 'string' ? found : null;
  };
  const functions = forGraphqlWs(live.queries, {
    context: (ctx) => live.context(...whoOf(ctx)),
    subject: subjectOf,
  });
  const opened = new WeakMap<object, OpenConnection>();
  const onConnect = async (ctx: LiveContext): Promise<boolean> => {
    const found = await subjectOf(ctx);
    const { socket } = ctx.extra;
    if (found === null || socket.readyState !== socket.OPEN) return false;
    if (!invalidations.hasRoom(found)) {
      socket.close(4429, 'Too many connections');
      return false;
    }
    const end = (): void => socket.close(4403, 'Forbidden');
    const connection = { subject: found, ask: () => subjectOf(ctx), end };
    opened.set(socket, connection);
    invalidations.connections.add(connection);
    return true;
  };
  const onClose = ({ extra: { socket } }: LiveContext): void => {
    const connection = opened.get(socket);
    if (connection !== undefined) invalidations.connections.remove(connection);
  };
  const liveSockets = open(live.path ?? '/live', {
    handleProtocols: (offered: ReadonlySet<string>) => (offered.has(LIVE_PROTOCOL) ? LIVE_PROTOCOL : false),
  });
  live.useServer({ ...functions, onConnect, onClose }, liveSockets);
  return routes;
}
