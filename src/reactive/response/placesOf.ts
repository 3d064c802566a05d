import { itemAt } from '../../utils/itemAt.ts';

/** The places that ranges stand for. */
export function placesOf(ranges: readonly number[]): readonly number[] {
  const places: number[] = [];
  for (let at = 0; at < ranges.length; at += 2) {
    for (let n = 0; n < itemAt(ranges, at + 1); n++) places.push(itemAt(ranges, at) + n);
  }
  return places;
}

/** The numbers that ranges of equal ones stand for. */
export function numbersOf(ranges: readonly number[]): readonly number[] {
  const numbers: number[] = [];
  for (let at = 0; at < ranges.length; at += 2) {
    for (let n = 0; n < itemAt(ranges, at + 1); n++) numbers.push(itemAt(ranges, at));
  }
  return numbers;
}
