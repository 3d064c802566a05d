import type { Slot } from './LoadCache.ts';
import type { RequestInfo } from './RequestInfo.ts';

/** The keys that one request waits for. */
export interface Part {
  readonly keys: readonly unknown[];
  readonly slots: readonly Slot[];
  readonly info: RequestInfo;
  /** One for each key, as they come. */
  readonly entries: unknown[];
  /** How many keys were given to calls. */
  taken: number;
  /** How many entries are not there yet. */
  missing: number;
  readonly resolve: (entries: readonly unknown[]) => void;
}

/** The keys `from` to `to` of a part, which go into one call. */
export interface Share {
  readonly part: Part;
  readonly from: number;
  readonly to: number;
}

/**
 * Takes up to `room` keys from waiting parts: the same number of each, and what the small ones leave over from the
 * others. So one key waits for one call, whatever number stands before it.
 */
export function takeShares(waiting: readonly Part[], room: number): Share[] {
  const sizes = fairSizes(
    waiting.map(({ keys, taken }) => keys.length - taken),
    room,
  );
  const shares: Share[] = [];
  waiting.forEach((part, index) => {
    const size = sizes[index] as number;
    if (size === 0) return;
    shares.push({ part, from: part.taken, to: part.taken + size });
    part.taken += size;
  });
  return shares;
}

/** Divides `room` between wishes, in rounds: each gets an equal share of what is left, or at least one, first come first. */
function fairSizes(wishes: readonly number[], room: number): number[] {
  const sizes = wishes.map(() => 0);
  let left = room;
  let open = wishes.map((_, index) => index);
  while (left > 0 && open.length > 0) {
    const share = Math.max(1, Math.floor(left / open.length));
    for (const index of open) {
      const more = Math.min(share, left, (wishes[index] as number) - (sizes[index] as number));
      sizes[index] = (sizes[index] as number) + more;
      left -= more;
    }
    open = open.filter((index) => (sizes[index] as number) < (wishes[index] as number));
  }
  return sizes;
}

/** The keys of a call, each once, and for each key of each share its place among them. */
export function joinKeys(shares: readonly Share[]): { readonly keys: unknown[]; readonly places: readonly number[] } {
  const keys: unknown[] = [];
  const places: number[] = [];
  const known = new Map<Slot, number>();
  for (const { part, from, to } of shares) {
    for (let index = from; index < to; index++) {
      const slot = part.slots[index];
      let place = known.get(slot);
      if (place === undefined) {
        place = keys.push(part.keys[index]) - 1;
        known.set(slot, place);
      }
      places.push(place);
    }
  }
  return { keys, places };
}

/** Puts the entries for the keys `from`, `from + 1`, ... of a part where they belong. */
export function giveEntries(part: Part, from: number, entries: readonly unknown[]): void {
  for (let index = 0; index < entries.length; index++) part.entries[from + index] = entries[index];
  part.missing -= entries.length;
  if (part.missing === 0) part.resolve(part.entries);
}
