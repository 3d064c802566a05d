import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { inspect } from '../../utils/inspect.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { ReactiveSecret } from './WireKeys.ts';

/** Grants end at moments that lie this part of their time apart, so that equal ones need no signature of their own. */
const STEPS = 60;
/** So many grants are remembered, of subjects of so many characters. */
const REMEMBERED = 2000;
const MAX_SUBJECT = 200;
/** The end of a grant must be a number that is exact. */
const MAX_SECONDS = 2 ** 40;

export interface GrantOptions {
  /** How long a grant is good for; a sixtieth of it longer at most. */
  readonly seconds: number;
  /** Default: none. */
  readonly tenant?: string;
  /** Gives milliseconds. Default `Date.now`. */
  readonly clock?: () => number;
}

/**
 * Permissions to ask about keys. A grant is a text that is signed over its end, the tenant and the subject that it was given
 * to, and the keys: nobody keeps it, and it is of use to that subject only.
 */
export class Grants {
  readonly #secrets: readonly ReactiveSecret[];
  readonly #seconds: number;
  readonly #tenant: string;
  readonly #clock: () => number;
  /** The grants that end at one moment, by digest and subject: a query that runs again is mostly its subject's own. */
  #given = new Map<string, string>();
  #givenEnd = 0;

  constructor(secrets: readonly ReactiveSecret[], { seconds, tenant = '', clock = Date.now }: GrantOptions) {
    if (!(seconds > 0 && seconds < MAX_SECONDS)) {
      throw new PlanqlError(
        'REACTIVE_GRANTS',
        `"grantSeconds" is ${inspect(seconds)} and must be above 0: no grant would be good.`,
      );
    }
    this.#secrets = secrets;
    this.#seconds = seconds;
    this.#tenant = tenant;
    this.#clock = clock;
  }

  /** Signs for a subject, with the first secret. `keys`: wire keys, one behind the other; `digest`: theirs, where it is known. */
  give(subject: string, keys: string, digest: string = digestOf(keys)): string {
    const first = itemAt(this.#secrets, 0);
    const step = Math.ceil(this.#seconds / STEPS);
    const end = Math.ceil((this.#clock() / 1000 + this.#seconds) / step) * step;
    const make = (): string => `${first.id}.${end.toString(36)}.${this.#sign(first, end, subject, digest)}`;
    if (subject.length > MAX_SUBJECT) return make();
    if (end !== this.#givenEnd || this.#given.size >= REMEMBERED) {
      this.#given = new Map();
      this.#givenEnd = end;
    }
    return getOrCreate(this.#given, digest + subject, make);
  }

  /** When a grant ends, in milliseconds of the clock. */
  endOf(grant: string): number {
    return Number.parseInt(grant.split('.')[1] ?? '', 36) * 1000;
  }

  /** Whether a grant is good now, for this subject and exactly these keys in this order. */
  isGood(grant: unknown, subject: string, keys: string): boolean {
    if (typeof grant !== 'string' || grant.length > 100) return false;
    const [id = '', endText = '', given = '', ...more] = grant.split('.');
    const known = this.#secrets.find((secret) => secret.id === id);
    const end = Number.parseInt(endText, 36);
    if (known === undefined || more.length > 0 || !(end * 1000 > this.#clock())) return false;
    const expected = Buffer.from(this.#sign(known, end, subject, digestOf(keys)));
    const bytes = Buffer.from(given);
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  }

  #sign({ id, secret }: ReactiveSecret, end: number, subject: string, digest: string): string {
    const text = `grant2\0${JSON.stringify([id, end, this.#tenant, subject])}\0${digest}`;
    return createHmac('sha256', secret).update(text).digest().subarray(0, 16).toString('base64url');
  }
}

/** The signed form of wire keys, one behind the other: it is the same for all subjects. */
export function digestOf(keys: string): string {
  return createHash('sha256').update(keys).digest('base64url');
}
