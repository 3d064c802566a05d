const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Memory that need not be zeroed, and is not a part of a pool: the caller may keep it. */
export const allocate: (size: number) => Uint8Array<ArrayBuffer> =
  typeof Buffer === 'function' ? (size) => Buffer.allocUnsafeSlow(size) : (size) => new Uint8Array(size);

/** Writes a text in UTF-8 at a position of memory from `allocate`, and returns how many bytes it took. */
export const writeUtf8: (bytes: Uint8Array, text: string, position: number) => number =
  typeof Buffer === 'function'
    ? (bytes, text, position) => Buffer.prototype.write.call(bytes, text, position, 'utf8')
    : (bytes, text, position) => encoder.encodeInto(text, bytes.subarray(position)).written;

/** A text in UTF-8, in memory of its own. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = allocate(utf8Length(text));
  writeUtf8(bytes, text, 0);
  return bytes;
}

/** The text of bytes in UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  if (typeof Buffer !== 'function') return decoder.decode(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** How many bytes a text takes in UTF-8. */
export function utf8Length(text: string): number {
  return typeof Buffer === 'function' ? Buffer.byteLength(text) : encoder.encode(text).length;
}

/** Pieces of bytes, as one. A single piece is not copied. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return only;
  const whole = allocate(parts.reduce((total, { length }) => total + length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
