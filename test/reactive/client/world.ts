/** The generated todo application with dependencies, served over HTTP and WebSockets by one or more servers. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type GraphQLSchema, parse } from 'graphql';
import { WebSocket, WebSocketServer } from 'ws';
import { kvetchSchema } from '../../../examples/todo/generated/kvetchSchema.ts';
import { schema } from '../../../examples/todo/generated/plans.ts';
import { createEngine } from '../../../src/index.ts';
import { createKvetch, type Kvetch, type KvetchSchema, memoryShards } from '../../../src/kvetch.ts';
import { PentContext, type PentModel } from '../../../src/pent.ts';
import {
  createInvalidationServer,
  createReactive,
  memoryVersions,
  nodeHandler,
  type Reactive,
  type ServerLimits,
  SUBPROTOCOL,
  toRequest,
  type VersionStore,
} from '../../../src/reactive.ts';
import {
  createReactiveClient,
  eventStream,
  polling,
  type ReactiveClient,
  type ReactiveClientOptions,
  type Transport,
  type TypedDocument,
  webSocket,
} from '../../../src/reactive-client.ts';
import { openTodoModel } from '../../support/openTodoModel.ts';

/** A request of a client, and what was answered. */
export interface Asked {
  readonly query: string;
  readonly refetch:
    | readonly { readonly at: string; readonly ids?: readonly string[]; readonly fields?: readonly string[] }[]
    | null;
  readonly isMutation: boolean;
  /** False: the test has asked by itself. */
  readonly isOfClient: boolean;
  readonly bytes: number;
}

interface Body {
  readonly query: string;
  readonly id?: string;
  readonly variables: { readonly data?: { readonly text?: string }; readonly [name: string]: unknown };
  readonly extensions?: object;
}

export interface TodoServer {
  readonly port: number;
  readonly kvetch: Kvetch;
  readonly reactive: Reactive;
  readonly asked: Asked[];
  /** What answers wait for, before they run and after. A response of `before` is sent in the place of the server's. */
  before: (body: Body) => Promise<Response | undefined> | Response | Promise<void> | void;
  after: (body: Body) => Promise<void> | void;
  /** Ends all connections, and takes no more. */
  away(): Promise<void>;
  back(): Promise<unknown>;
  end(): Promise<void>;
}

export interface ServerOptions {
  readonly versions?: VersionStore;
  readonly shards?: ReturnType<typeof memoryShards>;
  readonly limits?: Partial<ServerLimits>;
  readonly grantSeconds?: number;
  readonly port?: number;
  readonly maxKeys?: number;
  /** Another schema than that of the todo application. */
  readonly schema?: GraphQLSchema;
  readonly kvetchSchema?: KvetchSchema;
  readonly model?: PentModel;
  readonly viewer?: object;
  /** Who is signed in. Default `ann`. */
  readonly subject?: () => string | null;
  /** Documents by id: with them, texts are refused. */
  readonly trusted?: ReadonlyMap<string, string>;
}

const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];

