import type * as Crypto from 'node:crypto';
import { toBase64Url } from './base64.ts';
import { builtinModule } from './builtinModule.ts';

const crypto = builtinModule<typeof Crypto>('node:crypto');
const utf8 = new TextEncoder();

/** The SHA-256 of a text, in hexadecimal digits. */
export function sha256Hex(text: string): string {
  if (crypto !== null) return crypto.createHash('sha256').update(text).digest('hex');
  return hex(digest(utf8.encode(text)));
}

/** The SHA-256 of a text, in URL-safe Base64. */
export const sha256Base64: (text: string) => string =
  typeof crypto?.hash === 'function'
    ? (text) => crypto.hash('sha256', text, 'base64url')
    : (text) =>
        crypto === null
          ? toBase64Url(digest(utf8.encode(text)))
          : crypto.createHash('sha256').update(text).digest('base64url');

/** The HMAC with SHA-256 of a text, in hexadecimal digits. */
export function hmacSha256(secret: string, text: string): string {
  if (crypto !== null) return crypto.createHmac('sha256', secret).update(text).digest('hex');
  const given = utf8.encode(secret);
  const key = new Uint8Array(BLOCK);
  key.set(given.length > BLOCK ? digest(given) : given);
  const padded = (mask: number, message: Uint8Array): Uint8Array =>
    digest(
      joined(
        key.map((byte) => byte ^ mask),
        message,
      ),
    );
  return hex(padded(0x5c, padded(0x36, utf8.encode(text))));
}

/** Whether two texts are equal, found out in a time that does not depend on where they differ. */
export function equalInConstantTime(left: string, right: string): boolean {
  let difference = left.length ^ right.length;
  for (let index = 0; index < left.length; index++) difference |= left.charCodeAt(index) ^ right.charCodeAt(index);
  return difference === 0;
}

const BLOCK = 64;

/** The first 32 bits of the fraction of a root of each of the first primes (FIPS 180-4, 4.2.2 and 5.3.3). */
function fractionsOf(root: number, count: number): Uint32Array {
  const fractions = new Uint32Array(count);
  for (let candidate = 2, at = 0; at < count; candidate++) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++;
    if (divisor * divisor > candidate) fractions[at++] = (candidate ** (1 / root) % 1) * 2 ** 32;
  }
  return fractions;
}

/** SHA-256 as FIPS 180-4 describes it, for runtimes without `node:crypto`: what Web Crypto offers is asynchronous. */
function digest(message: Uint8Array): Uint8Array {
  const constants = fractionsOf(3, BLOCK);
  const state = fractionsOf(2, 8);
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK) * BLOCK);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(message.length) * 8n);
  const words = new Uint32Array(BLOCK);
  for (let block = 0; block < padded.length; block += BLOCK) {
    for (let at = 0; at < 16; at++) words[at] = view.getUint32(block + at * 4);
    for (let at = 16; at < BLOCK; at++) {
      const before = wordAt(words, at - 15);
      const last = wordAt(words, at - 2);
      const low = turned(before, 7) ^ turned(before, 18) ^ (before >>> 3);
      const high = turned(last, 17) ^ turned(last, 19) ^ (last >>> 10);
      words[at] = wordAt(words, at - 16) + low + wordAt(words, at - 7) + high;
    }
    mix(state, words, constants);
  }
  const result = new DataView(new ArrayBuffer(32));
  for (const [at, word] of state.entries()) result.setUint32(at * 4, word);
  return new Uint8Array(result.buffer);
}

/** The rounds of one block. */
function mix(state: Uint32Array, words: Uint32Array, constants: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let at = 0; at < BLOCK; at++) {
    const chosen = (e & f) ^ (~e & g);
    const first =
      h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + chosen + wordAt(constants, at) + wordAt(words, at);
    const second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [a, b, c, d, e, f, g, h] = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g];
  }
  [a, b, c, d, e, f, g, h].forEach((word, at) => {
    state[at] = wordAt(state, at) + word;
  });
}

function wordAt(words: Uint32Array, at: number): number {
  return words[at] ?? 0;
}

function turned(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const whole = new Uint8Array(left.length + right.length);
  whole.set(left);
  whole.set(right, left.length);
  return whole;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
