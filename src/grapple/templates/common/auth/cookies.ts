import { parseCookie, stringifySetCookie } from 'cookie';
import { SESSION_LASTS } from './accounts.ts';

/** The cookie of a session: scripts cannot read it, other sites cannot make browsers send it with a POST. */
export class SessionCookie {
  readonly #name: string;
  readonly #isSecure: boolean;

  /** @param isSecure - browsers send it by https only, and no subdomain can set it. */
  constructor(isSecure: boolean) {
    this.#isSecure = isSecure;
    this.#name = isSecure ? '__Host-session' : 'session';
  }

  /** The token that a request brings, or null. */
  read(header: string | null | undefined): string | null {
    return (header && parseCookie(header)[this.#name]) || null;
  }

  /** The value of `set-cookie`. Null takes the cookie away. */
  write(token: string | null): string {
    return stringifySetCookie({
      ...{ name: this.#name, value: token ?? '', maxAge: token === null ? 0 : SESSION_LASTS / 1000, path: '/' },
      ...{ httpOnly: true, sameSite: 'lax', secure: this.#isSecure },
    });
  }
}
