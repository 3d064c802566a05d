import { observeLoadFailure } from '../../src/step/observeLoad.ts';
import { fail } from '../../src/step/signals.ts';
import { Eventual } from '../../src/utils/Eventual.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import { watchNested } from '../../src/utils/watchPromise.ts';
import { assertEntries } from './assertEntries.ts';
import { allMapKeys, DistinctTuples, type MapKey, type MapKeys } from './mapKeys.ts';

/** Asks the loader for the keys that are missing. */
export type LoadCall = (keys: readonly unknown[], mapKeys: MapKeys) => unknown;

const NOWHERE = -1;

/** Turns one entry of a loader's result into the entry of its rows. */
export type EntryCheck = (entry: unknown, key: unknown) => unknown;

type Entries = readonly unknown[];

/** The entries of one call of a loader, which it may still be waiting for. */
export class LoadBatch extends Eventual<Entries> {
  readonly keys: readonly unknown[];
  readonly #mapKeys: MapKeys;
  /** Where in the cache its entries begin. */
  readonly from: number;
  readonly #name: string;
  readonly #check: EntryCheck;

  constructor(name: string, check: EntryCheck, keys: readonly unknown[], mapKeys: MapKeys, from: number) {
    super();
    this.#name = name;
    this.#check = check;
    this.keys = keys;
    this.#mapKeys = mapKeys;
    this.from = from;
  }

