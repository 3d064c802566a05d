import { itemAt } from '../../utils/itemAt.ts';

/** The indexes of a longest ascending part of different numbers: items that can stay in their places in a sorted list. */
export function commonOrder(numbers: readonly number[]): ReadonlySet<number> {
  /** By length less one: where the sequence of that length with the least end ends. */
  const ends: number[] = [];
  const before: number[] = [];
  for (const [at, number] of numbers.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (itemAt(numbers, itemAt(ends, middle)) < number) low = middle + 1;
      else high = middle;
    }
    before.push(low === 0 ? -1 : itemAt(ends, low - 1));
    ends[low] = at;
  }
  const found = new Set<number>();
  for (let at = ends.at(-1) ?? -1; at >= 0; at = itemAt(before, at)) found.add(at);
  return found;
}
