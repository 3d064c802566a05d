import { observeLoadFailure } from '../../src/step/observeLoad.ts';
import { fail } from '../../src/step/signals.ts';
import { Eventual } from '../../src/utils/Eventual.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import { watchNested } from '../../src/utils/watchPromise.ts';
import { assertEntries } from './assertEntries.ts';
import { allSlots, DistinctTuples, type Slot, type Slots } from './slots.ts';

/** Asks the loader for the keys that are missing. */
export type LoadCall = (keys: readonly unknown[], slots: Slots) => unknown;

const NOWHERE = -1;

/** Turns one entry of a loader's result into the entry of its rows. */
export type EntryCheck = (entry: unknown, key: unknown) => unknown;

type Entries = readonly unknown[];

/** The entries of one call of a loader, which it may still be waiting for. */
export class LoadBatch extends Eventual<Entries> {
  readonly keys: readonly unknown[];
  readonly #slots: Slots;
  /** Where in the cache its entries begin. */
  readonly from: number;
  readonly #name: string;
  readonly #check: EntryCheck;

  constructor(name: string, check: EntryCheck, keys: readonly unknown[], slots: Slots, from: number) {
    super();
    this.#name = name;
    this.#check = check;
    this.keys = keys;
    this.#slots = slots;
    this.from = from;
  }

