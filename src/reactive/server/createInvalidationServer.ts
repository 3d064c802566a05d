import { anything, atLeast, checkOptions, integer, type OptionTable, positive } from '../../errors/checkOptions.ts';
import { SafeError } from '../../errors/SafeError.ts';
import { emitWarning } from '../../utils/emitWarning.ts';
import { fromThisMachine, type Peer } from '../../utils/fromThisMachine.ts';
import { inspect } from '../../utils/inspect.ts';
import { propertiesOf } from '../../utils/propertiesOf.ts';
import { readBody } from '../../utils/readBody.ts';
import { checkServiceTokens, ExternalInvalidations, hasServiceToken } from '../external/ExternalInvalidations.ts';
import type { Invalidator } from '../Invalidator.ts';
import { VersionsUnavailableError } from '../versions/errors.ts';
import { Connections, type OpenConnection } from './Connections.ts';
import { HEADERS, openStream } from './eventStream.ts';
import { json } from './json.ts';
import { defaultLimits, type ServerLimits } from './limits.ts';
import { poll } from './poll.ts';
import { ProtocolError, toSets } from './protocol.ts';
import type { Session } from './Session.ts';
import { type ServerSocket, serveSocket } from './sockets.ts';

/** The options of `createInvalidationServer`. */
export interface InvalidationServerOptions {
  /** The object that `createReactive` or `createInvalidator` made. */
  readonly invalidator: Invalidator;
  /**
   * The `subject` that `execute` was given for the same client, or null, which is refused. A WebSocket that
   * cannot send headers sends its `token` in the `init` message. A `SafeError` that it throws refuses a poll or stream with
   * the status of its extensions (403 without one): rate limits do so.
   */
  readonly authenticate: (request: Request, token: unknown) => string | null | Promise<string | null>;
  /**
   * How often `authenticate` is asked again about an open stream or socket, in milliseconds: it ends when its session has
   * ended. `recheck` of the invalidator asks at once. Default 60,000; 0: never.
   */
  readonly recheckMs?: number;
  /** Bearer tokens of services that may invalidate over HTTP. Default: none may. */
  readonly serviceTokens?: readonly string[];
  /** Whether a request may read `/metrics`. Default: one that comes from this machine, through no proxy. */
  readonly allowMetrics?: (request: Request, peer: Peer | null) => boolean | Promise<boolean>;
  /** Where the paths begin. Default `/deps`. */
  readonly path?: string;
  /** Limits on the requests of one client. Spec 11.8.9. */
  readonly limits?: Partial<ServerLimits>;
}

export const serverOptions: OptionTable<InvalidationServerOptions> = {
  invalidator: anything,
  authenticate: anything,
  recheckMs: atLeast(0),
  serviceTokens: anything,
  allowMetrics: anything,
  path: anything,
  limits: {
    maxSetKeys: integer(0),
    maxKeys: integer(0),
    maxSets: integer(0),
    maxBytes: integer(0),
    maxMessagesPerSecond: positive,
    maxConnections: positive,
    maxWaitMs: atLeast(0),
    heartbeatMs: positive,
    slowMs: positive,
    spreadMs: atLeast(0),
  },
};

/** Tells clients whether their data is still current. It stores nothing about them but their connections. Spec 11.8. */
export interface InvalidationServer {
  /**
   * Answers requests under its path, and `/healthz`, `/readyz` and, where `allowMetrics` lets it, `/metrics`; null for all
   * others. `peer` is the socket of the request; `nodeHandler` hands it over.
   */
  handle(request: Request, peer?: Peer | null): Promise<Response | null>;
  /** Speaks `planql-deps.v1` over a WebSocket of `ws` that was opened by a request. */
  serve(socket: ServerSocket, request: Request): void;
  /** The text of `/metrics`, for applications that have more to tell there. */
  metrics(): string;
  /** Ends all connections, spread over so many milliseconds: clients go to other servers. Polls are answered. */
  drain(spreadMs: number): Promise<void>;
}

/**
 * Makes the invalidation server, which tells clients which of their keys are stale. Give its `handle` to an HTTP server, and
 * its `serve` to a WebSocket server; `attachReactive` does both for `node:http`. Spec 11.8.
 *
 * @throws PlanqlError with the code `BAD_OPTION`.
 */
