import { type Cipher, createCipheriv, createHmac, type Hmac } from 'node:crypto';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { WIRE_KEY_CHARS } from '../../utils/wireKeys.ts';
import { NAME_WORDS, type ReactiveSecret, textOf } from './WireKeys.ts';

/** The name of a position for its subject: 8 characters. Keys are sealed for it. */
export type Seed = string;

/** Keys that follow each other and are sealed for one position. */
export interface SealedRun {
  readonly seed: Seed;
  readonly count: number;
}

/** Names that are sealed, and what is added to the version of each. */
export interface SealedNames {
  /** One behind the other. */
  readonly text: string;
  readonly offsets: Int32Array;
}

export const SEED_CHARS = 8;
const SEED_BYTES = 6;
const ROUNDS = 4;
const BLOCK_WORDS = 4;
/** Versions begin at any of so many numbers. */
const OFFSETS = 1 << 12;
/** So many subjects have their ciphers ready. */
const REMEMBERED = 1000;

/**
 * Seals the names of keys for one subject and one position: the same key has another name everywhere else, and its versions
 * begin anywhere. Names are encrypted, so a server finds the true name with no more than the seeds, which the grant has.
 */
export class Seals {
  readonly #secrets: readonly ReactiveSecret[];
  readonly #tenant: string;
  #ready = new Map<string, SubjectSeal>();

  constructor(secrets: readonly ReactiveSecret[], tenant: string) {
    this.#secrets = secrets;
    this.#tenant = tenant;
  }

  /** By the first secret, or by the one with an id. */
  of(subject: string, id?: string): SubjectSeal {
    const { secret, id: own } = this.#secrets.find((one) => one.id === id) ?? itemAt(this.#secrets, 0);
    if (this.#ready.size >= REMEMBERED) this.#ready = new Map();
    const name = JSON.stringify([own, subject]);
    return getOrCreate(this.#ready, name, () => new SubjectSeal(secret, this.#tenant, subject));
  }
}

/**
 * A Feistel network of four rounds over the 12 bytes of a name (Luby and Rackoff): each round adds AES-256 of one half, the
 * seed and the number of the round to the other half. A call of the cipher encrypts a round of many names.
 */
export class SubjectSeal {
  readonly #key: Buffer;
  readonly #cipher: Cipher;

  constructor(secret: string, tenant: string, subject: string) {
    this.#key = createHmac('sha256', secret)
      .update(`seal\0${JSON.stringify([tenant, subject])}`)
      .digest();
    this.#cipher = createCipheriv('aes-256-ecb', this.#key, null).setAutoPadding(false);
  }

  /** The seed of the position that a text stands for. */
  seedOf(text: string): Seed {
    return this.#hmac(text).digest().subarray(0, SEED_BYTES).toString('base64url');
  }

  /** `names`: true names as words. */
  seal(names: Int32Array, runs: readonly SealedRun[]): SealedNames {
    const words = Int32Array.from(names);
    const blocks = this.#blocksFor(words, runs);
    for (let round = 0; round < ROUNDS; round++) this.#round(words, blocks, round);
    return { text: textOf(words), offsets: offsetsIn(blocks.codes) };
  }

  /** `text`: sealed names, one behind the other. The true ones. */
  open(text: string, runs: readonly SealedRun[]): SealedNames {
    const words = wordsIn(text);
    const blocks = this.#blocksFor(words, runs);
    this.#round(words, blocks, ROUNDS - 1);
    const offsets = offsetsIn(blocks.codes);
    for (let round = ROUNDS - 2; round >= 0; round--) this.#round(words, blocks, round);
    return { text: textOf(words), offsets };
  }

  #hmac(text: string): Hmac {
    return createHmac('sha256', this.#key).update(text);
  }

  /** Blocks of the cipher: the seeds stay where they are from round to round. */
  #blocksFor(words: Int32Array, runs: readonly SealedRun[]): Blocks {
    const count = words.length / NAME_WORDS;
    const plain = new Int32Array(count * BLOCK_WORDS);
    let at = 0;
    for (const { seed, count: own } of runs) {
      const bytes = Buffer.from(seed, 'base64url');
      const [first, last] = bytes.length === SEED_BYTES ? [bytes.readInt32LE(0), bytes.readUInt16LE(4)] : [0, 0];
      for (const end = Math.min(at + own, count); at < end; at++) {
        plain[at * BLOCK_WORDS + 2] = first;
        plain[at * BLOCK_WORDS + 3] = last;
      }
    }
    return { plain, codes: new Int32Array(plain.length) };
  }

  /** A name has three words: the first half is the first word and the lower half of the second one. */
  #round(words: Int32Array, { plain, codes }: Blocks, round: number): void {
    const isEven = round % 2 === 0;
    for (let at = 0, block = 0; at < words.length; at += NAME_WORDS, block += BLOCK_WORDS) {
      const middle = words[at + 1] ?? 0;
      plain[block] = (isEven ? words[at + 2] : words[at]) ?? 0;
      plain[block + 1] = (isEven ? middle >>> 16 : middle & 0xffff) | ((round + 1) << 16);
    }
    new Uint8Array(codes.buffer).set(this.#cipher.update(new Uint8Array(plain.buffer)));
    for (let at = 0, block = 0; at < words.length; at += NAME_WORDS, block += BLOCK_WORDS) {
      const last = (codes[block + 1] ?? 0) & 0xffff;
      if (isEven) {
        words[at] = (words[at] ?? 0) ^ (codes[block] ?? 0);
        words[at + 1] = (words[at + 1] ?? 0) ^ last;
      } else {
        words[at + 2] = (words[at + 2] ?? 0) ^ (codes[block] ?? 0);
        words[at + 1] = (words[at + 1] ?? 0) ^ (last << 16);
      }
    }
  }
}

interface Blocks {
  readonly plain: Int32Array;
  readonly codes: Int32Array;
}

/** Of the last round: it sees the half that no further round changes. */
function offsetsIn(codes: Int32Array): Int32Array {
  const offsets = new Int32Array(codes.length / BLOCK_WORDS);
  for (let at = 0; at < offsets.length; at++) offsets[at] = (codes[at * BLOCK_WORDS + 2] ?? 0) & (OFFSETS - 1);
  return offsets;
}

/** The words of names that stand one behind the other. */
export function wordsIn(text: string): Int32Array {
  const words = new Int32Array((text.length / WIRE_KEY_CHARS) * NAME_WORDS);
  Buffer.from(words.buffer).set(Buffer.from(text, 'base64url').subarray(0, words.byteLength));
  return words;
}

/** The seeds in a text that has them one behind the other. */
export function splitSeeds(text: string): readonly Seed[] {
  const seeds: Seed[] = [];
  for (let at = 0; at < text.length; at += SEED_CHARS) seeds.push(text.slice(at, at + SEED_CHARS));
  return seeds;
}
