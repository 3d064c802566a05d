/** The other end of a connection, as far as it matters here: a socket of Node is one. */
export interface Peer {
  /** Undefined where the connection is closed, or is no TCP connection. */
  readonly remoteAddress?: string | undefined;
}

const LOOPBACK = /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1)$/i;
const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;
/** With one of these a proxy passes on the request of somebody else. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/**
 * Whether a request comes from a program on this machine, and from no proxy on it. The address of the connection decides;
 * headers can only refuse:
 *
 * - A client on another machine may send any `Host`.
 * - A page of another site may have its own name lead to this machine, but cannot have the browser say `localhost`.
 *
 * False where the connection is not known.
 */
export function fromThisMachine({ headers, url }: Request, peer: Peer | null | undefined): boolean {
  if (!LOOPBACK.test(peer?.remoteAddress ?? '')) return false;
  if (PROXY_HEADERS.some((name) => headers.has(name))) return false;
  return LOCAL_HOST.test(headers.get('host') ?? new URL(url).host);
}
