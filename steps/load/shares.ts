import { Failure, fail } from '../../src/step/signals.ts';
import type { Share, Waiting } from '../../src/utils/CallQueue.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { ownCopy } from '../../src/utils/ownCopy.ts';
import type { RequestInfo } from './RequestInfo.ts';
import type { Slot } from './slots.ts';

const ASKER = Symbol('asker');

/** The keys that one request waits for. */
export class BatchRequest implements Waiting {
  readonly keys: readonly unknown[];
  readonly slots: readonly Slot[];
  readonly info: RequestInfo;
  taken = 0;
  /** The entries of all keys. */
  readonly there: Promise<readonly unknown[]>;
  /** One for each key, as they come. */
  readonly entries: unknown[];
  /** How many entries are not there yet. */
  #missing: number;
  #resolve: ((entries: readonly unknown[]) => void) | null = null;

  constructor(keys: readonly unknown[], slots: readonly Slot[], info: RequestInfo) {
    this.keys = keys;
    this.slots = slots;
    this.info = info;
    this.entries = new Array<unknown>(keys.length);
    this.#missing = keys.length;
    this.there = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get size(): number {
    return this.keys.length;
  }

  get isOver(): boolean {
    return this.info.isOver;
  }

  get asker(): object {
    return this.info.shared(ASKER, () => ({}));
  }

  fill(from: number, to: number, entry: unknown): void {
    this.entries.fill(entry, from, to);
    this.came(to - from);
  }

  /** So many more entries are there. */
  came(count: number): void {
    this.#missing -= count;
    if (this.#missing === 0) this.#resolve?.(this.entries);
  }
}

export type LoadShare = Share<BatchRequest>;

/** The keys of a call, each once. */
interface JoinedKeys {
  readonly keys: unknown[];
  /** For each key of each share its place among them; null where no key is in two shares. */
  readonly places: readonly number[] | null;
}

export function joinKeys(shares: readonly LoadShare[]): JoinedKeys {
  const only = shares.length === 1 ? itemAt(shares, 0) : null;
  if (only !== null) return { keys: only.part.keys.slice(only.from, only.to), places: null };
  const keys: unknown[] = [];
  let places: number[] | null = null;
  const known = new Map<Slot, number>();
  for (const { part, from, to } of shares) {
    for (let index = from; index < to; index++) {
      const slot = part.slots[index];
      const place = known.get(slot);
      if (place !== undefined) places ??= Array.from(keys, (_, before) => before);
      else known.set(slot, keys.push(part.keys[index]) - 1);
      places?.push(place ?? keys.length - 1);
    }
  }
  return { keys, places };
}

/**
 * Gives each request the entries of its keys, where `joinKeys` put these. Requests write to their rows, so that the second
 * one to ask for a key gets a copy (rule R25).
 */
export function giveShares(
  shares: readonly LoadShare[],
  places: readonly number[] | null,
  result: readonly unknown[],
): void {
  const given = places === null ? null : new Uint8Array(result.length);
  let at = 0;
  for (const { part, from, to } of shares) {
    for (let index = from; index < to; index++, at++) {
      const place = places === null ? at : itemAt(places, at);
      const entry = result[place];
      const isGiven = given?.[place] === 1 && typeof entry === 'object' && entry !== null;
      part.entries[index] = isGiven ? copyEntry(entry) : entry;
      if (given !== null) given[place] = 1;
    }
  }
  // A list may throw while it is read. Then no request has got anything, and each can be asked for alone.
  for (const { part, from, to } of shares) part.came(to - from);
}

/** A row that cannot be copied, since a getter throws, is an error of its key. */
function copyEntry(entry: object): unknown {
  try {
    if (!isPromiseLike(entry)) return ownEntry(entry);
    const copy = Promise.resolve(entry).then(ownEntry);
    copy.catch(() => {}); // watched until its request looks at it
    return copy;
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
