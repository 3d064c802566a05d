import { Failure, fail } from '../../src/step/signals.ts';
import { fairSizes } from '../../src/utils/fairSizes.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { ownCopy } from '../../src/utils/ownCopy.ts';
import type { Slot } from './LoadCache.ts';
import type { RequestInfo } from './RequestInfo.ts';

/** The keys that one request waits for. */
export interface BatchRequest {
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
  readonly part: BatchRequest;
  readonly from: number;
  readonly to: number;
}

/**
 * Takes up to `room` keys from waiting parts: the same number of each, and where small ones need less, more of the
 * others. So one key waits for one call, whatever number stands before it.
 */
export function takeShares(waiting: readonly BatchRequest[], room: number): Share[] {
  const sizes = fairSizes(
    waiting.map(({ keys, taken }) => keys.length - taken),
    room,
  );
  const shares: Share[] = [];
  waiting.forEach((part, index) => {
    const size = itemAt(sizes, index);
    if (size === 0) return;
    shares.push({ part, from: part.taken, to: part.taken + size });
    part.taken += size;
  });
  return shares;
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
export function giveEntries(part: BatchRequest, from: number, entries: readonly unknown[]): void {
  for (let index = 0; index < entries.length; index++) part.entries[from + index] = entries[index];
  part.missing -= entries.length;
  if (part.missing === 0) part.resolve(part.entries);
}

/**
 * Gives each request the entries of its keys: `places` says where they are, share by share. Requests write to their rows,
 * so that the second one to ask for a key gets a copy (rule R25).
 */
export function giveShares(shares: readonly Share[], places: readonly number[], result: readonly unknown[]): void {
  const given = new Set<number>();
  let at = 0;
  for (const { part, from, to } of shares) {
    const own = new Array<unknown>(to - from);
    for (let index = 0; index < own.length; index++) {
      const place = itemAt(places, at++);
      const entry = result[place];
      if (typeof entry !== 'object' || entry === null) own[index] = entry;
      else if (given.has(place)) own[index] = copyEntry(entry);
      else {
        given.add(place);
        own[index] = entry;
      }
    }
    giveEntries(part, from, own);
  }
}

/** A row that cannot be copied, since a getter throws, is an error of its key. */
function copyEntry(entry: object): unknown {
  if (isPromiseLike(entry)) {
    const copy = Promise.resolve(entry).then(ownEntry);
    copy.catch(() => {}); // watched until its request looks at it
    return copy;
  }
  try {
    return ownEntry(entry);
  } catch (error) {
    return fail(error);
  }
}

function ownEntry(entry: unknown): unknown {
  if (entry instanceof Failure) return fail(ownError(entry.error));
  return entry instanceof Error ? ownError(entry) : ownCopy(entry);
}

/** Formatters write to `extensions` of errors: an error that has some is another one, with others, for each request. */
function ownError(error: unknown): unknown {
  if (!(error instanceof Error) || !('extensions' in error)) return error;
  const properties = Object.getOwnPropertyDescriptors(error);
  const extensions = { value: ownCopy(error.extensions), enumerable: true, configurable: true, writable: true };
  return Object.create(Object.getPrototypeOf(error), { ...properties, extensions });
}
