import type { OrderPart } from './orderKey.ts';

/** An attribute of numbers, the first one of an order. */
export type SummedPart = OrderPart & { readonly kind: 'int' | 'float' };

export function isSummed(part: OrderPart | undefined): part is SummedPart {
  return part?.kind === 'int' || part?.kind === 'float';
}

/** Digits of a number at the beginning of an order key: the mark that it is present, and its eight bytes. */
export const NUMBER_DIGITS = 18;
const PRESENT = '01';
const SIGN = 1n << 63n;
const ALL = (1n << 64n) - 1n;

/** Counts one more key that begins with a number, for `sumOfKeys`. */
export function countNumber(counts: Map<string, number>, key: string): void {
  const digits = key.slice(0, NUMBER_DIGITS);
  counts.set(digits, (counts.get(digits) ?? 0) + 1);
}

/**
 * Adds up the numbers that order keys begin with. `counts`: how many keys begin so, by their first `NUMBER_DIGITS` digits; an
 * absent value adds nothing. Integers are added exactly, and rounded at the end. Fractions are added in the order of the list,
 * each value times its count, so that every store has the same sum.
 */
export function sumOfKeys({ kind, descending }: SummedPart, counts: ReadonlyMap<string, number>): number {
  const found = [...counts].filter(([key]) => key.startsWith(PRESENT)).sort(([a], [b]) => (a < b ? -1 : 1));
  let integers = 0n;
  let fractions = 0;
  for (const [key, count] of found) {
    const bits = BigInt(`0x${key.slice(PRESENT.length)}`) ^ (descending ? ALL : 0n);
    if (kind === 'int') integers += (bits - SIGN) * BigInt(count);
    else fractions += doubleOf(bits) * count;
  }
  return kind === 'int' ? Number(integers) : fractions;
}

/** The number of IEEE 754 whose sign is turned, or of a negative one all bits. */
function doubleOf(bits: bigint): number {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(bits ^ (bits >= SIGN ? SIGN : ALL));
  return bytes.readDoubleBE();
}
