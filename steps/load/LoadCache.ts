import { fail } from '../../src/step/signals.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import type { MaybePromise, PromiseOrValue } from '../../src/utils/MaybePromise.ts';
import { valueKey } from '../../src/utils/valueKey.ts';
import { assertEntries } from './assertEntries.ts';

/** A key as a `Map` tells keys apart: primitives as they are, tuples and records by what is in them. */
export type Slot = unknown;

export function slotOf(key: unknown): Slot {
  if (key === null) return null;
  if (typeof key === 'object' || typeof key === 'function') return `\0${valueKey(key)}`;
  return typeof key === 'string' && key.startsWith('\0') ? `\0${valueKey(key)}` : key;
}

/** Asks the loader for the keys that are missing. */
export type LoadCall = (keys: readonly unknown[], slots: readonly Slot[]) => unknown;

const NOWHERE = -1;

/** Turns one entry of a loader's result into what rows get. */
export type EntryCheck = (entry: unknown, key: unknown) => unknown;

/** One call of the loader. */
class LoadBatch {
  readonly keys: readonly unknown[];
  readonly slots: readonly Slot[];
  /** What it gave, once that is there. */
  entries: readonly unknown[] | null = null;
  /** A promise of the entries, which never rejects; null: they came at once. */
  done: Promise<readonly unknown[]> | null = null;

  constructor(keys: readonly unknown[], slots: readonly Slot[]) {
    this.keys = keys;
    this.slots = slots;
  }
}

/** What was loaded in one request by one loader with equal globals and attributes; or the batch that is loading it. */
export class LoadCache {
  /** The first load. As long as there is no second, nobody looks for its entries: they are not indexed. */
  #first: LoadBatch | null = null;
  /** Where in `#values` the entry of a slot is: made when a second load may ask for what the first has loaded. */
  #places: Map<Slot, number> | null = null;
  /** Entries, or the batch that is loading them. */
  readonly #values: unknown[] = [];
  readonly #name: string;
  readonly #check: EntryCheck;

  constructor(name: string, check: EntryCheck) {
    this.#name = name;
    this.#check = check;
  }

  /** The entries for all rows, of which those are loaded that are not there. The promise never rejects. */
  load(keys: readonly unknown[], slots: readonly Slot[], call: LoadCall): PromiseOrValue<readonly unknown[]> {
    if (this.#places === null && this.#first === null && areDistinct(slots)) {
      this.#first = new LoadBatch(keys.slice(), slots);
      return this.#ask(this.#first, call, 0);
    }
    return this.#loadMissing(this.#index(), keys, slots, call);
  }

  #index(): Map<Slot, number> {
    if (this.#places !== null) return this.#places;
    this.#places = new Map();
    if (this.#first !== null) {
      const { slots, entries } = this.#first;
      for (let at = 0; at < slots.length; at++) {
        this.#places.set(slots[at], at);
        this.#values.push(entries === null ? this.#first : entries[at]);
      }
    }
    return this.#places;
  }

  #loadMissing(
    index: Map<Slot, number>,
    keys: readonly unknown[],
    slots: readonly Slot[],
    call: LoadCall,
  ): PromiseOrValue<readonly unknown[]> {
    const values = this.#values;
    const from = values.length;
    const missing: unknown[] = [];
    const missingSlots: Slot[] = [];
    const batch = new LoadBatch(missing, missingSlots);
    const places = new Array<number>(keys.length);
    let waits: Set<Promise<unknown>> | null = null;
    for (let row = 0; row < keys.length; row++) {
      const slot = slots[row];
      if (slot === null || slot === undefined) {
        places[row] = NOWHERE;
        continue;
      }
      let place = index.get(slot);
      if (place === undefined) {
        place = values.push(batch) - 1;
        index.set(slot, place);
        missing.push(keys[row]);
        missingSlots.push(slot);
      } else if (values[place] instanceof LoadBatch && values[place] !== batch) {
        waits ??= new Set();
        waits.add((values[place] as LoadBatch).done as Promise<unknown>);
      }
      places[row] = place;
    }
    const own = missing.length === 0 ? null : this.#ask(batch, call, from);
    // Where each row has a key that was not met before, the rows are the batch.
    if (own !== null && missing.length === keys.length) return own;
    const read = (): unknown[] => places.map((place) => (place === NOWHERE ? null : values[place]));
    if (isPromise(own)) {
      waits ??= new Set();
      waits.add(own);
    }
    return waits === null ? read() : Promise.all(waits).then(read);
  }

  /** Calls the loader: its entries, checked, go to `#values` from `from` on. What fails as a whole is the failure of each. */
  #ask(batch: LoadBatch, call: LoadCall, from: number): PromiseOrValue<readonly unknown[]> {
    const { keys, slots } = batch;
    const take = (entries: readonly unknown[]): readonly unknown[] => {
      batch.entries = entries;
      if (this.#places !== null) for (let at = 0; at < entries.length; at++) this.#values[from + at] = entries[at];
      return entries;
    };
    const onError = (error: unknown): readonly unknown[] => take(new Array<unknown>(keys.length).fill(fail(error)));
    const onResult = (result: unknown): PromiseOrValue<readonly unknown[]> => {
      try {
        const checked = this.#checkAll(result, keys);
        return isPromise(checked) ? checked.then(take) : take(checked);
      } catch (error) {
        return onError(error);
      }
    };
    let entries: PromiseOrValue<readonly unknown[]>;
    try {
      const result = call(keys, slots);
      entries = isPromiseLike(result) ? Promise.resolve(result).then(onResult, onError) : onResult(result);
    } catch (error) {
      return onError(error);
    }
    if (isPromise(entries)) batch.done = entries;
    return entries;
  }

  /** The list itself, unless one of its entries has to be another. */
  #checkAll(result: unknown, keys: readonly unknown[]): PromiseOrValue<readonly unknown[]> {
    assertEntries(this.#name, result, keys.length);
    let checked: MaybePromise<unknown>[] | null = null;
    let isPending = false;
    for (let index = 0; index < result.length; index++) {
      const given = result[index];
      let entry: MaybePromise<unknown>;
      if (isPromiseLike(given)) {
        isPending = true;
        entry = this.#checkLater(given, keys[index]);
      } else entry = this.#checked(given, keys[index]);
      if (entry === given) continue;
      checked ??= result.slice();
      checked[index] = entry;
    }
    if (checked === null) return result;
    return isPending ? Promise.all(checked) : checked;
  }

  async #checkLater(entry: PromiseLike<unknown>, key: unknown): Promise<unknown> {
    try {
      return this.#checked(await entry, key);
    } catch (error) {
      return fail(error);
    }
  }

  #checked(entry: unknown, key: unknown): unknown {
    if (entry === undefined || entry === null) return null;
    return entry instanceof Error ? fail(entry) : this.#check(entry, key);
  }
}

/** Whether no key is null or there twice: then each row's entry is the loader's. */
function areDistinct(slots: readonly Slot[]): boolean {
  if (slots.length === 1) return slots[0] !== null && slots[0] !== undefined;
  const seen = new Set(slots);
  return seen.size === slots.length && !seen.has(null) && !seen.has(undefined);
}

function isPromise(entries: PromiseOrValue<readonly unknown[]> | null): entries is Promise<readonly unknown[]> {
  return entries instanceof Promise;
}
