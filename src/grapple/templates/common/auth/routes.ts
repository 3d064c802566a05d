/** Sign-up, sign-in and sign-out over HTTP: POST with a JSON object, answered with one. */
import { SafeError } from 'planql';
import { readJson } from '../http/bodies.ts';
import type { RateLimits } from '../http/rateLimits.ts';
import type { Accounts } from './accounts.ts';
import type { SessionCookie } from './cookies.ts';

export interface AuthParts {
  readonly accounts: Accounts;
  readonly cookie: SessionCookie;
  readonly limits: RateLimits;
}

/** Answers requests to /auth/*; null for others. */
export async function answerAuth(parts: AuthParts, request: Request, address: string): Promise<Response | null> {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith('/auth/')) return null;
  const name = pathname.slice('/auth/'.length);
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined; // not Object's own "constructor"
  if (action === undefined) return answer(404, { message: 'There is no such path.' });
  if (request.method !== 'POST') return answer(405, { message: 'Use POST.' }, { allow: 'POST' });
  try {
    return await action(parts, await readJson(request, 10_000), { request, address });
  } catch (error) {
    if (!(error instanceof SafeError)) throw error;
    const { status = 400, ...rest } = error.extensions as { readonly status?: number };
    return answer(status, { message: error.message, ...rest });
  }
}

interface Asker {
  readonly request: Request;
  readonly address: string;
}

type Action = (parts: AuthParts, body: Readonly<Record<string, unknown>>, asker: Asker) => Promise<Response>;

const actions: Readonly<Record<string, Action>> = {
  async 'sign-up'(parts, body, asker) {
    const login = text(body, 'login', 3, 100).toLowerCase();
    const password = text(body, 'password', 10, 200);
    const name = text(body, 'name', 1, 100);
    const email = body.email === undefined || body.email === '' ? null : address(body);
    await parts.limits.signIn(asker.address, login);
    await parts.accounts.signUp(login, password, name, email);
    return signIn(parts, login, password, asker);
  },
  async 'sign-in'(parts, body, asker) {
    const login = text(body, 'login', 1, 100).toLowerCase();
    const password = text(body, 'password', 1, 200);
    await parts.limits.signIn(asker.address, login);
    return signIn(parts, login, password, asker);
  },
  async forgot(parts, body, asker) {
    const login = text(body, 'login', 1, 100).toLowerCase();
    if (!parts.accounts.canMail)
      throw new SafeError('This server sends no mail: ask its administrator.', { code: 'NO_MAIL', status: 501 });
    await parts.limits.signIn(asker.address, login);
    parts.accounts.forgot(login);
    return answer(200, { message: 'If this login has an address, a letter is on its way.' });
  },
  async reset(parts, body, asker) {
    const token = text(body, 'token', 1, 100);
    const password = text(body, 'password', 10, 200);
    await parts.limits.signIn(asker.address, token);
    const login = await parts.accounts.reset(token, password);
    if (login === null) throw new SafeError('This link is good no more. Ask for another one.', { code: 'BAD_TOKEN' });
    return signIn(parts, login, password, asker);
  },
  'sign-out': (parts, _body, asker) => signOut(parts, asker, 'this'),
  'sign-out-everywhere': (parts, _body, asker) => signOut(parts, asker, 'everywhere'),
};

async function signIn({ accounts, cookie }: AuthParts, login: string, password: string, { request }: Asker) {
  const token = await accounts.signIn(login, password);
  if (token === null) throw new SafeError('Login or password is wrong.', { code: 'WRONG_LOGIN', status: 401 });
  const old = cookie.read(request.headers.get('cookie'));
  if (old !== null) await accounts.signOut(old, 'this');
  const session = await accounts.sessionOf(token);
  return answer(200, { viewer: session?.viewer ?? null }, { 'set-cookie': cookie.write(token) });
}

async function signOut({ accounts, cookie }: AuthParts, { request }: Asker, which: 'this' | 'everywhere') {
  const token = cookie.read(request.headers.get('cookie'));
  if (token !== null) await accounts.signOut(token, which);
  return answer(200, { viewer: null }, { 'set-cookie': cookie.write(null) });
}

/** An address as far as it can be checked without a letter. */
function address(body: Readonly<Record<string, unknown>>): string {
  const email = text(body, 'email', 3, 200);
  if (/^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/.test(email)) return email;
  throw new SafeError('"email" must be an address.', { code: 'INVALID_INPUT', field: 'email' });
}

function text(body: Readonly<Record<string, unknown>>, name: string, least: number, most: number): string {
  const value = body[name];
  const isText = typeof value === 'string' && !/\p{Surrogate}/u.test(value); // no half of a pair: it is no text
  if (isText && value.trim().length >= least && value.length <= most) {
    return name === 'password' ? value : value.trim();
  }
  throw new SafeError(`"${name}" must be a text of ${least} to ${most} characters.`, {
    code: 'INVALID_INPUT',
    field: name,
  });
}

function answer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } });
}
