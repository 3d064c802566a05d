/**
 * A name for a text: 28 hexadecimal digits, equal for equal texts in every process. It finds what was changed or mixed
 * up; it is no protection from who looks for two texts of one hash, so whoever takes something by hash compares it.
 */
export function contentHash(text: string): string {
  return `${digits(text, 0x2545f491)}${digits(text, 0x9e3779b9)}`;
}

/** Two multiplicative hashes of 32 bits side by side, mixed at the end: 53 bits. */
function digits(text: string, seed: number): string {
  let low = 0xdeadbeef ^ seed;
  let high = 0x41c6ce57 ^ seed;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 2654435761);
    high = Math.imul(high ^ code, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return (4294967296 * (2097151 & high) + (low >>> 0)).toString(16).padStart(14, '0');
}
