/** Accounts and their sessions in the store. What the routes of auth/routes.ts do. */
import { createHash, randomBytes } from 'node:crypto';
import { SafeError } from 'planql';
import type { Kvetch } from 'planql/kvetch';
import { type Context, createPent, deletePent, PentContext, updatePent } from 'planql/pent';
import { model } from '../generated/plans.ts';
import { Credential } from '../pents/Credential.ts';
import { Session } from '../pents/Session.ts';
import { createViewer, type NewViewer, type Viewer } from '../viewer.ts';
import { hashPassword, isPassword } from './passwords.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A session that is not used for so long ends. */
export const SESSION_LASTS: number = 30 * DAY;
/** A session that is older gets a new token when it is used. */
const RENEWED_AFTER: number = DAY;
/** Requests that were under way with the old token still pass. */
const OVERLAP = MINUTE;

/** A session as a request has it. `cookie`: the browser must be given this token, since it is new. */
export interface OpenSession {
  readonly id: string;
  readonly viewer: Viewer;
  readonly cookie: string | null;
}

export class Accounts {
  readonly #kvetch: Kvetch;
  readonly #now: () => number;

  constructor(kvetch: Kvetch, now: () => number = Date.now) {
    this.#kvetch = kvetch;
    this.#now = now;
  }

  /** Makes an account and its viewer. Throws `LOGIN_TAKEN`. A sign-up that was cut off is finished by the next sign-in. */
  async signUp(login: string, password: string, viewer: NewViewer): Promise<void> {
    const context = this.#context();
    const credential = await createPent(context, Credential, { login, password: await hashPassword(password) }).catch(
      (error: unknown) => {
        throw isTaken(error)
          ? new SafeError('This login is taken. Choose another one.', { code: 'LOGIN_TAKEN' })
          : error;
      },
    );
    if (credential === null) throw new Error('A credential cannot be read back.');
    try {
      await this.#finish(context, credential.id, { ...viewer, login });
    } catch (error) {
      await deletePent(context, Credential, credential.id);
      throw isTaken(error) ? new SafeError('This login is taken. Choose another one.', { code: 'LOGIN_TAKEN' }) : error;
    }
  }

  /** The token of a new session, or null if login and password do not belong together. */
  async signIn(login: string, password: string): Promise<string | null> {
    const context = this.#context();
    const credential = await Credential.fromIndex(context, 'credential_login', login);
    if (!(await isPassword(password, credential?.password ?? null)) || credential === null) return null;
    const viewer = credential.viewer ?? (await this.#finish(context, credential.id, { name: login, login }));
    await this.#endSessions(context, credential, (session) => this.#isOver(session));
    return this.#open(context, credential.id, viewer);
  }

  /** The session of a cookie, or null: none, expired, or ended. */
  async sessionOf(token: string | null): Promise<OpenSession | null> {
    if (token === null) return null;
    const context = this.#context();
    const session = await Session.fromIndex(context, 'session_token', digest(token));
    if (session === null || this.#isOver(session)) return null;
    const isOld = session.startedAt.getTime() < this.#now() - RENEWED_AFTER;
    const cookie = isOld ? await this.#renew(context, session) : null;
    return { id: session.id, viewer: { id: session.viewer }, cookie };
  }

  /** Ends the session of a cookie, or all of its account. */
  async signOut(token: string, which: 'this' | 'everywhere'): Promise<void> {
    const context = this.#context();
    const session = await Session.fromIndex(context, 'session_token', digest(token));
    if (session === null) return;
    const credential = which === 'everywhere' ? await session.credential() : null;
    if (credential !== null) await this.#endSessions(context, credential, () => true);
    await deletePent(context, Session, session.id);
  }

  /** A context for one request, that sees past privacy: nobody is signed in yet. */
  #context(): Context {
    return new PentContext({ kvetch: this.#kvetch, model, viewer: { id: null } }).unrestricted;
  }

  async #finish(context: Context, id: string, viewer: NewViewer & { readonly login: string }): Promise<string> {
    const made = await createViewer(context, viewer);
    await updatePent(context, Credential, id, { viewer: made });
    return made;
  }

  async #open(context: Context, credential: string, viewer: string): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const startedAt = new Date(this.#now());
    const expiresAt = new Date(this.#now() + SESSION_LASTS);
    await createPent(context, Session, { token: digest(token), credential, viewer, startedAt, expiresAt });
    return token;
  }

  async #renew(context: Context, session: Session): Promise<string | null> {
    const credential = await session.credential();
    if (credential === null) return null;
    // The old token goes on for a moment, and is not renewed once more: parallel requests get one new session.
    const overlap = { startedAt: new Date(this.#now()), expiresAt: new Date(this.#now() + OVERLAP) };
    await updatePent(context, Session, session.id, overlap);
    return this.#open(context, credential.id, session.viewer);
  }

  async #endSessions(context: Context, credential: Credential, isEnded: (session: Session) => boolean): Promise<void> {
    for (let after: string | undefined; ; ) {
      const page = await credential.sessions({ first: 100, ...(after !== undefined && { after }) });
      await Promise.all(page.filter(isEnded).map(({ id }) => deletePent(context, Session, id)));
      if (page.length < 100) return;
      after = page.at(-1)?.id;
    }
  }

  #isOver(session: Session): boolean {
    return session.expiresAt.getTime() <= this.#now();
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function isTaken(error: unknown): boolean {
  return error instanceof SafeError && error.extensions.code === 'ALREADY_TAKEN';
}