export async function openTodo({
  versions = memoryVersions(),
  shards = memoryShards(2),
  limits = {},
  grantSeconds = 3600,
  trusted,
  model = openTodoModel,
  viewer = { id: null },
  subject = () => 'ann',
  ...options
}: ServerOptions = {}): Promise<TodoServer> {
  const reactive = createReactive({
    engine: createEngine({ schema: options.schema ?? schema }),
    versions,
    secrets,
    grantSeconds,
    ...(options.maxKeys !== undefined && { maxKeys: options.maxKeys }),
  });
  const kvetch = createKvetch({ schema: options.kvetchSchema ?? kvetchSchema, shards, changes: reactive.changes });
  const invalidations = createInvalidationServer({ invalidator: reactive, authenticate: subject, limits });
  const graphql = async (request: Request): Promise<Response> => {
    const body = (await request.json()) as Body;
    const instead = await todo.before(body);
    if (instead !== undefined) return instead;
    const text = trusted === undefined ? body.query : trusted.get(body.id ?? '');
    if (text === undefined) return Response.json({ errors: [{ message: 'Unknown document.' }] });
    const result = await reactive.execute({
      document: parse(text),
      variableValues: body.variables,
      contextValue: {
        kvetch: kvetch.forRequest(),
        store: kvetch,
        pent: new PentContext({ kvetch, model, viewer }),
      },
      extensions: body.extensions,
      subject: subject(),
    });
    const answer = JSON.stringify(result);
    const { refetch = null } = (body.extensions as { reactive?: { refetch?: Asked['refetch'] } })?.reactive ?? {};
    const isOfClient = !request.headers.has('x-fresh');
    const isMutation = /^\s*mutation/.test(text);
    todo.asked.push({ query: text, refetch, isMutation, isOfClient, bytes: answer.length });
    await todo.after(body);
    return new Response(answer, { headers: { 'content-type': 'application/json' } });
  };
  const handle = async (request: Request): Promise<Response | null> =>
    new URL(request.url).pathname === '/graphql' ? graphql(request) : invalidations.handle(request);
  let http: Server;
  let sockets: WebSocketServer;
  const listen = async (port: number): Promise<AddressInfo> => {
    http = createServer(nodeHandler(handle));
    // Clients end idle connections first: a busy machine sends a request on one that the server is closing.
    http.keepAliveTimeout = 0;
    sockets = new WebSocketServer({
      ...{ server: http, path: '/deps/socket', perMessageDeflate: false, maxPayload: 2 ** 20 },
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    sockets.on('connection', (socket, message) => invalidations.serve(socket, toRequest(message)));
    await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
    return http.address() as AddressInfo;
  };
  const away = async (): Promise<void> => {
    sockets.close();
    for (const socket of sockets.clients) socket.terminate();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  };
  const { port } = await listen(options.port ?? 0);
  const todo: TodoServer = {
    ...{ port, kvetch, reactive, asked: [], before: () => undefined, after: () => undefined },
    ...{ away, back: () => listen(port) },
    async end() {
      if (http.listening) await away();
      await reactive.close();
      await kvetch.close();
    },
  };
  return todo;
}

const backOff = { minMs: 20, maxMs: 200 };

/** The ways to hear of changes from a server. */
export const transports: Readonly<Record<string, (port: number) => Transport>> = {
  poll: (port) => polling({ url: `http://127.0.0.1:${port}/deps/poll`, waitMs: 0, everyMs: 30, backOff }),
  'long poll': (port) => polling({ url: `http://127.0.0.1:${port}/deps/poll`, backOff }),
  'event stream': (port) => eventStream({ url: `http://127.0.0.1:${port}/deps/stream`, backOff }),
  WebSocket: (port) => socketTo(port),
};

export function socketTo(port: number): Transport {
  return webSocket({
    url: `ws://127.0.0.1:${port}/deps/socket`,
    open: (url, protocol) => {
      const socket = new WebSocket(url, protocol);
      // `ws` waits 30 s for the other side to close, too.
      socket.close = () => socket.terminate();
      return socket as never;
    },
    backOff,
  });
}

export function openClient(port: number, options: Partial<ReactiveClientOptions> = {}): ReactiveClient {
  return createReactiveClient({ url: `http://127.0.0.1:${port}/graphql`, transport: socketTo(port), ...options });
}

/** A query that is watched, and all that it has shown. */
export interface Watched {
  readonly seen: unknown[];
  /** What it shows, as JSON without types. */
  now(): unknown;
  readonly data: () => unknown;
  stop(): void;
}

export function watch(client: ReactiveClient, text: string, variables: object = {}): Watched {
  const { subscribe, getSnapshot } = client.watch(document(text), variables as Record<string, unknown>);
  const seen: unknown[] = [];
  const stop = subscribe(() => seen.push(plain(getSnapshot().data)));
  return { seen, stop, now: () => plain(getSnapshot().data), data: () => getSnapshot().data };
}

const documents = new Map<string, TypedDocument>();
export function document(text: string): TypedDocument {
  const known = documents.get(text) ?? (parse(text) as TypedDocument);
  documents.set(text, known);
  return known;
}

/** Without `__typename`, which the client has added. */
export function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (key, part) => (key === '__typename' ? undefined : part));
  return text === undefined ? undefined : JSON.parse(text);
}

/** What a fresh query gives. Connections that a server has ended are not used again. */
export async function fresh(port: number, query: string, variables: object = {}): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close', 'x-fresh': '1' },
    // What is tracked does not come from a cache of the process.
    body: JSON.stringify({ query, variables, extensions: { reactive: { v: 1 } } }),
  });
  return ((await response.json()) as { data: unknown }).data;
}
