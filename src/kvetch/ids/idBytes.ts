import { codeAt } from '../../utils/codeAt.ts';

const HYPHEN = 45;
const hyphens: readonly number[] = [8, 13, 18, 23];
const TEXT_LENGTH = 36;
const LENGTH = 16;
/** Where in the text the two digits of each byte are: hyphens stand before the bytes 4, 6, 8 and 10. */
const places: Uint8Array = Uint8Array.from(
  { length: LENGTH },
  (_, at) => 2 * at + Math.min(4, Math.max(0, (at - 2) >> 1)),
);
const NO_DIGIT = 0x80;
/** The value of a lower-case hex digit by its character code. */
const values: Uint8Array = new Uint8Array(128).fill(NO_DIGIT);
/** The character codes of the two digits of a byte. */
const high: Uint8Array = new Uint8Array(256);
const low: Uint8Array = new Uint8Array(256);
for (let digit = 0; digit < 16; digit++) {
  const code = digit.toString(16).charCodeAt(0);
  values[code] = digit;
  for (let other = 0; other < 16; other++) {
    high[16 * digit + other] = code;
    low[16 * other + digit] = code;
  }
}

/** The 16 bytes of a canonical id, or `null`. Digit by digit, which takes a quarter of the time of a check and `Buffer.from`. */
export function bytesOfId(id: string): Buffer | null {
  if (id.length !== TEXT_LENGTH) return null;
  const bytes = Buffer.allocUnsafe(LENGTH);
  let seen = 0;
  for (let at = 0; at < LENGTH; at++) {
    const place = places[at] as number;
    const first = values[codeAt(id, place)] ?? NO_DIGIT;
    const second = values[codeAt(id, place + 1)] ?? NO_DIGIT;
    seen |= first | second;
    bytes[at] = (first << 4) | second;
  }
  if ((seen & NO_DIGIT) !== 0) return null;
  for (const place of hyphens) if (codeAt(id, place) !== HYPHEN) return null;
  return bytes;
}

const text: Buffer = Buffer.alloc(TEXT_LENGTH, HYPHEN);

/** The canonical text of 16 bytes. */
export function idOfBytes(bytes: Uint8Array): string {
  for (let at = 0; at < LENGTH; at++) {
    const byte = bytes[at] as number;
    const place = places[at] as number;
    text[place] = high[byte] as number;
    text[place + 1] = low[byte] as number;
  }
  return text.toString('latin1');
}
