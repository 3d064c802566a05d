import { createHmac } from 'node:crypto';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { splitKeys, WIRE_KEY_CHARS } from '../../utils/wireKeys.ts';
import { Cmac, CODE_WORDS } from './Cmac.ts';
import type { DependencyKey } from './dependencyKeys.ts';

/** A secret and its name. Two are valid at the same time while one replaces the other. */
export interface ReactiveSecret {
  /** Letters and digits. Clients see it. */
  readonly id: string;
  /** At least 16 characters that cannot be guessed. */
  readonly secret: string;
}

/** The name of a dependency key for clients and version stores: 16 characters that tell nothing. */
export type WireKey = string;

/** How many 32-bit words a name has. In base64url three bytes are four characters. */
export const NAME_WORDS: number = (WIRE_KEY_CHARS * 3) / 16;

/**
 * Names dependency keys by a keyed hash of tenant and key. The first secret makes new names; keys that were named
 * by the others are still invalidated. Nothing is remembered: to name a thousand keys together costs less than to look them up.
 */
export class WireKeys {
  readonly #first: Cmac;
  readonly #others: readonly Cmac[];

  constructor([first, ...others]: readonly ReactiveSecret[], tenant: string) {
    if (first === undefined) throw new PlanqlError('REACTIVE_SECRET', 'createReactive needs a secret.');
    const ids = new Set<string>();
    for (const { id, secret } of [first, ...others]) {
      if (ids.has(id))
        throw new PlanqlError('REACTIVE_SECRET', `Two secrets have the id "${id}". Give the new one another.`);
      ids.add(id);
      // Secrets come from the environment: one that is not set is undefined.
      if (/^[A-Za-z0-9]{1,16}$/.test(id) && typeof secret === 'string' && secret.length >= 16) continue;
      throw new PlanqlError(
        'REACTIVE_SECRET',
        `The secret "${id}" needs an id of 1 to 16 letters and digits, and at least 16 characters.`,
      );
    }
    const cmacOf = ({ secret }: ReactiveSecret): Cmac =>
      new Cmac(createHmac('sha256', secret).update(`names\0${tenant}`).digest());
    this.#first = cmacOf(first);
    this.#others = others.map(cmacOf);
  }

  /** The name that is given out. */
  of(key: DependencyKey): WireKey {
    return textOf(this.words('', [key]));
  }

  /** The names of keys under all secrets. */
  all(keys: readonly DependencyKey[]): readonly WireKey[] {
    return [this.#first, ...this.#others].flatMap((cmac) => splitKeys(textOf(namesIn(cmac.of('', keys)))));
  }

  /** The names that are given out for keys that begin alike, as words. */
  words(start: string, rests: readonly string[]): Int32Array {
    return namesIn(this.#first.of(start, rests));
  }
}

/** Names as text, one behind the other. */
export function textOf(words: Int32Array): string {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength).toString('base64url');
}

/** The first 12 bytes of each code. */
function namesIn(codes: Int32Array): Int32Array {
  const names = new Int32Array((codes.length / CODE_WORDS) * NAME_WORDS);
  for (let at = 0, to = 0; at < codes.length; at += CODE_WORDS, to += NAME_WORDS) {
    for (let word = 0; word < NAME_WORDS; word++) names[to + word] = codes[at + word] ?? 0;
  }
  return names;
}
