import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { WIRE_KEY_CHARS } from '../../utils/wireKeys.ts';
import type { DependencyKey } from './dependencyKeys.ts';
import { NameTable } from './NameTable.ts';

/** A secret and its name. Two are valid at the same time while one replaces the other. */
export interface ReactiveSecret {
  /** Letters and digits. Clients see it. */
  readonly id: string;
  /** At least 16 characters that nobody can guess. */
  readonly secret: string;
}

/** The name of a dependency key for clients and version stores: 16 characters that tell nothing. */
export type WireKey = string;

/** Two generations of so many keys each are remembered. */
const REMEMBERED = 50_000;
/** The length of the kind at the start of a dependency key. */
export const KIND_CHARS = 2;

/** By kind (`o:`, say): texts that were there before need not be put together. */
type Generation = Map<string, NameTable>;

/**
 * Names dependency keys by a keyed hash of tenant and key. The first secret makes new names; keys that were named
 * by the others are still invalidated.
 */
export class WireKeys {
  /** Made once: a text is made a key anew by each `createHmac`. */
  readonly #first: KeyObject;
  readonly #others: readonly KeyObject[];
  readonly #tenant: string;
  #recent: Generation = new Map();
  #older: Generation = new Map();

  constructor([first, ...others]: readonly ReactiveSecret[], tenant: string) {
    if (first === undefined) throw new PlanqlError('REACTIVE_SECRET', 'createReactive needs a secret.');
    for (const { id, secret } of [first, ...others]) {
      if (/^[A-Za-z0-9]{1,16}$/.test(id) && secret.length >= 16) continue;
      throw new PlanqlError(
        'REACTIVE_SECRET',
        `The secret "${id}" needs an id of 1 to 16 letters and digits, and at least 16 characters.`,
      );
    }
    this.#first = keyOf(first);
    this.#others = others.map(keyOf);
    this.#tenant = tenant;
  }

  /** The name that is given out. */
  of(key: DependencyKey): WireKey {
    const table = this.tables()(key.slice(0, KIND_CHARS));
    return itemAt(table.names, table.slot(key.slice(KIND_CHARS)));
  }

  /** Its names under all secrets. */
  all(key: DependencyKey): readonly WireKey[] {
    return [this.of(key), ...this.#others.map((secret) => this.#hashed(secret, key))];
  }

  /** Gives the names of one kind of keys. To be used at once: slots are good until it is called again. */
  tables(): (kind: string) => NameTable {
    this.#forget();
    return (kind) => getOrCreate(this.#recent, kind, () => this.#newTable(kind));
  }

  #newTable(kind: string): NameTable {
    return new NameTable((rest) => this.#older.get(kind)?.known(rest) ?? this.#hashed(this.#first, kind + rest));
  }

  /** Begins anew where there are many names. Those of now are looked up once more when they are asked for. */
  #forget(): void {
    let size = 0;
    for (const table of this.#recent.values()) size += table.size;
    if (size < REMEMBERED) return;
    this.#older = this.#recent;
    this.#recent = new Map();
  }

  #hashed(secret: KeyObject, key: DependencyKey): WireKey {
    const text = `key\0${this.#tenant}\0${key}`;
    return createHmac('sha256', secret).update(text).digest('base64url').slice(0, WIRE_KEY_CHARS);
  }
}

function keyOf({ secret }: ReactiveSecret): KeyObject {
  return createSecretKey(secret, 'utf8');
}
