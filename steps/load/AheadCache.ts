import type { AheadOwner } from '../../src/step/ahead/StartsAhead.ts';
import { fail, isSignal } from '../../src/step/signals.ts';
import type { AskedAhead } from '../../src/utils/AskedAhead.ts';
import { closeAsync, isAsyncIterable } from '../../src/utils/asyncIterables.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import { type ReadEarly, watchData, watchNested } from '../../src/utils/watchPromise.ts';
import { assertEntries } from './assertEntries.ts';
import { KeyIndex } from './KeyIndex.ts';
import { type EntryCheck, LoadBatch, type LoadCache, type LoadCall } from './LoadCache.ts';
import type { CallRecords } from './LoadDependencies.ts';
import { type MapKey, mapKeyOf } from './mapKeys.ts';

type Entries = readonly unknown[];

/** The step whose keys were started, and the function that counts those that were needed. */
export interface StartedKey {
  readonly owner: AheadOwner;
  readonly wasUsed: (count: number) => void;
  /** The keys that were asked for below the loader; null where they are not counted. */
  readonly asked: AskedAhead | null;
  /** The dependencies that the call records; null where they were not asked for. */
  records: CallRecords | null;
}

/** The keys of one call that was made ahead. */
interface AheadBatch {
  readonly index: KeyIndex;
  readonly loading: LoadBatch;
  readonly by: StartedKey;
  readonly isUsed: boolean[];
}

/** Where the answers to some keys are, or will be: lists side by side, without an object a key. */
class EarlyAnswers {
  /** Null where there is no key. */
  readonly batches: (AheadBatch | null)[] = [];
  readonly ats: number[] = [];

  add(batch: AheadBatch | null, at: number): void {
    this.batches.push(batch);
    this.ats.push(at);
  }

  /** Notes that all of them are asked for. */
  use(): void {
    for (let i = 0; i < this.ats.length; i++) {
      const batch = this.batches[i] ?? null;
      if (batch !== null) use(batch, itemAt(this.ats, i));
    }
  }

  /** The records of the call whose keys these are, each once and in order; null where they are those of no call. */
  get records(): CallRecords | null {
    let first: AheadBatch | null = null;
    let count = 0;
    for (let i = 0; i < this.ats.length; i++) {
      const batch = this.batches[i] ?? null;
      if (batch === null) continue;
      first ??= batch;
      if (batch !== first || this.ats[i] !== count++) return null;
    }
    return first === null || first.index.size !== count ? null : first.by.records;
  }

  /** The entries, when all have come. */
  entries(): MaybePromise<Entries> {
    const { batches, ats } = this;
    const read = (): Entries => {
      const out: unknown[] = new Array(ats.length);
      for (let i = 0; i < out.length; i++) {
        const batch = batches[i] ?? null;
        out[i] = batch === null ? null : batch.loading.value?.[itemAt(ats, i)];
      }
      return out;
    };
    const waits: LoadBatch[] = [];
    let last: AheadBatch | null = null;
    for (const batch of batches) {
      if (batch === last || batch === null) continue;
      last = batch;
      if (batch.loading.value === undefined && !waits.includes(batch.loading)) waits.push(batch.loading);
    }
    return waits.length === 0 ? read() : Promise.all(waits).then(read);
  }
}

/**
 * The loads that one loader with equal globals and attributes started before their turn. They stay hidden until the same
 * keys are asked for in their turn. A failed load is then asked for again: its error reached nobody.
 */
export class AheadCache {
  readonly #name: string;
  readonly #check: EntryCheck;
  /** The attribute with a list of objects, where each may have failed; null where there is none. */
  readonly #listOf: string | null;
  readonly #givesData: boolean;
  readonly #batches: AheadBatch[] = [];

  /** `givesData`: no entry holds a promise. */
  constructor(name: string, check: EntryCheck, listOf: string | null, givesData: boolean) {
    this.#name = name;
    this.#check = check;
    this.#listOf = listOf;
    this.#givesData = givesData;
  }

