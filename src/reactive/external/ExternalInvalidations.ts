import { createHash, timingSafeEqual } from 'node:crypto';
import type { Invalidator } from '../Invalidator.ts';
import { ProtocolError } from '../server/protocol.ts';
import { VersionsUnavailableError } from '../versions/errors.ts';

const MAX_KEYS = 1000;
const MAX_KEY_CHARS = 1000;
const REMEMBERED = 1000;

interface Remembered {
  readonly keys: string;
  readonly count: Promise<number>;
}

/** Invalidations by other services, over HTTP or GraphQL: checked, and done once where they have an idempotency key. */
export class ExternalInvalidations {
  readonly #invalidator: () => Invalidator;
  /** Recent invalidations, by idempotency key. */
  readonly #done = new Map<string, Remembered>();

  constructor(invalidator: () => Invalidator) {
    this.#invalidator = invalidator;
  }

  /**
   * Invalidates up to 1,000 texts, once for each idempotency key. Gives their number.
   *
   * @throws ProtocolError
   * @throws VersionsUnavailableError
   */
  async invalidate(keys: unknown, idempotencyKey: string | null): Promise<number> {
    if (!isKeys(keys)) {
      throw new ProtocolError(
        'BAD',
        `"keys" is a list of up to ${MAX_KEYS} texts of up to ${MAX_KEY_CHARS} characters.`,
      );
    }
    if (idempotencyKey === null) return this.#tell(keys);
    const name = digest(idempotencyKey).toString('base64');
    const text = digest(JSON.stringify(keys)).toString('base64');
    const known = this.#done.get(name);
    if (known === undefined) return this.#remember(name, text, this.#tell(keys));
    if (known.keys !== text) throw new ProtocolError('BAD', 'This idempotency key was used with other keys.');
    return known.count;
  }

  async #tell(keys: readonly string[]): Promise<number> {
    if (!(await this.#invalidator().tell(keys))) throw new VersionsUnavailableError();
    return keys.length;
  }

  /** Failed ones may be tried again. */
  #remember(name: string, keys: string, count: Promise<number>): Promise<number> {
    this.#done.set(name, { keys, count });
    count.catch(() => this.#done.delete(name));
    const [oldest] = this.#done.keys();
    if (this.#done.size > REMEMBERED && oldest !== undefined) this.#done.delete(oldest);
    return count;
  }
}

function isKeys(keys: unknown): keys is readonly string[] {
  const isKey = (key: unknown): boolean => typeof key === 'string' && key.length <= MAX_KEY_CHARS;
  return Array.isArray(keys) && keys.length <= MAX_KEYS && keys.every(isKey);
}

/** Whether an `Authorization` header has the bearer token of a service, compared in constant time. */
export function hasServiceToken(authorization: string | null | undefined, tokens: readonly string[]): boolean {
  const given = digest(authorization ?? '');
  return tokens.filter((token) => isToken(token) && timingSafeEqual(digest(`Bearer ${token}`), given)).length > 0;
}

/**
 * A variable that is not set makes a token that anybody can send: `Bearer undefined`.
 *
 * @throws TypeError
 */
export function checkServiceTokens(tokens: readonly string[]): void {
  for (const [at, token] of tokens.entries()) {
    if (isToken(token)) continue;
    throw new TypeError(`serviceTokens[${at}] is ${JSON.stringify(token)}. Give a text that nobody can guess.`);
  }
}

function isToken(token: unknown): boolean {
  return typeof token === 'string' && token !== '';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
