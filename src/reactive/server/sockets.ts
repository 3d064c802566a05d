import type { Invalidator } from '../Invalidator.ts';
import type { ServerLimits } from './limits.ts';
import { ProtocolError, toSet } from './protocol.ts';
import { Session } from './Session.ts';

/** The part of a WebSocket that the server uses: `ws` gives one. */
export interface ServerSocket {
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
  terminate(): void;
  ping(): void;
  on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown;
  on(event: 'pong' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** The WebSocket subprotocol of the invalidation server. Spec 11.8.6. */
export const SUBPROTOCOL = 'planql-deps.v1';

/** More than this waits in the socket: the client does not keep up. */
const FULL_BYTES = 64 * 1024;
const INIT_MS = 10_000;

/** Why a socket is closed, as graphql-ws numbers it. */
const CLOSE = {
  bad: [4400, 'Bad message'],
  unauthorized: [4401, 'Unauthorized'],
  noInit: [4408, 'No init in time'],
  slow: [4408, 'The client does not read'],
  limit: [4429, 'Too much'],
  many: [4429, 'Too many connections'],
  twice: [4429, 'Too many init messages'],
  failed: [4500, 'Internal error'],
  drain: [1001, 'The server goes'],
} as const;

export interface SocketHost {
  readonly invalidator: Invalidator;
  readonly limits: ServerLimits;
  /** The subject of the sender of `init`, or null. */
  authenticate(token: unknown): Promise<string | null>;
  /** Whether this subject may open one more connection. The host counts what it refuses. */
  hasRoom(subject: string): boolean;
  opened(session: Session, token: unknown): void;
  /** A message or a set was too much. */
  refused(): void;
  closed(session: Session): void;
}

/** Speaks `planql-deps.v1` over a socket: `init`, `sub` and `unsub` come, the rest goes. */
export function serveSocket(socket: ServerSocket, host: SocketHost): void {
  new SocketConnection(socket, host);
}

class SocketConnection {
  readonly #socket: ServerSocket;
  readonly #host: SocketHost;
  readonly #initTimer: NodeJS.Timeout;
  readonly #pings: NodeJS.Timeout;
  #session: Session | null = null;
  #isInitialising = false;
  #isAlive = true;
  #isOver = false;
  #messages = 0;
  #second = 0;

  constructor(socket: ServerSocket, host: SocketHost) {
    this.#socket = socket;
    this.#host = host;
    this.#initTimer = setTimeout(() => this.#close('noInit'), INIT_MS).unref();
    this.#pings = setInterval(() => this.#ping(), host.limits.heartbeatMs).unref();
    socket.on('message', (data, isBinary) => void this.#take(data, isBinary).catch(() => this.#close('failed')));
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#end());
  }

  async #take(data: unknown, isBinary: boolean): Promise<void> {
    if (this.#isOver) return;
    const { maxBytes, maxMessagesPerSecond } = this.#host.limits;
    const second = Math.floor(performance.now() / 1000);
    this.#messages = second === this.#second ? this.#messages + 1 : 1;
    this.#second = second;
    const text = String(data);
    if (this.#messages > maxMessagesPerSecond || text.length > maxBytes) {
      this.#host.refused();
      return this.#close('limit');
    }
    let message: { readonly [name: string]: unknown } | null = null;
    try {
      message = isBinary ? null : JSON.parse(text);
    } catch {
      // answered below
    }
    if (typeof message !== 'object' || message === null) return this.#close('bad');
    if (message.type === 'init') return this.#init(message.token);
    if (this.#session === null) return this.#close('unauthorized');
    this.#obey(this.#session, message);
  }

  async #init(token: unknown): Promise<void> {
    if (this.#isInitialising) return this.#close('twice');
    this.#isInitialising = true;
    const { invalidator, limits } = this.#host;
    const subject = await this.#host.authenticate(token).catch(() => null);
    if (this.#isOver) return;
    if (subject === null) return this.#close('unauthorized');
    if (!this.#host.hasRoom(subject)) return this.#close('many');
    clearTimeout(this.#initTimer);
    const socket = this.#socket;
    const outlet = {
      get isFull() {
        return socket.bufferedAmount > FULL_BYTES;
      },
      send: (notice: object) => socket.send(JSON.stringify(notice)),
      end: (why: 'slow' | 'drain' | 'unauthorized') => this.#close(why),
    };
    this.#session = new Session(invalidator, subject, outlet, limits);
    this.#host.opened(this.#session, token);
    socket.send(JSON.stringify({ type: 'ready', heartbeatMs: limits.heartbeatMs }));
  }

  #obey(session: Session, { type, id, ...given }: { readonly [name: string]: unknown }): void {
    if (typeof id !== 'string' || id.length > 100) return this.#close('bad');
    if (type === 'unsub') return session.unsubscribe(id);
    if (type !== 'sub') return this.#close('bad');
    try {
      // `ok` comes first: stale keys follow.
      const set = toSet(given, this.#host.limits);
      this.#socket.send(JSON.stringify({ type: 'ok', id }));
      if (!session.subscribe(id, set)) this.#socket.send(JSON.stringify({ type: 'expired', id }));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (error.code === 'LIMIT') this.#host.refused();
      this.#socket.send(JSON.stringify({ type: 'err', id, code: error.code, message: error.message }));
    }
  }

  /** A client that did not answer the last ping is gone. Where this process was busy its answer may not have been read yet. */
  #ping(): void {
    if (this.#isAlive) return this.#sendPing();
    setImmediate(() => (this.#isAlive ? this.#sendPing() : this.#socket.terminate()));
  }

  #sendPing(): void {
    if (this.#isOver) return;
    this.#isAlive = false;
    this.#socket.ping();
  }

  #close(why: keyof typeof CLOSE): void {
    if (this.#isOver) return;
    const [code, reason] = CLOSE[why];
    this.#end();
    this.#socket.close(code, reason);
    // A client that does not read does not answer either.
    setTimeout(() => this.#socket.terminate(), 1000).unref();
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#initTimer);
    clearInterval(this.#pings);
    if (this.#session === null) return;
    this.#session.close();
    this.#host.closed(this.#session);
    this.#session = null;
  }
}