  /** Starts at most `limit` keys that were not started before, nor asked for in their turn. How many, and the answers to all. */
  start(
    keys: readonly unknown[],
    limit: number,
    cache: LoadCache,
    by: StartedKey,
    call: LoadCall,
    readEarly: ReadEarly,
  ): { readonly count: number; readonly entries: MaybePromise<Entries> } {
    const index = new KeyIndex();
    const own: unknown[] = [];
    const others = new EarlyAnswers();
    for (const key of keys) {
      if (key === null || key === undefined || this.#find(key, others)) continue;
      if (own.length < limit && !(!cache.isEmpty && cache.has(mapKeyOf(key))) && index.add(key)) own.push(key);
    }
    if (own.length === 0) return { count: 0, entries: others.entries() };
    const loading = new LoadBatch(this.#name, this.#check, own, [], 0);
    this.#batches.push({ index, loading, by, isUsed: [] });
    const entries = loading.ask((missing, mapKeys) => this.#watched(call(missing, mapKeys), readEarly));
    if (others.ats.length === 0) return { count: own.length, entries };
    const rest = others.entries();
    if (!isPromiseLike(entries) && !isPromiseLike(rest)) return { count: own.length, entries: [...entries, ...rest] };
    return { count: own.length, entries: Promise.all([entries, rest]).then((all) => all.flat()) };
  }

  /**
   * The answers to all keys, where all were started; else, and where one of them failed, the result of `otherwise`. `tell` is
   * called when they are there, with the records of the call for these very keys, if one call was.
   */
  takeAll(
    keys: readonly unknown[],
    otherwise: () => MaybePromise<Entries>,
    tell: ((records: CallRecords | null) => void) | null,
  ): MaybePromise<Entries> {
    const places = new EarlyAnswers();
    for (let row = 0; row < keys.length; row++) {
      const key = keys[row];
      if (key === null || key === undefined) places.add(null, 0);
      else if (!this.#find(key, places)) return otherwise();
    }
    places.use();
    const take = (entries: Entries): MaybePromise<Entries> => {
      if (entries.some((entry) => this.#hasFailed(entry))) return otherwise();
      tell?.(places.records);
      return entries;
    };
    const entries = places.entries();
    return isPromiseLike(entries) ? entries.then(take) : take(entries);
  }

  /** Notes that started keys are asked for. */
  use(keys: readonly unknown[]): void {
    for (const key of keys) {
      for (const batch of this.#batches) {
        const at = batch.index.find(key);
        if (at === undefined) continue;
        use(batch, at);
        break;
      }
    }
  }

  /** Answers started keys; asks for the rest, and for keys whose start failed. */
  take(keys: readonly unknown[], mapKeys: readonly MapKey[], call: LoadCall): unknown {
    const held: number[] = [];
    const places = new EarlyAnswers();
    const others: number[] = [];
    for (let at = 0; at < keys.length; at++) (this.#find(keys[at], places) ? held : others).push(at);
    if (held.length === 0) return call(keys, mapKeys);
    const entries: unknown[] = new Array(keys.length);
    const ask = (missing: readonly number[]): MaybePromise<void> => this.#ask(keys, mapKeys, missing, entries, call);
    const landed = places.entries();
    const put = (found: Entries): MaybePromise<void> => {
      const failed: number[] = [];
      for (const [i, at] of held.entries()) {
        entries[at] = found[i];
        if (this.#hasFailed(found[i])) failed.push(at);
      }
      return failed.length === 0 ? undefined : ask(failed);
    };
    const ends = [
      others.length === 0 ? undefined : ask(others),
      isPromiseLike(landed) ? landed.then(put) : put(landed),
    ];
    return ends.some(isPromiseLike) ? Promise.all(ends).then(() => entries) : entries;
  }

  /** Whether a key was started: its place is added. */
  #find(key: unknown, places: EarlyAnswers): boolean {
    for (const batch of this.#batches) {
      const at = batch.index.find(key);
      if (at === undefined) continue;
      places.add(batch, at);
      return true;
    }
    return false;
  }

  #hasFailed(entry: unknown): boolean {
    if (typeof entry !== 'object' || entry === null) return false;
    if (isSignal(entry)) return true;
    const list: unknown = this.#listOf === null ? undefined : Reflect.get(entry, this.#listOf);
    return Array.isArray(list) && list.some((one) => one instanceof Error);
  }

  /**
   * A result that may be thrown away, or wait long for the step that reads it. Async iterables in it are closed, and a reader
   * asks for them anew; iterators are read, for they may hold promises.
   */
  #watched(result: unknown, readEarly: ReadEarly): unknown {
    if (isPromiseLike(result)) return result.then((found) => this.#watched(found, readEarly));
    if (!Array.isArray(result)) return result;
    if (this.#givesData) watchNested(result);
    else watchData(result, readEarly);
    return result.map((entry: unknown) => {
      if (!isAsyncIterable(entry)) return entry;
      closeAsync(entry);
      return fail(new Error('Iterators are read in their turn.'));
    });
  }

  /** A call that fails as a whole fails its own keys, and not the earlier ones. */
  #ask(
    keys: readonly unknown[],
    mapKeys: readonly MapKey[],
    places: readonly number[],
    entries: unknown[],
    call: LoadCall,
  ): MaybePromise<void> {
    const failed = (error: unknown): void => {
      for (const at of places) entries[at] = fail(error);
    };
    const put = (result: unknown): void => {
      watchNested(result); // other keys may come later, and a list may throw behind its promises
      assertEntries(this.#name, result, places.length);
      for (const [i, at] of places.entries()) entries[at] = result[i];
    };
    try {
      const result = call(
        places.map((at) => keys[at]),
        places.map((at) => mapKeys[at]),
      );
      if (isPromiseLike(result)) return result.then(put).then(undefined, failed);
      put(result);
    } catch (error) {
      failed(error);
    }
    return undefined;
  }
}

function use({ by, isUsed }: AheadBatch, at: number): void {
  if (isUsed[at] === true) return;
  isUsed[at] = true;
  by.owner.used++;
  by.wasUsed(1);
  by.asked?.use(at);
}
