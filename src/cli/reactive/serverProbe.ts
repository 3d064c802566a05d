import { errorOf } from '../../errors/errorOf.ts';
import { propertiesOf } from '../../utils/propertiesOf.ts';

/** A running server, as a page sees it. */
export interface ServerAddress {
  readonly url: URL;
  /** The path of GraphQL. */
  readonly graphql: string;
  /** Where the paths of the invalidation server begin. */
  readonly deps: string;
  /** Those of a session: `cookie`, `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: string;
}

/** An answer, or why there is none. */
export interface Reply {
  /** 0: none came. */
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
  /** Why none came. */
  readonly failure: string;
  /** By how much the server's clock is ahead of this machine's, in milliseconds: between these, as far as a header tells. */
  readonly ahead: { readonly least: number; readonly most: number } | null;
}

/** The dependencies that a response names. */
export interface ReadSet {
  readonly status: string;
  /** The set that a client asks with; null: there are no keys. */
  readonly set: object | null;
}

const PATIENCE_MS = 10_000;
/** It asks for nothing, so that every server answers it. */
export const DEFAULT_QUERY = '{ __typename }';

/** Sends a request on a connection of its own: behind a load balancer each may reach another server. */
export async function ask({ url, headers }: ServerAddress, path: string, body: object | null): Promise<Reply> {
  const sent = Date.now();
  try {
    const response = await fetch(new URL(path, url), {
      method: body === null ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', connection: 'close', origin: url.origin, ...headers },
      ...(body !== null && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const json = propertiesOf(await response.json().catch(() => null));
    const date = Date.parse(response.headers.get('date') ?? '');
    // The header has whole seconds, and was written between the request and now.
    const ahead = Number.isNaN(date) ? null : { least: date - Date.now(), most: date + 1000 - sent };
    return { status: response.status, json, failure: '', ahead };
  } catch (error) {
    const { cause } = errorOf(error);
    return { status: 0, json: {}, failure: errorOf(cause ?? error).message, ahead: null };
  }
}

/** The set of keys in an answer of GraphQL; null: it has no dependencies. */
export function setOf({ json }: Reply): ReadSet | null {
  const { reactive } = propertiesOf(json.extensions);
  const { status, epoch, asOf, keys, versions, grant } = propertiesOf(reactive);
  if (typeof status !== 'string') return null;
  return { status, set: typeof grant === 'string' ? { epoch, asOf, keys, versions, grant } : null };
}

/** When the first event of a stream came, in milliseconds: null: not in time. */
export async function firstEventMs({ url, headers, deps }: ServerAddress, patienceMs: number): Promise<number | null> {
  const began = performance.now();
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), patienceMs);
  try {
    const response = await fetch(new URL(`${deps}/stream`, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url.origin, ...headers },
      body: JSON.stringify({ v: 1, sets: [] }),
      signal: ending.signal,
    });
    await response.body?.getReader().read();
    return performance.now() - began;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    ending.abort();
  }
}

/** The course of a socket: the types of its messages, and how it ended if it did. */
export interface SocketTrial {
  readonly messages: readonly string[];
  /** The close code, or the error of the attempt to open it. */
  readonly ended: string | null;
}

/** Opens a socket, watches a set, and then listens for so long. */
export async function trySocket(
  { url, headers, deps }: ServerAddress,
  { set, token, listenMs }: { readonly set: object; readonly token: string | undefined; readonly listenMs: number },
): Promise<SocketTrial> {
  const { WebSocket } = await import('ws');
  const address = new URL(`${deps}/socket`, url);
  address.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address, 'planql-deps.v1', { headers: { origin: url.origin, ...headers } });
  const messages: string[] = [];
  return new Promise((resolve) => {
    const end = (ended: string | null): void => {
      clearTimeout(timer);
      socket.terminate();
      resolve({ messages, ended });
    };
    let timer = setTimeout(() => end(null), PATIENCE_MS);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'init', ...(token !== undefined && { token }) })));
    socket.on('message', (text) => {
      const { type } = propertiesOf(JSON.parse(String(text)));
      messages.push(String(type));
      if (type !== 'ready') return;
      socket.send(JSON.stringify({ type: 'sub', id: 'doctor', ...set }));
      clearTimeout(timer);
      timer = setTimeout(() => end(null), listenMs);
    });
    socket.on('close', (code) => end(String(code)));
    socket.on('error', ({ message }) => end(message));
  });
}
