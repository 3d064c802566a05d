const quote = 34;
const backslash = 92;

/** Writes JSON as UTF-8 into a buffer that is reused and grows: the fastest way found to do it by hand. */
export class ByteWriter {
  private bytes = Buffer.allocUnsafeSlow(1 << 16);
  private at = 0;

  /** A copy of what was written. The writer is empty again. */
  take(): Uint8Array {
    const copy = Buffer.allocUnsafeSlow(this.at);
    this.bytes.copy(copy, 0, 0, this.at);
    this.at = 0;
    return copy;
  }

  /** Bytes that are known before: keys and punctuation. */
  raw(text: Uint8Array): void {
    const { length } = text;
    if (this.at + length > this.bytes.length) this.grow(length);
    const { bytes } = this;
    let { at } = this;
    for (let i = 0; i < length; i++) bytes[at++] = text[i] as number;
    this.at = at;
  }

  byte(code: number): void {
    if (this.at === this.bytes.length) this.grow(1);
    this.bytes[this.at++] = code;
  }

  string(value: string): void {
    const { length } = value;
    if (length > 60) return this.longString(value);
    if (this.at + length * 3 + 2 > this.bytes.length) this.grow(length * 3 + 2);
    const { bytes } = this;
    let { at } = this;
    bytes[at++] = quote;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code < 0x80) {
        if (code < 32 || code === quote || code === backslash) return this.escaped(value);
        bytes[at++] = code;
      } else if (code < 0x800) {
        bytes[at++] = 0xc0 | (code >> 6);
        bytes[at++] = 0x80 | (code & 63);
      } else if (code < 0xd800 || code > 0xdfff) {
        bytes[at++] = 0xe0 | (code >> 12);
        bytes[at++] = 0x80 | ((code >> 6) & 63);
        bytes[at++] = 0x80 | (code & 63);
      } else {
        const low = i + 1 < length ? value.charCodeAt(i + 1) : 0;
        if (code > 0xdbff || low < 0xdc00 || low > 0xdfff) return this.escaped(value);
        const point = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        bytes[at++] = 0xf0 | (point >> 18);
        bytes[at++] = 0x80 | ((point >> 12) & 63);
        bytes[at++] = 0x80 | ((point >> 6) & 63);
        bytes[at++] = 0x80 | (point & 63);
        i++;
      }
    }
    bytes[at++] = quote;
    this.at = at;
  }

  integer(value: number): void {
    if (value < 0 || value > 99_999) return this.ascii(String(value));
    if (this.at + 5 > this.bytes.length) this.grow(5);
    let divisor = value < 10 ? 1 : value < 100 ? 10 : value < 1000 ? 100 : value < 10_000 ? 1000 : 10_000;
    for (; divisor >= 1; divisor = (divisor / 10) | 0) this.bytes[this.at++] = 48 + (((value / divisor) | 0) % 10);
  }

  float(value: number): void {
    this.ascii(String(value));
  }

  boolean(value: boolean): void {
    this.raw(value ? TRUE : FALSE);
  }

  null(): void {
    this.raw(NULL);
  }

  private ascii(text: string): void {
    const { length } = text;
    if (this.at + length > this.bytes.length) this.grow(length);
    for (let i = 0; i < length; i++) this.bytes[this.at++] = text.charCodeAt(i);
  }

  private longString(value: string): void {
    if (/["\\\p{Cc}\p{Cs}]/u.test(value)) return this.escaped(value);
    const room = value.length * 3 + 2;
    if (this.at + room > this.bytes.length) this.grow(room);
    this.bytes[this.at++] = quote;
    this.at += this.bytes.write(value, this.at, 'utf8');
    this.bytes[this.at++] = quote;
  }

  private escaped(value: string): void {
    const text = JSON.stringify(value);
    const room = text.length * 3;
    if (this.at + room > this.bytes.length) this.grow(room);
    this.at += this.bytes.write(text, this.at, 'utf8');
  }

  private grow(room: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + room));
    this.bytes.copy(bytes, 0, 0, this.at);
    this.bytes = bytes;
  }
}

/** Text that `raw` writes. */
export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

const TRUE = bytesOf('true');
const FALSE = bytesOf('false');
const NULL = bytesOf('null');
