import { codeAt } from '../../utils/codeAt.ts';
import { allocate, encodeUtf8, writeUtf8 } from '../../utils/utf8.ts';
import { LeafAsJson } from './jsonLeaf.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** "-1.2345678901234567e-308" */
const LONGEST_NUMBER = 24;

/** Up to this length a loop in JavaScript beats a call into the engine. */
const LOOP_LIMIT = 60;

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes control characters
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A growing buffer of UTF-8 JSON. It writes the text of `JSON.stringify`, byte for byte. */
export class ByteSink {
  bytes: Uint8Array;
  /** The same memory, for stores of several bytes at once. */
  dataView: DataView;
  position = 0;

  constructor(size: number = 16 * 1024) {
    this.bytes = allocate(size);
    this.dataView = viewOf(this.bytes);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.position + count <= this.bytes.length) return;
    const larger = allocate(Math.max(this.bytes.length * 2, this.position + count));
    larger.set(this.view(0));
    this.bytes = larger;
    this.dataView = viewOf(larger);
  }

  /** Writes bytes that are valid JSON: keys, punctuation. */
  raw(bytes: Uint8Array): void {
    const { length } = bytes;
    this.reserve(length);
    const target = this.bytes;
    let { position } = this;
    if (length > 24) {
      target.set(bytes, position);
      position += length;
    } else {
      for (let index = 0; index < length; index++) target[position++] = bytes[index] as number;
    }
    this.position = position;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  /** Writes text that is valid JSON. */
  text(json: string): void {
    this.reserve(json.length * 3);
    this.position += writeUtf8(this.bytes, json, this.position);
  }

  /** A value of a response, if JSON can express it; returns whether it can. */
  value(value: unknown): boolean {
    if (typeof value === 'string') this.string(value);
    else if (typeof value === 'number' && Number.isFinite(value)) this.number(value);
    else if (value instanceof LeafAsJson) this.text(value.text);
    else {
      const json: string | undefined = JSON.stringify(value);
      if (json === undefined) return false;
      this.text(json);
    }
    return true;
  }

  null(): void {
    this.reserve(4);
    const { bytes, position } = this;
    bytes[position] = 0x6e;
    bytes[position + 1] = 0x75;
    bytes[position + 2] = 0x6c;
    bytes[position + 3] = 0x6c;
    this.position = position + 4;
  }

  /** A finite number. */
  number(value: number): void {
    this.reserve(LONGEST_NUMBER);
    this.position = writeNumber(this.bytes, value, this.position);
  }

  /** A string, quoted and escaped. */
  string(value: string): void {
    this.position = writeString(this, value, this.position, 0);
  }

  /** Writes a string that is long, or that there may be no room for: see `writeString`. */
  stringInRoom(value: string, position: number, room: number): number {
    this.position = position;
    if (value.length <= LOOP_LIMIT) {
      this.reserve(stringRoom(value.length) + room);
      return writeString(this, value, position, room);
    }
    this.#longString(value);
    this.reserve(room);
    return this.position;
  }

  #longString(value: string): void {
    if (needsEscape.test(value)) return this.text(JSON.stringify(value));
    this.reserve(value.length * 3 + 2);
    this.bytes[this.position++] = QUOTE;
    this.position += writeUtf8(this.bytes, value, this.position);
    this.bytes[this.position++] = QUOTE;
  }

  /** A view of the bytes from `start` on. */
  view(start: number): Uint8Array {
    return this.bytes.subarray(start, this.position);
  }

  /** A copy of the bytes from `start` on. */
  copy(start: number): Uint8Array {
    const copy = allocate(this.position - start);
    copy.set(this.view(start));
    return copy;
  }
}

/** The beginning of the text of a response. */
export const DATA: Uint8Array = encodeUtf8('{"data":');

/** Sinks that are free to use. More than one is needed only if writing a response leads to writing another. */
const sinks: ByteSink[] = [];

/** A larger buffer is handed to the caller with its response, and not reused. */
const LARGEST_KEPT = 8 * 1024 * 1024;

/** The facts that a plan remembers of its last response. */
interface Sizes {
  largeResponse: number;
}

