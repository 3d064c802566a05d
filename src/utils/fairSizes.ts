import { rowAt } from './rowAt.ts';

/** Divides `room` between wishes, in rounds: each gets an equal share of the rest, or at least one, first come first. */
export function fairSizes(wishes: readonly number[], room: number): number[] {
  const sizes = wishes.map(() => 0);
  let left = room;
  let open = wishes.map((_, index) => index);
  while (left > 0 && open.length > 0) {
    const share = Math.max(1, Math.floor(left / open.length));
    for (const index of open) {
      const more = Math.min(share, left, rowAt(wishes, index) - rowAt(sizes, index));
      sizes[index] = rowAt(sizes, index) + more;
      left -= more;
    }
    open = open.filter((index) => rowAt(sizes, index) < rowAt(wishes, index));
  }
  return sizes;
}
