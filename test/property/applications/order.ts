import type { Kind } from './application.ts';

/** A place in a list. */
export interface Spot {
  readonly key: readonly unknown[];
  readonly id: string;
}

/** What a part of a key is compared by. */
export interface KeyPart {
  readonly kind: Kind;
  readonly isDown: boolean;
}

/** A value as the oracle keeps it. */
export function normal(kind: Kind, value: unknown): unknown {
  if (value == null) return null;
  if (kind === 'DateTime') return typeof value === 'string' ? Date.parse(value) : Number(value);
  if (kind === 'UUID') return String(value).toLowerCase();
  return Object.is(value, -0) ? 0 : value;
}

export function compareValues(kind: Kind, a: unknown, b: unknown): number {
  if (kind === 'String' || kind === 'Status')
    return Buffer.compare(Buffer.from(String(a)).subarray(0, 64), Buffer.from(String(b)).subarray(0, 64));
  if (kind === 'UUID') return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
  const [x, y] = [Number(a), Number(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

export function compareKeys(kinds: readonly KeyPart[], a: Spot, b: Spot): number {
  for (const [at, { kind, isDown }] of kinds.entries()) {
    const [x, y] = [a.key[at] ?? null, b.key[at] ?? null];
    if (x === null || y === null) {
      if (x !== y) return x === null ? 1 : -1;
      continue;
    }
    const order = compareValues(kind, x, y);
    if (order !== 0) return isDown ? -order : order;
  }
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Each value times the number of its rows, in the order of the list. */
export function sumOf(numbers: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < numbers.length; ) {
    let end = at;
    while (end < numbers.length && numbers[end] === numbers[at]) end++;
    sum += (numbers[at] as number) * (end - at);
    at = end;
  }
  return sum;
}
