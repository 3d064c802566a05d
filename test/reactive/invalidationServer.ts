/** An invalidation server over real HTTP and WebSockets, and one client for each transport. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { Grants } from '../../src/reactive/keys/Grants.ts';
import type { ReactiveSecret } from '../../src/reactive/keys/WireKeys.ts';
import {
  createInvalidationServer,
  createInvalidator,
  type InvalidationServer,
  type InvalidationServerOptions,
  type Invalidator,
  memoryVersions,
  nodeHandler,
  SUBPROTOCOL,
  toRequest,
  type VersionStore,
} from '../../src/reactive.ts';

export const secrets: readonly ReactiveSecret[] = [{ id: 'a', secret: 'a secret of sufficient length' }];
/** A grant that was good an hour ago. */
export const expiredGrant = (subject: string, keys: string): string =>
  new Grants(secrets, { seconds: 60, clock: () => Date.now() - 3_600_000 }).give(subject, keys);

export const SERVICE = 'the token of a service';

/** What a client holds, as it says so. */
export interface ClientSet {
  readonly epoch: string;
  readonly asOf: number;
  readonly keys: string;
  readonly versions: readonly number[];
  readonly grant: string;
}

export interface World {
  readonly invalidator: Invalidator;
  readonly server: InvalidationServer;
  readonly http: Server;
  readonly port: number;
  /** All that went to clients. */
  readonly frames: string[];
  /** What a response to `subject` gives for dependency keys now. */
  set(subject: string, ...keys: readonly string[]): Promise<ClientSet>;
  end(): Promise<void>;
}

/** The subject is the bearer token. */
const authenticate: InvalidationServerOptions['authenticate'] = (request, token) =>
  request.headers.get('authorization')?.replace(/^Bearer /, '') ?? (typeof token === 'string' ? token : null);

