import { createHmac } from 'node:crypto';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
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
/** How long the part of a dependency key is that says what it names. */
export const KIND_CHARS = 2;

/** What is remembered of one dependency key. */
export interface NamedKey {
  /** Its names under all secrets. The first is given out. */
  readonly names: readonly [WireKey, ...WireKey[]];
  /**
   * Scratch of the description that wrote it last, told by `mark`: the key's place there, its first group, and
   * the last group that has it as the key of an object.
   */
  mark: number;
  place: number;
  group: number;
  self: number;
}

/** By kind (`o:`, say), then by the rest of the dependency key: texts that were there before need not be put together. */
type Generation = Map<string, Map<string, NamedKey>>;

/**
 * Names dependency keys by a keyed hash of tenant and key. The first secret names what is given out; keys that were named
 * by the others are still invalidated.
 */
export class WireKeys {
  readonly #secrets: readonly [ReactiveSecret, ...ReactiveSecret[]];
  readonly #tenant: string;
  #recent: Generation = new Map();
  #older: Generation = new Map();
  #size = 0;

  constructor([first, ...others]: readonly ReactiveSecret[], tenant: string) {
    if (first === undefined) throw new PlanqlError('REACTIVE_SECRET', 'createReactive needs a secret.');
    for (const { id, secret } of [first, ...others]) {
      if (/^[A-Za-z0-9]{1,16}$/.test(id) && secret.length >= 16) continue;
      throw new PlanqlError(
        'REACTIVE_SECRET',
        `The secret "${id}" needs an id of 1 to 16 letters and digits, and at least 16 characters.`,
      );
    }
    this.#secrets = [first, ...others];
    this.#tenant = tenant;
  }

  /** The name that is given out. */
  of(key: DependencyKey): WireKey {
    return this.key(key).names[0];
  }

  /** Its names under all secrets. */
  all(key: DependencyKey): readonly WireKey[] {
    return this.key(key).names;
  }

  key(key: DependencyKey): NamedKey {
    return this.ofKind(key.slice(0, KIND_CHARS))(key.slice(KIND_CHARS));
  }

  /** Finds keys of one kind by the rest of their texts. To be used at once. */
  ofKind(kind: string): (rest: string) => NamedKey {
    let known = this.#recent.get(kind);
    return (rest) => {
      let key = known?.get(rest);
      if (key === undefined) {
        key = this.#recall(kind, rest);
        known = this.#recent.get(kind);
      }
      return key;
    };
  }

  /** Puts a key among the recent ones. */
  #recall(kind: string, rest: string): NamedKey {
    const key = this.#older.get(kind)?.get(rest) ?? this.#named(kind + rest);
    if (this.#size >= REMEMBERED) {
      this.#older = this.#recent;
      this.#recent = new Map();
      this.#size = 0;
    }
    getOrCreate(this.#recent, kind, () => new Map<string, NamedKey>()).set(rest, key);
    this.#size++;
    return key;
  }

  #named(key: DependencyKey): NamedKey {
    const text = `${this.#tenant}\0${key}`;
    const [first, ...others] = this.#secrets;
    const names: NamedKey['names'] = [hashed(first, text), ...others.map((secret) => hashed(secret, text))];
    return { names, mark: 0, place: 0, group: 0, self: 0 };
  }
}

function hashed({ secret }: ReactiveSecret, text: string): WireKey {
  return createHmac('sha256', secret).update('key\0').update(text).digest().subarray(0, BYTES).toString('base64url');
}