/** A sink with the begin of a response. Growing copies, so plans whose responses are large start with a large buffer. */
export function takeSink({ largeResponse }: Sizes): ByteSink {
  const sink = largeResponse > 0 ? new ByteSink(largeResponse) : (sinks.pop() ?? new ByteSink());
  sink.position = 0;
  sink.raw(DATA);
  return sink;
}

/** Takes the response out of a sink, which is then free for the next one. */
export function takeBytes(sizes: Sizes, sink: ByteSink): Uint8Array {
  const isLarge = sink.position > LARGEST_KEPT;
  sizes.largeResponse = isLarge ? Math.ceil(sink.position * 1.125) : 0;
  if (isLarge) return sink.view(0);
  const response = sink.copy(0);
  giveBack(sink);
  return response;
}

export function giveBack(sink: ByteSink): void {
  if (sinks.length < 4 && sink.bytes.length <= LARGEST_KEPT) sinks.push(sink);
}

/** The most bytes that a string of this length takes: each unit may be escaped. */
function stringRoom(length: number): number {
  return length * 6 + 2;
}

/**
 * Writes a string, quoted and escaped, at `position`, and makes sure that `room` bytes are left after it. Returns the position
 * after it. Four characters of plain ASCII are looked at and stored as one word.
 */
export function writeString(sink: ByteSink, value: string, position: number, room: number): number {
  const { length } = value;
  const { bytes, dataView } = sink;
  if (length > LOOP_LIMIT || position + stringRoom(length) + room > bytes.length) {
    return sink.stringInRoom(value, position, room);
  }
  let at = position;
  bytes[at++] = QUOTE;
  let index = 0;
  for (const last = length - 4; index <= last; index += 4) {
    const first = codeAt(value, index);
    if (first >= 0x80) return writeUnits(bytes, value, index, at);
    const second = codeAt(value, index + 1);
    const third = codeAt(value, index + 2);
    const fourth = codeAt(value, index + 3);
    const word = first | (second << 8) | (third << 16) | (fourth << 24);
    if ((second | third | fourth) >= 0x80 || holdsEscaped(word)) return writeUnits(bytes, value, index, at);
    dataView.setInt32(at, word, true);
    at += 4;
  }
  for (; index < length; index++) {
    const code = codeAt(value, index);
    if (code >= 0x80 || code < 0x20 || code === QUOTE || code === BACKSLASH) return writeUnits(bytes, value, index, at);
    bytes[at++] = code;
  }
  bytes[at++] = QUOTE;
  return at;
}

/**
 * Whether one of four ASCII characters is a quote, a backslash or a control character. Subtracting borrows from the top bit of
 * a byte exactly where the byte is smaller, or where one below it borrowed.
 */
function holdsEscaped(word: number): boolean {
  const quotes = (word ^ 0x22222222) - 0x01010101;
  const backslashes = (word ^ 0x5c5c5c5c) - 0x01010101;
  return ((quotes | backslashes | (word - 0x20202020)) & 0x80808080) !== 0;
}

/** Writes a string from `from` on, and its last quote, as far as nothing needs an escape and all characters have one unit. */
function writeUnits(bytes: Uint8Array, value: string, from: number, position: number): number {
  const { length } = value;
  let at = position;
  for (let index = from; index < length; index++) {
    const code = codeAt(value, index);
    if (code < 0x80) {
      if (code < 0x20 || code === QUOTE || code === BACKSLASH) return writeRest(bytes, value, index, at);
      bytes[at++] = code;
    } else if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6);
      bytes[at++] = 0x80 | (code & 0x3f);
    } else if (code < 0xd800 || code > 0xdfff) {
      bytes[at++] = 0xe0 | (code >> 12);
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[at++] = 0x80 | (code & 0x3f);
    } else return writeRest(bytes, value, index, at);
  }
  bytes[at++] = QUOTE;
  return at;
}