export function createInvalidationServer(options: InvalidationServerOptions): InvalidationServer {
  checkOptions('createInvalidationServer', options, serverOptions);
  return new HttpInvalidationServer(options);
}

const RECHECK_MS = 60_000;

type Handler = (request: Request, peer: Peer | null) => Promise<Response | null> | Response;

/** @internal */
export class HttpInvalidationServer implements InvalidationServer {
  readonly #options: InvalidationServerOptions;
  readonly #limits: ServerLimits;
  readonly #routes: ReadonlyMap<string, Handler>;
  readonly #sessions = new Map<Session, OpenConnection>();
  readonly connections: Connections;
  readonly #external: ExternalInvalidations;
  readonly #over = new AbortController();
  #hasWarned = false;
  readonly #counts = { polls: 0, streams: 0, sockets: 0, invalidations: 0, refusals: 0 };

  constructor(options: InvalidationServerOptions) {
    const { path = '/deps', limits, serviceTokens = [], recheckMs = RECHECK_MS } = options;
    checkServiceTokens(serviceTokens);
    this.#options = options;
    this.#external = new ExternalInvalidations(() => options.invalidator);
    this.#limits = { ...defaultLimits, ...limits };
    this.connections = new Connections(options.invalidator, recheckMs, this.#limits.maxConnections);
    this.handle = this.handle.bind(this);
    this.serve = this.serve.bind(this);
    this.#routes = new Map<string, Handler>([
      [`POST ${path}/poll`, (request) => this.#poll(request)],
      [`POST ${path}/stream`, (request) => this.#stream(request)],
      [`POST ${path}/invalidate`, (request) => this.#invalidate(request)],
      ['GET /healthz', () => json(200, { ok: true })],
      ['GET /readyz', () => this.#ready()],
      ['GET /metrics', (request, peer) => this.#metrics(request, peer)],
    ]);
  }

  async handle(request: Request, peer: Peer | null = null): Promise<Response | null> {
    const handler = this.#routes.get(`${request.method} ${new URL(request.url).pathname}`);
    if (handler === undefined) return null;
    try {
      return await handler(request, peer);
    } catch (error) {
      if (error instanceof ProtocolError) {
        if (error.code === 'LIMIT') this.#counts.refusals++;
        return json(error.code === 'LIMIT' ? 413 : 400, { error: error.message });
      }
      if (error instanceof SafeError) return json(statusOf(error), { error: error.message });
      if (error instanceof VersionsUnavailableError) return json(503, { error: error.message }, { 'retry-after': '1' });
      throw error;
    }
  }

  serve(socket: ServerSocket, request: Request): void {
    this.#counts.sockets++;
    serveSocket(socket, {
      invalidator: this.#options.invalidator,
      limits: this.#limits,
      authenticate: (token) => this.#subjectOf(request, token),
      hasRoom: (subject) => this.hasRoom(subject),
      opened: (session, token) => this.#opened(session, () => this.#subjectOf(request, token)),
      refused: () => this.#counts.refusals++,
      closed: (session) => this.#closed(session),
    });
  }

  async drain(spreadMs: number): Promise<void> {
    this.#over.abort();
    const all = [...this.#sessions.keys()];
    const step = spreadMs / Math.max(1, all.length);
    const begin = performance.now();
    for (const [at, session] of all.entries()) {
      const left = begin + at * step - performance.now();
      if (left > 1) await new Promise((resolve) => setTimeout(resolve, left));
      session.drain();
    }
  }

  /** Whether a subject may open one more stream or socket. A refusal is counted. */
  hasRoom(subject: string): boolean {
    const hasRoom = this.connections.hasRoom(subject);
    if (!hasRoom) this.#counts.refusals++;
    return hasRoom;
  }

  #opened(session: Session, ask: OpenConnection['ask']): void {
    const connection = { subject: session.subject, ask, end: () => session.unauthorized() };
    this.#sessions.set(session, connection);
    this.connections.add(connection);
    if (this.#over.signal.aborted) session.drain();
  }

  #closed(session: Session): void {
    const connection = this.#sessions.get(session);
    if (connection !== undefined) this.connections.remove(connection);
    this.#sessions.delete(session);
  }

  /** Anything but a text is no permission. */
  async #subjectOf(request: Request, token: unknown = null): Promise<string | null> {
    const subject: unknown = await this.#options.authenticate(request, token);
    if (subject === null || typeof subject === 'string') return subject;
    if (!this.#hasWarned) emitWarning(new TypeError(noSubject(subject)));
    this.#hasWarned = true;
    return null;
  }

  async #poll(request: Request): Promise<Response> {
    const subject = await this.#subjectOf(request);
    if (subject === null) return unauthorized();
    const body = await this.#body(request);
    const sets = toSets(body, this.#limits);
    const { waitMs = 0 } = propertiesOf(body);
    if (typeof waitMs !== 'number' || !(waitMs >= 0)) throw new ProtocolError('BAD', '"waitMs" is 0 or more.');
    this.#counts.polls++;
    const whenOver = AbortSignal.any([request.signal, this.#over.signal]);
    const wait = Math.min(waitMs, this.#limits.maxWaitMs);
    return json(200, await poll(this.#options.invalidator, subject, sets, wait, this.#limits, whenOver));
  }

  async #stream(request: Request): Promise<Response> {
    const subject = await this.#subjectOf(request);
    if (subject === null) return unauthorized();
    const sets = toSets(await this.#body(request), this.#limits);
    if (this.#over.signal.aborted) return json(503, { error: 'The server goes.' }, { 'retry-after': '1' });
    if (!this.hasRoom(subject)) return json(429, { error: 'Too many open connections.' }, { 'retry-after': '5' });
    this.#counts.streams++;
    const { response, session } = openStream(this.#options.invalidator, subject, sets, this.#limits, (ended) =>
      this.#closed(ended),
    );
    this.#opened(session, () => this.#subjectOf(request));
    return response;
  }

  async #invalidate(request: Request): Promise<Response> {
    const { serviceTokens = [] } = this.#options;
    if (!hasServiceToken(request.headers.get('authorization'), serviceTokens)) return unauthorized();
    const { keys } = propertiesOf(await this.#body(request));
    const invalidated = await this.#external.invalidate(keys, request.headers.get('idempotency-key'));
    this.#counts.invalidations += invalidated;
    return json(200, { invalidated });
  }

  async #ready(): Promise<Response> {
    if (this.#over.signal.aborted) return json(503, { ready: false });
    await this.#options.invalidator.versions.read([]);
    return json(200, { ready: true });
  }

  async #metrics(request: Request, peer: Peer | null): Promise<Response | null> {
    const { allowMetrics = fromThisMachine } = this.#options;
    if ((await allowMetrics(request, peer)) !== true) return null;
    return new Response(this.metrics(), { headers: { ...HEADERS, 'content-type': 'text/plain; version=0.0.4' } });
  }

  metrics(): string {
    const { keys, watches } = this.#options.invalidator.watches.size;
    const gauges = { connections: this.#sessions.size, watched_keys: keys, watches };
    const lines = [
      ...Object.entries(gauges).map(([name, value]) => metric(name, 'gauge', value)),
      ...Object.entries(this.#counts).map(([name, value]) => metric(`${name}_total`, 'counter', value)),
      '# TYPE planql_deps_expired_total counter',
      ...Object.entries(this.#options.invalidator.sets.refused).map(
        ([reason, value]) => `planql_deps_expired_total{reason="${reason}"} ${value}`,
      ),
    ];
    return `${lines.join('\n')}\n`;
  }

  /** @throws ProtocolError */
  async #body(request: Request): Promise<unknown> {
    const { maxBytes } = this.#limits;
    const text = await readBody(request, maxBytes);
    if (text === null) throw new ProtocolError('LIMIT', `A body has at most ${maxBytes} bytes.`);
    try {
      return JSON.parse(text);
    } catch {
      throw new ProtocolError('BAD', 'The body is no JSON.');
    }
  }
}

function metric(name: string, type: 'gauge' | 'counter', value: number): string {
  return `# TYPE planql_deps_${name} ${type}\nplanql_deps_${name} ${value}`;
}

/** The status that an error names for its refusal. */
function statusOf({ extensions: { status } }: SafeError): number {
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : 403;
}

function unauthorized(): Response {
  return json(401, { error: 'Unauthorized.' });
}

function noSubject(value: unknown): string {
  return `"authenticate" must give the subject as a text, or null, which is refused. It gave ${inspect(value)}, which is refused, too: for numbers, give String(id).`;
}
