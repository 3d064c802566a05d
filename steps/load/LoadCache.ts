import { fail } from '../../src/step/signals.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { valueKey } from '../../src/utils/valueKey.ts';
import { assertEntries } from './assertEntries.ts';

/** A key as a `Map` tells keys apart: primitives as they are, tuples and records by what is in them. */
export type Slot = unknown;

export function slotOf(key: unknown): Slot {
  if (typeof key === 'object' || typeof key === 'function') return `\0${valueKey(key)}`;
  return typeof key === 'string' && key.startsWith('\0') ? `\0${valueKey(key)}` : key;
}

/** Asks the loader for the keys that are missing. */
export type LoadCall = (keys: readonly unknown[], slots: readonly Slot[]) => unknown;

/** Turns one entry of a loader's result into what rows get. */
export type EntryCheck = (entry: unknown, key: unknown) => unknown;

/** A call that is under way. Its keys' slots hold it until it is done: one promise for all of them. */
export class LoadBatch {
  readonly keys: unknown[] = [];
  readonly slots: Slot[] = [];
  done: Promise<void> | null = null;

  add(key: unknown, slot: Slot): void {
    this.keys.push(key);
    this.slots.push(slot);
  }
}

/** What was loaded in one request by one loader with equal globals and attributes; or the batch that is loading it. */
export class LoadCache {
  readonly #entries = new Map<Slot, unknown>();
  readonly #name: string;
  readonly #check: EntryCheck;

  constructor(name: string, check: EntryCheck) {
    this.#name = name;
    this.#check = check;
  }

  get(slot: Slot): unknown {
    return this.#entries.get(slot);
  }

  /** Loads what is missing. Returns a promise when not all is there at once. It never rejects. */
  load(keys: readonly unknown[], slots: readonly Slot[], call: LoadCall): Promise<void> | null {
    let batch: LoadBatch | null = null;
    let waits: Set<Promise<void>> | null = null;
    for (let row = 0; row < keys.length; row++) {
      const key = keys[row];
      if (key === null || key === undefined) continue;
      const slot = slots[row];
      const known = this.#entries.get(slot);
      if (known === undefined) {
        batch ??= new LoadBatch();
        batch.add(key, slot);
        this.#entries.set(slot, batch);
      } else if (known instanceof LoadBatch && known.done !== null) {
        waits ??= new Set();
        waits.add(known.done);
      }
    }
    if (batch !== null) this.#run(batch, call);
    const own = batch?.done ?? null;
    if (waits === null) return own;
    if (own !== null) waits.add(own);
    return Promise.all(waits).then(() => {});
  }

  #run(batch: LoadBatch, call: LoadCall): void {
    try {
      const result = call(batch.keys, batch.slots);
      batch.done = isPromiseLike(result) ? this.#settle(batch, result) : this.#store(batch, result);
    } catch (error) {
      this.#fail(batch, error);
    }
  }

  async #settle(batch: LoadBatch, result: PromiseLike<unknown>): Promise<void> {
    try {
      await this.#store(batch, await result);
    } catch (error) {
      this.#fail(batch, error);
    }
  }

  /** Puts the entries under their keys. Returns a promise when some of them are promises. */
  #store(batch: LoadBatch, result: unknown): Promise<void> | null {
    const { keys, slots } = batch;
    assertEntries(this.#name, result, keys.length);
    let pending: Promise<void>[] | null = null;
    for (let index = 0; index < keys.length; index++) {
      const entry = result[index];
      if (isPromiseLike(entry)) {
        pending ??= [];
        pending.push(this.#storeLater(entry, keys[index], slots[index]));
      } else this.#entries.set(slots[index], this.#checked(entry, keys[index]));
    }
    return pending === null ? null : Promise.all(pending).then(() => {});
  }

  async #storeLater(entry: PromiseLike<unknown>, key: unknown, slot: Slot): Promise<void> {
    let value: unknown;
    try {
      value = this.#checked(await entry, key);
    } catch (error) {
      value = fail(error);
    }
    this.#entries.set(slot, value);
  }

  #checked(entry: unknown, key: unknown): unknown {
    if (entry === undefined || entry === null) return null;
    return entry instanceof Error ? fail(entry) : this.#check(entry, key);
  }

  #fail({ slots }: LoadBatch, error: unknown): void {
    const failure = fail(error);
    for (const slot of slots) this.#entries.set(slot, failure);
  }
}