/** Writes a string from `from` on, and its last quote: with escapes, and characters of two units. */
function writeRest(bytes: Uint8Array, value: string, from: number, position: number): number {
  const { length } = value;
  let at = position;
  for (let index = from; index < length; index++) {
    const code = codeAt(value, index);
    if (code < 0x80) {
      if (code >= 0x20 && code !== QUOTE && code !== BACKSLASH) bytes[at++] = code;
      else at = writeEscape(bytes, at, code);
    } else if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6);
      bytes[at++] = 0x80 | (code & 0x3f);
    } else if (code < 0xd800 || code > 0xdfff) {
      bytes[at++] = 0xe0 | (code >> 12);
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[at++] = 0x80 | (code & 0x3f);
    } else {
      const low = code < 0xdc00 && index + 1 < length ? codeAt(value, index + 1) : 0;
      if (low < 0xdc00 || low > 0xdfff) {
        at = writeHex(bytes, at, code); // a lone surrogate
        continue;
      }
      const point = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
      index++;
    }
  }
  bytes[at++] = QUOTE;
  return at;
}

/** Control characters with a one-letter escape in JSON. */
const LETTERS: ReadonlyMap<number, number> = new Map([
  [0x08, 0x62],
  [0x09, 0x74],
  [0x0a, 0x6e],
  [0x0c, 0x66],
  [0x0d, 0x72],
]);

/** Writes a quote, a backslash or a control character as `JSON.stringify` does. Returns the position after it. */
function writeEscape(bytes: Uint8Array, position: number, code: number): number {
  const letter = code < 0x20 ? LETTERS.get(code) : code;
  if (letter === undefined) return writeHex(bytes, position, code);
  bytes[position] = BACKSLASH;
  bytes[position + 1] = letter;
  return position + 2;
}

/** Writes a unit as `JSON.stringify` escapes those that have no letter: `\u001f`. Returns the position after it. */
function writeHex(bytes: Uint8Array, position: number, code: number): number {
  bytes[position] = BACKSLASH;
  bytes[position + 1] = 0x75;
  for (let digit = 0; digit < 4; digit++) {
    const value = (code >> (12 - 4 * digit)) & 15;
    bytes[position + 2 + digit] = value < 10 ? 0x30 + value : 0x57 + value;
  }
  return position + 6;
}

/**
 * Writes a 32-bit integer where there is room for it. `-0` counts as one: JSON writes it as `0`. Returns the position after
 * it.
 */
export function writeInteger(bytes: Uint8Array, value: number, position: number): number {
  let at = position;
  let rest = value;
  if (rest < 0) {
    bytes[at++] = 0x2d;
    rest = -rest;
  }
  if (rest < 10) {
    bytes[at] = 0x30 + rest;
    return at + 1;
  }
  let digits = 2;
  for (let limit = 100; rest >= limit && digits < 10; limit *= 10) digits++;
  const end = at + digits;
  for (let index = end - 1; index >= at; index--) {
    const tens = (rest / 10) | 0;
    bytes[index] = 0x30 + (rest - tens * 10);
    rest = tens;
  }
  return end;
}

/** Writes a finite number where there is room for it. Returns the position after it. */
export function writeNumber(bytes: Uint8Array, value: number, position: number): number {
  if ((value | 0) === value) return writeInteger(bytes, value, position);
  const end = writeDecimal(bytes, value, position);
  if (end !== position) return end;
  const text = `${value}`;
  for (let index = 0; index < text.length; index++) bytes[position + index] = codeAt(text, index);
  return position + text.length;
}

/**
 * Writes a number of at most six decimals, such as a price, without making a string. Returns `position` for any other
 * number. The digits are those that JavaScript prints: exactly one number is nearest to a decimal of up to 15 digits, and
 * the division shows whether that is `value`.
 */
function writeDecimal(bytes: Uint8Array, value: number, position: number): number {
  const size = Math.abs(value);
  const millionths = Math.round(size * 1e6);
  if (millionths / 1e6 !== size || size >= 1e9) return position;
  let at = position;
  if (value < 0) bytes[at++] = 0x2d;
  const whole = Math.floor(size);
  at = writeInteger(bytes, whole, at);
  bytes[at++] = 0x2e;
  let rest = millionths - whole * 1e6;
  for (let unit = 100_000; rest > 0; unit /= 10) {
    const digit = (rest / unit) | 0;
    bytes[at++] = 0x30 + digit;
    rest -= digit * unit;
  }
  return at;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
