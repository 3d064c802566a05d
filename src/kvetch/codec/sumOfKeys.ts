import { BadPageError, quote } from '../errors.ts';
import type { OrderPart } from './orderKey.ts';

/** An attribute of numbers, the first one of an order. */
export type SummedPart = OrderPart & {
  readonly kind: 'int' | 'float';
  /** With more different values the sum is refused. */
  readonly maxValues: number;
};

type NumberPart = OrderPart & Pick<SummedPart, 'kind'>;

export function isSummed(part: OrderPart | undefined): part is NumberPart {
  return part?.kind === 'int' || part?.kind === 'float';
}

/** Digits of a number at the beginning of an order key: the mark that it is present, and its eight bytes. */
export const NUMBER_DIGITS = 18;
const PRESENT = '01';
/** Above all keys that begin with a number. */
const PRESENT_END = '02';
const SIGN = 1n << 63n;
const ALL = (1n << 64n) - 1n;

/** Where the keys of a list end that begin with a number: absent values come last, and are not read. */
export function endOfNumbers(high: string | undefined): string {
  return high !== undefined && high < PRESENT_END ? high : PRESENT_END;
}

/** Counts one more key, if it begins with a number, for `sumOfKeys`. Refuses a value too many. */
export function countNumber(part: SummedPart, counts: Map<string, number>, key: string): void {
  if (!key.startsWith(PRESENT)) return;
  const digits = key.slice(0, NUMBER_DIGITS);
  counts.set(digits, (counts.get(digits) ?? 0) + 1);
  checkValues(part, counts);
}

function checkValues({ attr, maxValues }: SummedPart, counts: ReadonlyMap<string, number>): void {
  if (counts.size > maxValues)
    throw new BadPageError(
      `The sum of ${quote(attr)} is refused: the list has more than ${maxValues} different values.`,
      ' Ask for a "range", or raise "limits.maxSummed" of createKvetch.',
    );
}

/**
 * Adds up the numbers that order keys begin with. `counts`: how many keys begin so, by their first `NUMBER_DIGITS` digits.
 * Integers are added exactly, and rounded at the end. Fractions are added in the order of the list, each value times its
 * count, so that every store has the same sum.
 */
export function sumOfKeys(part: SummedPart, counts: ReadonlyMap<string, number>): number {
  checkValues(part, counts);
  const { kind, descending } = part;
  const found = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
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
