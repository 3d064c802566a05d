import { createHmac } from 'node:crypto';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { DependencyKey } from './dependencyKeys.ts';

/** A secret and its name. Two live at the same time while one is exchanged for the other. */
export interface ReactiveSecret {
  /** Letters and digits. Clients see it. */
  readonly id: string;
  /** At least 16 characters that nobody can guess. */
  readonly secret: string;
}

/** What clients and version stores see of a dependency key: 16 characters that say nothing. */
export type WireKey = string;

const BYTES = 12;
/** Two generations of so many keys each are remembered. */
const REMEMBERED = 50_000;

/**
 * Names dependency keys by a keyed hash of tenant and key. The first secret names what is given out; keys that were named
 * by the others are still invalidated.
 */
export class WireKeys {
  readonly #secrets: readonly ReactiveSecret[];
  readonly #tenant: string;
  #recent = new Map<DependencyKey, readonly WireKey[]>();
  #older = new Map<DependencyKey, readonly WireKey[]>();

  constructor(secrets: readonly ReactiveSecret[], tenant: string) {
    if (secrets.length === 0) throw new PlanqlError('REACTIVE_SECRET', 'createReactive needs a secret.');
    for (const { id, secret } of secrets) {
      if (/^[A-Za-z0-9]{1,16}$/.test(id) && secret.length >= 16) continue;
      throw new PlanqlError(
        'REACTIVE_SECRET',
        `The secret "${id}" needs an id of 1 to 16 letters and digits, and at least 16 characters.`,
      );
    }
    this.#secrets = secrets;
    this.#tenant = tenant;
  }

  /** The name that is given out. */
  of(key: DependencyKey): WireKey {
    return itemAt(this.all(key), 0);
  }

  /** Its names under all secrets. */
  all(key: DependencyKey): readonly WireKey[] {
    let names = this.#recent.get(key);
    if (names !== undefined) return names;
    names = this.#older.get(key) ?? this.#secrets.map(({ secret }) => hashed(secret, `${this.#tenant}\0${key}`));
    if (this.#recent.size >= REMEMBERED) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, names);
    return names;
  }
}

function hashed(secret: string, text: string): WireKey {
  return createHmac('sha256', secret).update('key\0').update(text).digest().subarray(0, BYTES).toString('base64url');
}
