/** Accounts and their sessions in the store. What the routes of auth/routes.ts do. */
import { createHash, randomBytes } from 'node:crypto';
import { SafeError } from 'planql';
import type { Kvetch } from 'planql/kvetch';
import { type Context, createPent, deletePent, PentContext, updatePent } from 'planql/pent';
import { model } from '../generated/plans.ts';
import { Credential } from '../pents/Credential.ts';
import { PasswordReset } from '../pents/PasswordReset.ts';
import { Session } from '../pents/Session.ts';
import { createViewer, stranger } from '../viewer.ts';
import type { Mailer } from './mail.ts';
import { hashPassword, isPassword } from './passwords.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A session that is not used for so long ends. */
export const SESSION_LASTS: number = 30 * DAY;
/** A session that is older gets a new token when it is used. */
const RENEWED_AFTER: number = DAY;
/** How long the link in a letter leads to a new password. */
const RESET_LASTS: number = 30 * MINUTE;
/** Requests that were under way with the old token still pass. */
const OVERLAP = MINUTE;

/** A session as a request has it. */
export interface OpenSession {
  readonly viewer: { readonly id: string };
  /** The browser must be given this token, since it is new. */
  readonly cookie: string | null;
}

export interface AccountsParts {
  readonly kvetch: Kvetch;
  readonly now: () => number;
  readonly passwordCost: number;
  /** Null: no letters are sent. */
  readonly mailer: Mailer | null;
  /** The address of the page that the token of a letter leads to. */
  resetLink(token: string): string;
  /** Called when a session of the viewer has ended, other than by its time. */
  ended(viewer: string): Promise<unknown>;
}

export class Accounts {
  readonly #parts: AccountsParts;
  readonly #letters = new Set<Promise<void>>();

  constructor(parts: AccountsParts) {
    this.#parts = parts;
  }