  get mapKeys(): readonly MapKey[] {
    return allMapKeys(this.#mapKeys);
  }

  ask(call: LoadCall): Entries | LoadBatch {
    try {
      // Its own list: loaders cut up their lists.
      const result = call(this.keys.slice(), this.#mapKeys);
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
 * Each batch begins where the one before it ends; `#size` keys were asked for. `#highest` is the last of all map keys, as long as
 * each was above the one before it: then a map key above it is new (`#isUnseen`: nobody has looked at those of the first batch).
 * `#places` has the place of each map key: its index in its batch, counted from the start of the batch. It is made when a load may
 * ask for a key that is there: mostly keys rise, or there is one batch.
 */
export class LoadCache {
  readonly #batches: LoadBatch[] = [];
  #size = 0;
  #highest: MapKey = undefined;
  #isUnseen = false;
  #places: Map<MapKey, number> | null = null;
  readonly #name: string;
  readonly #check: EntryCheck;

  constructor(name: string, check: EntryCheck) {
    this.#name = name;
    this.#check = check;
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  has(mapKey: MapKey): boolean {
    return this.#batches.length > 0 && this.#index().has(mapKey);
  }

  /** The entries for all rows; missing ones are loaded. A promise of them never rejects. */
  load(keys: readonly unknown[], own: MapKeys, call: LoadCall): Entries | PromiseLike<Entries> {
    const from = this.#size;
    if (from === 0 && this.#places === null && own instanceof DistinctTuples) {
      this.#isUnseen = true;
      return this.#ask(keys, own, call);
    }
    const mapKeys = allMapKeys(own);
    if (this.#places === null) {
      if (this.#isUnseen) this.#seeFirst();
      if ((from === 0 || this.#highest !== undefined) && rise(mapKeys, this.#highest)) {
        this.#highest = mapKeys[mapKeys.length - 1];
        return this.#ask(keys, mapKeys, call);
      }
      this.#highest = undefined;
      if (from === 0 && areDistinct(mapKeys)) return this.#ask(keys, mapKeys, call);
    }
    const places = this.#index();
    const met = countNew(places, mapKeys, from);
    // Mostly each row has a key that was not met before: then the rows are the batch.
    if (met === mapKeys.length) return this.#ask(keys, mapKeys, call);
    return this.#loadMissing(places, keys, mapKeys, from, met, call);
  }

  #seeFirst(): void {
    this.#isUnseen = false;
    const { mapKeys } = itemAt(this.#batches, 0);
    if (rise(mapKeys, undefined)) this.#highest = mapKeys[mapKeys.length - 1];
  }

  #index(): Map<MapKey, number> {
    if (this.#places === null) {
      this.#places = new Map();
      for (const { mapKeys, from } of this.#batches) countNew(this.#places, mapKeys, from);
    }
    return this.#places;
  }

  /** For rows whose first `met` have new keys and have their places already; the next one has not. */
  #loadMissing(
    index: Map<MapKey, number>,
    keys: readonly unknown[],
    mapKeys: readonly MapKey[],
    from: number,
    met: number,
    call: LoadCall,
  ): Entries | PromiseLike<Entries> {
    const missing = keys.slice(0, met);
    const missingSlots = mapKeys.slice(0, met);
    const places = Array.from(missing, (_, row) => from + row);
    const waits = new Set<PromiseLike<unknown>>();
    for (let row = met; row < mapKeys.length; row++) {
      const mapKey = mapKeys[row];
      let place = mapKey === null || mapKey === undefined ? NOWHERE : index.get(mapKey);
      if (place === undefined) {
        place = index.size;
        index.set(mapKey, place);
        missing.push(keys[row]);
        missingSlots.push(mapKey);
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
  #ask(keys: readonly unknown[], mapKeys: MapKeys, call: LoadCall): Entries | LoadBatch {
    const batch = new LoadBatch(this.#name, this.#check, keys, mapKeys, this.#size);
    this.#batches.push(batch);
    this.#size += keys.length;
    return batch.ask(call);
  }
}

/**
 * Whether map keys rise, beginning above `after`: numbers, or texts (the shorter one is the lower). Then no two are the
 * same, and none was there before. Ids mostly rise where rows come in the order in which they were made.
 */
export function rise(mapKeys: readonly MapKey[], after: MapKey): boolean {
  if (mapKeys.length > 0 && typeof mapKeys[0] === 'string') return textsRise(mapKeys, after);
  let last = typeof after === 'number' ? after : Number.NEGATIVE_INFINITY;
  if (after !== undefined && typeof after !== 'number') return false;
  for (const mapKey of mapKeys) {
    if (typeof mapKey !== 'number' || !(mapKey > last)) return false;
    last = mapKey;
  }
  return mapKeys.length > 0;
}

function textsRise(mapKeys: readonly MapKey[], after: MapKey): boolean {
  if (after !== undefined && typeof after !== 'string') return false;
  let last = after;
  for (let row = 0; row < mapKeys.length; row++) {
    const mapKey = mapKeys[row];
    if (typeof mapKey !== 'string') return false;
    if (last !== undefined && !(mapKey.length > last.length || (mapKey.length === last.length && mapKey > last)))
      return false;
    last = mapKey;
  }
  return true;
}

/** So many are compared one by one: a `Set` takes longer to make. */
const FEW = 16;

/** Whether no key is null or there twice: then each row's entry is the loader's. */
export function areDistinct(mapKeys: readonly MapKey[]): boolean {
  if (mapKeys.length > FEW) {
    const seen = new Set(mapKeys);
    return seen.size === mapKeys.length && !seen.has(null) && !seen.has(undefined);
  }
  for (let row = 0; row < mapKeys.length; row++) {
    const mapKey = mapKeys[row];
    if (mapKey === null || mapKey === undefined || Number.isNaN(mapKey)) return false;
    for (let before = 0; before < row; before++) if (mapKeys[before] === mapKey) return false;
  }
  return true;
}

/** Gives places from `from` on to map keys as long as they are new. Returns how many were. */
function countNew(index: Map<MapKey, number>, mapKeys: readonly MapKey[], from: number): number {
  for (let row = 0; row < mapKeys.length; row++) {
    const mapKey = mapKeys[row];
    if (mapKey === null || mapKey === undefined || index.has(mapKey)) return row;
    index.set(mapKey, from + row);
  }
  return mapKeys.length;
}