  get slots(): readonly Slot[] {
    return allSlots(this.#slots);
  }

  ask(call: LoadCall): Entries | LoadBatch {
    try {
      // Its own list: loaders cut up their lists.
      const result = call(this.keys.slice(), this.#slots);
      if (!isPromiseLike(result)) this.#take(result);
      else if (result instanceof Eventual) result.whenThere((list) => this.#take(list));
      else {
        Promise.resolve(result).then(
          (list) => this.#take(list),
          (error: unknown) => this.#fail(error),
        );
      }
    } catch (error) {
      this.#fail(error);
    }
    return this.value ?? this;
  }

  #take(result: unknown): void {
    let checked: Entries;
    try {
      checked = this.#checkAll(result, this.keys);
    } catch (error) {
      watchNested(result); // a list may throw behind its promises
      return this.#fail(error);
    }
    this.come(checked);
  }

  /** A failure of the whole is the failure of each. */
  #fail(error: unknown): void {
    observeLoadFailure(this.#name);
    this.come(new Array<unknown>(this.keys.length).fill(fail(error)));
  }

  /** A list of its own: a loader may use the one that it gave again. Promises in it never reject. */
  #checkAll(result: unknown, keys: readonly unknown[]): Entries {
    assertEntries(this.#name, result, keys.length);
    const checked: MaybePromise<unknown>[] = result.slice();
    for (let index = 0; index < checked.length; index++) {
      const given = checked[index];
      const key = keys[index];
      try {
        checked[index] = isPromiseLike(given) ? this.#checkLater(given, key) : this.#checked(given, key);
      } catch (error) {
        checked[index] = fail(error); // it does not let itself be looked at
      }
    }
    return checked;
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

/**
 * The loads of one loader with equal globals and attributes in one request; or the batch that is loading them.
 *
 * Each batch begins where the one before it ends; `#size` keys were asked for. `#highest` is the last of all slots, as long as
 * each was above the one before it: then a slot above it is new (`#isUnseen`: nobody has looked at those of the first batch).
 * `#places` has the place of each slot: its index in its batch, counted from the start of the batch. It is made when a load may
 * ask for a key that is there: mostly keys rise, or there is one batch.
 */
export class LoadCache {
  readonly #batches: LoadBatch[] = [];
  #size = 0;
  #highest: Slot = undefined;
  #isUnseen = false;
  #places: Map<Slot, number> | null = null;
  readonly #name: string;
  readonly #check: EntryCheck;

  constructor(name: string, check: EntryCheck) {
    this.#name = name;
    this.#check = check;
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  has(slot: Slot): boolean {
    return this.#batches.length > 0 && this.#index().has(slot);
  }

  /** The entries for all rows; missing ones are loaded. A promise of them never rejects. */
  load(keys: readonly unknown[], own: Slots, call: LoadCall): Entries | PromiseLike<Entries> {
    const from = this.#size;
    if (from === 0 && this.#places === null && own instanceof DistinctTuples) {
      this.#isUnseen = true;
      return this.#ask(keys, own, call);
    }
    const slots = allSlots(own);
    if (this.#places === null) {
      if (this.#isUnseen) this.#seeFirst();
      if ((from === 0 || this.#highest !== undefined) && rise(slots, this.#highest)) {
        this.#highest = slots[slots.length - 1];
        return this.#ask(keys, slots, call);
      }
      this.#highest = undefined;
      if (from === 0 && areDistinct(slots)) return this.#ask(keys, slots, call);
    }
    const places = this.#index();
    const met = countNew(places, slots, from);
    // Mostly each row has a key that was not met before: then the rows are the batch.
    if (met === slots.length) return this.#ask(keys, slots, call);
    return this.#loadMissing(places, keys, slots, from, met, call);
  }

  #seeFirst(): void {
    this.#isUnseen = false;
    const { slots } = itemAt(this.#batches, 0);
    if (rise(slots, undefined)) this.#highest = slots[slots.length - 1];
  }

  #index(): Map<Slot, number> {
    if (this.#places === null) {
      this.#places = new Map();
      for (const { slots, from } of this.#batches) countNew(this.#places, slots, from);
    }
    return this.#places;
  }

  /** For rows whose first `met` have new keys and have their places already; the next one has not. */
  #loadMissing(
    index: Map<Slot, number>,
    keys: readonly unknown[],
    slots: readonly Slot[],
    from: number,
    met: number,
    call: LoadCall,
  ): Entries | PromiseLike<Entries> {
    const missing = keys.slice(0, met);
    const missingSlots = slots.slice(0, met);
    const places = Array.from(missing, (_, row) => from + row);
    const waits = new Set<PromiseLike<unknown>>();
    for (let row = met; row < slots.length; row++) {
      const slot = slots[row];
      let place = slot === null || slot === undefined ? NOWHERE : index.get(slot);
      if (place === undefined) {
        place = index.size;
        index.set(slot, place);
        missing.push(keys[row]);
        missingSlots.push(slot);
      } else if (place < from && place !== NOWHERE) {
        const batch = this.#batchOf(place);
        if (batch.value === undefined) waits.add(batch);
      }
      places.push(place);
    }
    if (missing.length > 0) {
      const own = this.#ask(missing, missingSlots, call);
      if (own instanceof LoadBatch) waits.add(own);
    }
    const read = (): unknown[] => places.map((place) => (place === NOWHERE ? null : this.#entryAt(place)));
    return waits.size === 0 ? read() : Promise.all(waits).then(read);
  }

  #entryAt(place: number): unknown {
    const { from, value } = this.#batchOf(place);
    return value?.[place - from];
  }

  #batchOf(place: number): LoadBatch {
    let low = 0;
    let high = this.#batches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (itemAt(this.#batches, middle).from <= place) low = middle;
      else high = middle - 1;
    }
    return itemAt(this.#batches, low);
  }

  /** Calls the loader: its entries, checked, or the batch that will have them. */
  #ask(keys: readonly unknown[], slots: Slots, call: LoadCall): Entries | LoadBatch {
    const batch = new LoadBatch(this.#name, this.#check, keys, slots, this.#size);
    this.#batches.push(batch);
    this.#size += keys.length;
    return batch.ask(call);
  }
}

/**
 * Whether slots rise, beginning above `after`: numbers, or texts (the shorter one is the lower). Then no two are the
 * same, and none was there before. Ids mostly rise where rows come in the order in which they were made.
 */
export function rise(slots: readonly Slot[], after: Slot): boolean {
  if (slots.length > 0 && typeof slots[0] === 'string') return textsRise(slots, after);
  let last = typeof after === 'number' ? after : Number.NEGATIVE_INFINITY;
  if (after !== undefined && typeof after !== 'number') return false;
  for (const slot of slots) {
    if (typeof slot !== 'number' || !(slot > last)) return false;
    last = slot;
  }
  return slots.length > 0;
}

function textsRise(slots: readonly Slot[], after: Slot): boolean {
  if (after !== undefined && typeof after !== 'string') return false;
  let last = after;
  for (let row = 0; row < slots.length; row++) {
    const slot = slots[row];
    if (typeof slot !== 'string') return false;
    if (last !== undefined && !(slot.length > last.length || (slot.length === last.length && slot > last)))
      return false;
    last = slot;
  }
  return true;
}

/** So many are compared one by one: a `Set` takes longer to make. */
const FEW = 16;

/** Whether no key is null or there twice: then each row's entry is the loader's. */
export function areDistinct(slots: readonly Slot[]): boolean {
  if (slots.length > FEW) {
    const seen = new Set(slots);
    return seen.size === slots.length && !seen.has(null) && !seen.has(undefined);
  }
  for (let row = 0; row < slots.length; row++) {
    const slot = slots[row];
    if (slot === null || slot === undefined || Number.isNaN(slot)) return false;
    for (let before = 0; before < row; before++) if (slots[before] === slot) return false;
  }
  return true;
}

/** Gives places from `from` on to slots as long as they are new. Returns how many were. */
function countNew(index: Map<Slot, number>, slots: readonly Slot[], from: number): number {
  for (let row = 0; row < slots.length; row++) {
    const slot = slots[row];
    if (slot === null || slot === undefined || index.has(slot)) return row;
    index.set(slot, from + row);
  }
  return slots.length;
}