  /**
   * Makes an account and its viewer. Throws `LOGIN_TAKEN`. They may lie on two servers, so they are no unit: where a sign-up
   * was cut off, the next one with the same password goes on, and so does a sign-in.
   */
  async signUp(login: string, password: string, name: string, email: string | null): Promise<void> {
    const context = this.#context();
    const data = { login, name, email, password: await this.#hash(password) };
    const made = await createPent(context, Credential, data).catch((error: unknown) => {
      if (isTaken(error)) return null;
      throw error;
    });
    const credential = made ?? (await this.#credential(context, login, password));
    if (credential === null) throw loginTaken();
    await this.#finish(context, credential);
  }

  /** The token of a new session, or null if login and password do not belong together. */
  async signIn(login: string, password: string): Promise<string | null> {
    const context = this.#context();
    const credential = await this.#credential(context, login, password);
    if (credential === null) return null;
    const viewer = await this.#finish(context, credential);
    await this.#endSessions(context, credential, (session) => this.#isOver(session));
    return this.#open(context, credential.id, viewer);
  }

  /** The session of a cookie, or null: none, expired, or ended. An old one goes on with a new token. */
  async sessionOf(token: string | null): Promise<OpenSession | null> {
    const context = this.#context();
    const session = await this.#session(context, token);
    if (session === null) return null;
    const isOld = session.startedAt.getTime() < this.#parts.now() - RENEWED_AFTER;
    return { viewer: { id: session.viewer }, cookie: isOld ? await this.#renew(context, session) : null };
  }

  /** The viewer of a cookie, for sockets: they cannot be given a new token. */
  async viewerOf(token: string | null): Promise<string | null> {
    return (await this.#session(this.#context(), token))?.viewer ?? null;
  }

  /** Ends the session of a cookie, or all of its account. */
  async signOut(token: string, which: 'this' | 'everywhere'): Promise<void> {
    const context = this.#context();
    const session = await Session.fromIndex(context, 'session_token', digest(token));
    if (session === null) return;
    const credential = which === 'everywhere' ? await session.credential() : null;
    if (credential !== null) await this.#endSessions(context, credential, () => true);
    await deletePent(context, Session, session.id);
    await this.#parts.ended(session.viewer);
  }

  get canMail(): boolean {
    return this.#parts.mailer !== null;
  }

  /** Mails a link to the owner of a login, if there is one with an address. The asker is told nothing, not even by the time that it takes. */
  forgot(login: string): void {
    const letter = this.#mailReset(login)
      .catch((error: unknown) => console.error('A letter was not sent:', error))
      .finally(() => this.#letters.delete(letter));
    this.#letters.add(letter);
  }

  /** Gives the account of a letter's token another password, and ends all its sessions. The login; null: the token is good no more. */
  async reset(token: string, password: string): Promise<string | null> {
    const context = this.#context();
    const reset = await PasswordReset.fromIndex(context, 'reset_token', digest(token));
    const credential = (await reset?.credential()) ?? null;
    if (reset == null || credential === null) return null;
    const isLate = reset.expiresAt.getTime() <= this.#parts.now();
    // Of two requests with one token, one deletes it.
    if (!(await deletePent(context, PasswordReset, reset.id)) || isLate) return null;
    await updatePent(context, Credential, credential.id, { password: await this.#hash(password) });
    await this.#dropResets(context, credential);
    await this.#endSessions(context, credential, () => true);
    if (credential.viewer !== null) await this.#parts.ended(credential.viewer);
    return credential.login;
  }

  /** Waits for letters that are under way. */
  async close(): Promise<void> {
    await Promise.all(this.#letters);
  }

  #hash(password: string): Promise<string> {
    return hashPassword(password, this.#parts.passwordCost);
  }

  async #mailReset(login: string): Promise<void> {
    const context = this.#context();
    const credential = await Credential.fromIndex(context, 'credential_login', login);
    if (credential === null || credential.email === null) return;
    const { now, mailer, resetLink } = this.#parts;
    await this.#dropResets(context, credential);
    const token = randomBytes(32).toString('base64url');
    const expiresAt = new Date(now() + RESET_LASTS);
    await createPent(context, PasswordReset, { token: digest(token), credential: credential.id, expiresAt });
    await mailer?.send({
      to: credential.email,
      subject: 'A new password',
      text: `Somebody, perhaps you, has asked for a new password for ${login}. Choose it here within 30 minutes:\n\n${resetLink(token)}\n\nIf it was not you, do nothing.`,
    });
  }

  async #dropResets(context: Context, credential: Credential): Promise<void> {
    for (const { id } of await credential.resets({ first: 100 })) await deletePent(context, PasswordReset, id);
  }

  async #session(context: Context, token: string | null): Promise<Session | null> {
    if (token === null) return null;
    const session = await Session.fromIndex(context, 'session_token', digest(token));
    return session === null || this.#isOver(session) ? null : session;
  }

  /** A context for one request, that sees past privacy: nobody is signed in yet. */
  #context(): Context {
    return new PentContext({ kvetch: this.#parts.kvetch, model, viewer: stranger }).unrestricted;
  }

  /** The credential of a login, if the password is its. */
  async #credential(context: Context, login: string, password: string): Promise<Credential | null> {
    const credential = await Credential.fromIndex(context, 'credential_login', login);
    const isIts = await isPassword(password, credential?.password ?? null, this.#parts.passwordCost);
    return isIts ? credential : null;
  }

  /** The viewer of a credential. It is made here where sign-up was cut off. */
  async #finish(context: Context, { id, login, name, viewer }: Credential): Promise<string> {
    if (viewer !== null) return viewer;
    try {
      const made = await createViewer(context, { login, name, idempotencyKey: id });
      await updatePent(context, Credential, id, { viewer: made });
      return made;
    } catch (error) {
      if (!isTaken(error)) throw error;
      await deletePent(context, Credential, id); // somebody else has the name
      throw loginTaken();
    }
  }

  async #open(context: Context, credential: string, viewer: string): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const startedAt = new Date(this.#parts.now());
    const expiresAt = new Date(this.#parts.now() + SESSION_LASTS);
    await createPent(context, Session, { token: digest(token), credential, viewer, startedAt, expiresAt });
    return token;
  }

  async #renew(context: Context, session: Session): Promise<string | null> {
    const credential = await session.credential();
    if (credential === null) return null;
    // The old token goes on for a moment, and is not renewed once more: parallel requests get one new session.
    const overlap = { startedAt: new Date(this.#parts.now()), expiresAt: new Date(this.#parts.now() + OVERLAP) };
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
    return session.expiresAt.getTime() <= this.#parts.now();
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function loginTaken(): SafeError {
  return new SafeError('This login is taken. Choose another one.', { code: 'LOGIN_TAKEN' });
}

function isTaken(error: unknown): boolean {
  return error instanceof SafeError && error.extensions.code === 'ALREADY_TAKEN';
}
