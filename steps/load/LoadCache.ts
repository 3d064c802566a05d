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

/** Turns one entry of a loader's result into what rows get. */
export type EntryCheck = (entry: unknown, key: unknown) => unknown;

/** A call that is under way. Its keys' slots hold it until it is done: one promise for all of them. */
class LoadBatch {
  readonly keys: unknown[] = [];
  readonly slots: Slot[] = [];
  done: Promise<unknown> | null = null;
}

/** The first load of a cache. As long as there is no second, nobody looks for its entries: they are not indexed. */
interface FirstLoad {
  readonly slots: readonly Slot[];
  /** The entries once they are there, before that a promise of them. */
  entries: readonly unknown[] | Promise<readonly unknown[]>;
}

/** What was loaded in one request by one loader with equal globals and attributes; or the batch that is loading it. */
export class LoadCache {
  #entries: Map<Slot, unknown> | null = null;
  #first: FirstLoad | null = null;
  readonly #name: string;
  readonly #check: EntryCheck;

  constructor(name: string, check: EntryCheck) {
    this.#name = name;
    this.#check = check;
  }

  /** The entries for all rows, of which those are loaded that are not there. The promise never rejects. */
  load(keys: readonly unknown[], slots: readonly Slot[], call: LoadCall): PromiseOrValue<readonly unknown[]> {
    if (this.#entries === null && this.#first === null && areDistinct(slots)) {
      const entries = this.#ask(keys.slice(), slots, call);
      const first: FirstLoad = { slots, entries };
      this.#first = first;
      if (isPromise(entries)) {
        entries.then((found) => {
          first.entries = found;
        });
      }
      return entries;
    }
    const index = this.#index();
    const loading = this.#loadMissing(index, keys, slots, call);
    const read = (): unknown[] => slots.map((slot) => (slot === null || slot === undefined ? null : index.get(slot)));
    return loading === null ? read() : loading.then(read);
  }

  /** The entries by slot: made when a second load may ask for what the first has loaded. */
  #index(): Map<Slot, unknown> {
    if (this.#entries !== null) return this.#entries;
    const index = new Map<Slot, unknown>();
    this.#entries = index;
    if (this.#first === null) return index;
    const { slots, entries } = this.#first;
    this.#first = null;
    if (!isPromise(entries)) {
      store(index, slots, entries);
      return index;
    }
    const batch = new LoadBatch();
    batch.done = entries.then((found) => store(index, slots, found));
    for (const slot of slots) index.set(slot, batch);
    return index;
  }

  /** Loads what is missing. Returns a promise when not all is there at once. */
  #loadMissing(
    index: Map<Slot, unknown>,
    keys: readonly unknown[],
    slots: readonly Slot[],
    call: LoadCall,
  ): Promise<unknown> | null {
    let batch: LoadBatch | null = null;
    let waits: Set<Promise<unknown>> | null = null;
    for (let row = 0; row < keys.length; row++) {
      const slot = slots[row];
      if (slot === null || slot === undefined) continue;
      const known = index.get(slot);
      if (known === undefined) {
        batch ??= new LoadBatch();
        batch.keys.push(keys[row]);
        batch.slots.push(slot);
        index.set(slot, batch);
      } else if (known instanceof LoadBatch && known.done !== null) {
        waits ??= new Set();
        waits.add(known.done);
      }
    }
    if (batch !== null) {
      const own = batch.slots;
      const entries = this.#ask(batch.keys, own, call);
      if (isPromise(entries)) batch.done = entries.then((found) => store(index, own, found));
      else store(index, own, entries);
    }
    const own = batch?.done ?? null;
    if (waits === null) return own;
    if (own !== null) waits.add(own);
    return Promise.all(waits);
  }

  /** The entries for keys that are all different, checked. What fails as a whole is the failure of each. */
  #ask(keys: readonly unknown[], slots: readonly Slot[], call: LoadCall): PromiseOrValue<readonly unknown[]> {
    const onError = (error: unknown): readonly unknown[] => new Array<unknown>(keys.length).fill(fail(error));
    try {
      const result = call(keys, slots);
      if (!isPromiseLike(result)) return this.#checkAll(result, keys);
      return Promise.resolve(result).then((found) => {
        try {
          return this.#checkAll(found, keys);
        } catch (error) {
          return onError(error);
        }
      }, onError);
    } catch (error) {
      return onError(error);
    }
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

function store(index: Map<Slot, unknown>, slots: readonly Slot[], entries: readonly unknown[]): void {
  for (let at = 0; at < slots.length; at++) index.set(slots[at], entries[at]);
}

/** Whether no key is null or there twice: then each row's entry is the loader's. */
function areDistinct(slots: readonly Slot[]): boolean {
  if (slots.length === 1) return slots[0] !== null && slots[0] !== undefined;
  const seen = new Set(slots);
  return seen.size === slots.length && !seen.has(null) && !seen.has(undefined);
}

function isPromise(entries: PromiseOrValue<readonly unknown[]>): entries is Promise<readonly unknown[]> {
  return entries instanceof Promise;
}
