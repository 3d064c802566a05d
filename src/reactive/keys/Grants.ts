import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { inspect } from '../../utils/inspect.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { ReactiveSecret } from './WireKeys.ts';

/** Grants end at moments that lie this part of their time apart: the end tells little of the moment. */
const STEPS = 60;
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

  /**
   * Signs for a subject, with the first secret. `keys`: wire keys, one behind the other; `seals`: what a server needs to open
   * them, without dots.
   */
  give(subject: string, keys: string, seals = ''): string {
    const first = itemAt(this.#secrets, 0);
    const step = Math.ceil(this.#seconds / STEPS);
    const end = Math.ceil((this.#clock() / 1000 + this.#seconds) / step) * step;
    return `${first.id}.${end.toString(36)}.${seals}.${this.#sign(first, end, subject, seals, keys)}`;
  }

  /** When a grant ends, in milliseconds of the clock. */
  endOf(grant: string): number {
    return Number.parseInt(grant.split('.')[1] ?? '', 36) * 1000;
  }

  /** Whether a grant is good now, for this subject and exactly these keys in this order. */
  isGood(grant: unknown, subject: string, keys: string): boolean {
    return typeof this.read(grant, subject, keys) !== 'string';
  }

  /** The content of a good grant, or why it is none. */
  read(grant: unknown, subject: string, keys: string): GrantContent | GrantRefusal {
    if (typeof grant !== 'string') return 'form';
    const [id = '', endText = '', seals = '', given = '', ...more] = grant.split('.');
    const known = this.#secrets.find((secret) => secret.id === id);
    const end = Number.parseInt(endText, 36);
    if (more.length > 0 || Number.isNaN(end)) return 'form';
    if (known === undefined) return 'secret';
    if (!(end * 1000 > this.#clock())) return 'age';
    const expected = Buffer.from(this.#sign(known, end, subject, seals, keys));
    const bytes = Buffer.from(given);
    return bytes.length === expected.length && timingSafeEqual(bytes, expected) ? { id, seals } : 'signature';
  }

  #sign({ id, secret }: ReactiveSecret, end: number, subject: string, seals: string, keys: string): string {
    const text = `grant3\0${JSON.stringify([id, end, this.#tenant, subject, seals])}\0${digestOf(keys)}`;
    return createHmac('sha256', secret).update(text).digest().subarray(0, 16).toString('base64url');
  }
}

/**
 * Why a grant is not good: its time is over (`age`); this server does not have its secret (`secret`); it was given to another
 * subject, for other keys, or with another secret of that id (`signature`); or it is no grant (`form`).
 */
export type GrantRefusal = 'age' | 'secret' | 'signature' | 'form';

/** The content of a grant beside its end. */
export interface GrantContent {
  /** The secret that signed it. */
  readonly id: string;
  readonly seals: string;
}

/** The signed form of wire keys, one behind the other. */
function digestOf(keys: string): string {
  return createHash('sha256').update(keys).digest('base64url');
}
