import { type Cipher, createCipheriv } from 'node:crypto';
import { getOrCreate } from '../../utils/getOrCreate.ts';

/** The words of a block, and of a code. */
export const CODE_WORDS = 4;
const BLOCK_BYTES = 4 * CODE_WORDS;
/** A cipher of its own for a text costs as much as so many calls of one that is there. */
const CALLS_OF_A_CIPHER = 4;

/**
 * AES-256-CMAC (RFC 4493, NIST SP 800-38B) of many texts together: a call of the cipher encrypts one block of each. A call
 * costs a microsecond, a block of it a few nanoseconds.
 */
export class Cmac {
  readonly #key: Uint8Array;
  readonly #cipher: Cipher;
  /** The masks of a last block: of a whole one, and of one that was filled up. */
  readonly #whole: Uint8Array;
  readonly #filled: Uint8Array;

  /** `key`: 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key;
    this.#cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    this.#whole = doubled(this.#cipher.update(new Uint8Array(BLOCK_BYTES)));
    this.#filled = doubled(this.#whole);
  }

  /** The codes of texts in UTF-8, each behind `start`: four words each, in the order of the texts. */
  of(start: string, texts: readonly string[]): Int32Array {
    const { length } = texts[0] ?? '';
    if (texts.every((text) => text.length === length)) {
      const codes = this.#ofEven(start, texts, start.length + length);
      if (codes !== null) return codes;
    }
    return this.#ofAny(texts.map((text) => Buffer.from(start + text).toString('latin1')));
  }

  /** Of texts of `length` characters with their start. Null where some of these take several bytes. */
  #ofEven(start: string, texts: readonly string[], length: number): Int32Array | null {
    const joined = joinedBlocks(start, texts, length);
    return Buffer.byteLength(joined) === joined.length ? this.#ofBlocks(joined, texts.length, length) : null;
  }

  /** Of texts whose characters stand for bytes: those of one length go together. */
  #ofAny(texts: readonly string[]): Int32Array {
    const codes = new Int32Array(texts.length * CODE_WORDS);
    const places = new Map<number, number[]>();
    for (const [place, { length }] of texts.entries()) getOrCreate(places, length, () => []).push(place);
    for (const [length, those] of places) {
      const even = those.map((place) => texts[place] ?? '');
      const found = this.#ofBlocks(joinedBlocks('', even, length), even.length, length);
      for (const [n, place] of those.entries()) {
        codes.set(found.subarray(n * CODE_WORDS, (n + 1) * CODE_WORDS), place * CODE_WORDS);
      }
    }
    return codes;
  }

  /** `joined`: the bytes of texts of one length, each beginning with a block. */
  #ofBlocks(joined: string, count: number, length: number): Int32Array {
    const rounds = blocksOf(length);
    const words = new Int32Array(rounds * count * CODE_WORDS);
    Buffer.from(words.buffer).write(joined, 'latin1');
    const mask = this.#maskOf(length);
    const stride = rounds * CODE_WORDS;
    for (let at = stride - CODE_WORDS; at < words.length; at += stride) {
      for (let word = 0; word < CODE_WORDS; word++) words[at + word] = (words[at + word] ?? 0) ^ (mask[word] ?? 0);
    }
    return rounds > CALLS_OF_A_CIPHER * count ? this.#chain(words, count) : this.#chainTogether(words, count, rounds);
  }

  /** Changes the last block of a text: a one is put behind a text that does not fill it, and it is masked. */
  #maskOf(length: number): Int32Array {
    const rest = length % BLOCK_BYTES;
    const bytes = Uint8Array.from(rest === 0 && length > 0 ? this.#whole : this.#filled);
    if (rest > 0 || length === 0) bytes[rest] = (bytes[rest] ?? 0) ^ 0x80;
    return new Int32Array(bytes.buffer);
  }

  #chainTogether(words: Int32Array, count: number, rounds: number): Int32Array {
    const stride = rounds * CODE_WORDS;
    const codes = new Int32Array(count * CODE_WORDS);
    const bytes = new Uint8Array(codes.buffer);
    for (let round = 0; round < rounds; round++) {
      let from = round * CODE_WORDS;
      for (let at = 0; at < codes.length; at += CODE_WORDS) {
        codes[at] = (codes[at] ?? 0) ^ (words[from] ?? 0);
        codes[at + 1] = (codes[at + 1] ?? 0) ^ (words[from + 1] ?? 0);
        codes[at + 2] = (codes[at + 2] ?? 0) ^ (words[from + 2] ?? 0);
        codes[at + 3] = (codes[at + 3] ?? 0) ^ (words[from + 3] ?? 0);
        from += stride;
      }
      bytes.set(this.#cipher.update(bytes));
    }
    return codes;
  }

  /** Few texts of many blocks. */
  #chain(words: Int32Array, count: number): Int32Array {
    const codes = new Uint8Array(count * BLOCK_BYTES);
    const length = words.byteLength / count;
    for (let n = 0; n < count; n++) {
      const cipher = createCipheriv('aes-256-cbc', this.#key, new Uint8Array(BLOCK_BYTES)).setAutoPadding(false);
      const chained = cipher.update(new Uint8Array(words.buffer, n * length, length));
      codes.set(chained.subarray(length - BLOCK_BYTES), n * BLOCK_BYTES);
    }
    return new Int32Array(codes.buffer);
  }
}

function blocksOf(length: number): number {
  return Math.max(1, Math.ceil(length / BLOCK_BYTES));
}

/** Texts of one length, with zeros behind them: each begins with a block. */
function joinedBlocks(start: string, texts: readonly string[], length: number): string {
  return start + texts.join('\0'.repeat(blocksOf(length) * BLOCK_BYTES - length) + start);
}

/** Twice a block, as a polynomial over GF(2) modulo x^128 + x^7 + x^2 + x + 1. */
function doubled(block: Uint8Array): Uint8Array {
  const twice = block.map((byte, at) => (byte << 1) | ((block[at + 1] ?? 0) >> 7));
  if ((block[0] ?? 0) & 0x80) twice[BLOCK_BYTES - 1] = (twice[BLOCK_BYTES - 1] ?? 0) ^ 0x87;
  return Uint8Array.from(twice);
}
