/** What is refused before anything else looks at it: requests that other sites make browsers send, and parameters that are none. */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

/**
 * The refusal of a request that a page of another origin sent, or a form; null where there is none. Browsers name the
 * origin of each request that may change something. JSON needs a preflight, which is never answered: there is no CORS.
 */
export function refuse(request: Request, origins: readonly string[]): Response | null {
  if (request.method === 'GET' || request.method === 'HEAD') return badParameter(new URL(request.url).searchParams);
  const origin = request.headers.get('origin');
  if (request.headers.get('sec-fetch-site') === 'cross-site' || (origin !== null && !origins.includes(origin))) {
    return refusal(403, 'This origin may not send requests. ORIGINS names those that may.');
  }
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';');
  if (simpleTypes.has(type.trim().toLowerCase())) {
    return refusal(415, 'Send application/json: bodies of forms are refused.');
  }
  return null;
}

/** GraphQL over GET has JSON in these. Yoga calls what is none an error of the server. */
function badParameter(given: URLSearchParams): Response | null {
  const bad = ['variables', 'extensions'].find((name) => given.has(name) && !isJson(given.get(name) ?? ''));
  return bad === undefined ? null : refusal(400, `"${bad}" must be JSON.`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What a form, or a page of another origin without a preflight, can send. A body without a type counts. */
const simpleTypes: ReadonlySet<string> = new Set([
  '',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
]);

function refusal(status: number, message: string): Response {
  return Response.json({ errors: [{ message }] }, { status });
}

/** Whether a request names a host that can be one. Of others Yoga could make no URL. */
export function namesHost({ headers: { host = '' } }: IncomingMessage): boolean {
  return host === '' || URL.canParse(`http://${host}`);
}

/** The address of the client, for limits: of the socket, or what the proxies in front say. */
export function addressOf(message: IncomingMessage, proxies: number): string {
  const forwarded = String(message.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((one) => one.trim());
  const told = proxies > 0 ? forwarded.at(-proxies) : undefined;
  return networkOf(told || (message.socket.remoteAddress ?? 'unknown'));
}

/** Of IPv6 the network (64 bits): a client can use all of its addresses. */
function networkOf(address: string): string {
  const [, ipv4] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  if (ipv4 !== undefined) return ipv4;
  if (!isIPv6(address)) return address;
  const [left = [], right = []] = address.split('::').map((side) => side.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const network = [...left, ...zeros, ...right].slice(0, 4);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