export async function openServer(
  options: Partial<InvalidationServerOptions> = {},
  versions: VersionStore = memoryVersions(),
  grantSeconds = 3600,
): Promise<World> {
  const invalidator = createInvalidator({ versions, secrets, grantSeconds });
  const server = createInvalidationServer({ invalidator, authenticate, serviceTokens: [SERVICE], ...options });
  const http = createServer(nodeHandler(server.handle));
  const sockets = new WebSocketServer({
    ...{ server: http, path: '/deps/socket', perMessageDeflate: false, maxPayload: 2 << 20 },
    handleProtocols: (protocols) => (protocols.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  const frames: string[] = [];
  sockets.on('connection', (socket, message) => {
    const { send } = socket;
    socket.send = (text: unknown): void => {
      frames.push(String(text));
      send.call(socket, text as string, {}, () => undefined);
    };
    server.serve(socket, toRequest(message));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    ...{ invalidator, server, http, port: (http.address() as AddressInfo).port, frames },
    async set(subject, ...keys) {
      const names = keys.map((key) => invalidator.wireKeys.of(key));
      const { epoch, seq, states } = await versions.read(names);
      const versionsOf = states.map(({ version }) => version);
      return invalidator.sets.sealHeld(subject, { epoch, seq, keys: names, versions: versionsOf });
    },
    async end() {
      sockets.close();
      for (const socket of sockets.clients) socket.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await invalidator.close();
    },
  };
}

/** What a transport tells: new versions, everything, or that grants are not good. */
export interface Told {
  readonly keys: Record<string, number>;
  reset: number;
  expired: number;
  /** Why the server has refused or ended it: an HTTP status or a close code. */
  ended: number;
}

export interface Client {
  readonly told: Told;
  /** What one look gives, for transports that are asked; the others are told by themselves. */
  look(): Promise<void>;
  close(): void;
}

export interface Transport {
  readonly name: string;
  /** Resolves when the server knows of the sets, or has refused. */
  open(port: number, subject: string | null, sets: readonly ClientSet[]): Promise<Client>;
}

const newTold = (): Told => ({ keys: {}, reset: 0, expired: 0, ended: 0 });

function headers(subject: string | null): Record<string, string> {
  return { 'content-type': 'application/json', ...(subject !== null && { authorization: `Bearer ${subject}` }) };
}

export function post(
  port: number,
  path: string,
  subject: string | null,
  body: unknown,
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    ...{ method: 'POST', headers: headers(subject), ...(signal !== undefined && { signal }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

function polling(name: string, waitMs: number): Transport {
  return {
    name,
    async open(port, subject, sets) {
      const told = newTold();
      const controller = new AbortController();
      const once = async (wait: number): Promise<void> => {
        const response = await post(port, '/deps/poll', subject, { v: 1, sets, waitMs: wait }, controller.signal);
        const answer = (await response.json()) as { stale?: object; reset?: object; expired?: number[] };
        if (response.status !== 200) told.ended = response.status;
        Object.assign(told.keys, answer.stale);
        if (answer.reset !== undefined) told.reset++;
        told.expired = answer.expired?.length ?? 0;
      };
      const first = once(0);
      await first;
      const waiting = waitMs === 0 ? null : once(waitMs).catch(() => undefined);
      return {
        told,
        look: async () => void (await (waitMs === 0 ? once(0) : waiting)),
        close: () => controller.abort(),
      };
    },
  };
}

const eventStream: Transport = {
  name: 'event stream',
  async open(port, subject, sets) {
    const told = newTold();
    const controller = new AbortController();
    const response = await post(port, '/deps/stream', subject, { v: 1, sets }, controller.signal);
    if (response.status !== 200) told.ended = response.status;
    const body = response.body as unknown as AsyncIterable<Uint8Array>;
    const iterator = body[Symbol.asyncIterator]();
    const decoder = new TextDecoder();
    let text = '';
    const take = (chunk: Uint8Array): void => {
      text += decoder.decode(chunk, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() as string;
      for (const event of events) {
        const [, type, data = '{}'] = /^event: (\w+)\ndata: (.*)$/s.exec(event) ?? [];
        if (type === 'inv') Object.assign(told.keys, JSON.parse(data).keys);
        if (type === 'reset') told.reset++;
        if (type === 'expired') told.expired++;
      }
    };
    if (response.status === 200) take((await iterator.next()).value as Uint8Array);
    void (async () => {
      try {
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) take(next.value);
      } catch {
        // closed
      }
      told.ended ||= 1;
    })();
    return { told, look: async () => undefined, close: () => controller.abort() };
  },
};

/** Opens a socket and says `init`. */
export async function openSocket(
  port: number,
  subject: string | null,
  options: ClientOptions = {},
): Promise<{ socket: WebSocket; messages: { type: string; [name: string]: unknown }[]; closed: Promise<number> }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/deps/socket`, SUBPROTOCOL, options);
  const messages: { type: string; [name: string]: unknown }[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  socket.on('error', () => undefined);
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise<void>((resolve) => socket.once('open', () => resolve()));
  socket.send(JSON.stringify({ type: 'init', token: subject }));
  while (messages.length === 0 && socket.readyState === WebSocket.OPEN) await pause();
  return { socket, messages, closed };
}

const webSocket: Transport = {
  name: 'WebSocket',
  async open(port, subject, sets) {
    const told = newTold();
    const { socket, closed } = await openSocket(port, subject);
    void closed.then((code) => {
      told.ended = code;
    });
    const known = new Set<string>();
    socket.on('message', (data) => {
      const { type, keys, id } = JSON.parse(String(data));
      if (type === 'ok') known.add(id);
      if (type === 'inv') Object.assign(told.keys, keys);
      if (type === 'reset') told.reset++;
      if (type === 'expired') told.expired++;
    });
    for (const [at, set] of sets.entries()) socket.send(JSON.stringify({ type: 'sub', id: `${at}`, ...set }));
    while (known.size < sets.length && socket.readyState === WebSocket.OPEN) await pause();
    if (known.size < sets.length) await closed;
    return { told, look: async () => undefined, close: () => socket.terminate() };
  },
};

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

export const transports: readonly Transport[] = [
  polling('poll', 0),
  polling('long poll', 20_000),
  eventStream,
  webSocket,
];
