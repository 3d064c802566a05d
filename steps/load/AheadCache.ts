import type { AheadOwner } from '../../src/step/ahead/StartsAhead.ts';
import { fail, isSignal } from '../../src/step/signals.ts';
import type { AskedAhead } from '../../src/utils/AskedAhead.ts';
import { closeAsync, isAsyncIterable } from '../../src/utils/asyncIterables.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import type { RecordDependencies } from '../../src/utils/RecordDependencies.ts';
import { assertEntries } from './assertEntries.ts';
import type { LoadCache, LoadCall, Slot } from './LoadCache.ts';

type Entries = readonly unknown[];

/** For whom a key was started, and who is told when it is needed. */
export interface StartedKey {
  readonly owner: AheadOwner;
  readonly wasUsed: (count: number) => void;
  /** What was asked for below the loader; null where nobody counts that. */
  readonly asked: AskedAhead | null;
}

/** A key that was started, and its place in the call. */
interface Started {
  readonly by: StartedKey;
  readonly at: number;
  isUsed: boolean;
}

/**
 * What was loaded before its turn, by one loader with equal globals and attributes. Nobody sees it until the same is
 * asked for in its turn. What failed is then asked for again: it has failed for nobody.
 */
export class AheadCache {
  readonly #loads: LoadCache;
  /** The attribute with a list of objects, each of which may have failed; null where there is none. */
  readonly #listOf: string | null;
  readonly #started = new Map<Slot, Started>();
  /** By slot, and for all under `this`: what the answers depend on. */
  #dependencies: Map<unknown, string[]> | null = null;

  constructor(loads: LoadCache, listOf: string | null) {
    this.#loads = loads;
    this.#listOf = listOf;
  }

  has(slot: Slot): boolean {
    return this.#started.has(slot);
  }

  /** The entries, of which those are loaded that were not started before. */
  start(keys: readonly unknown[], slots: readonly Slot[], by: StartedKey, call: LoadCall): MaybePromise<Entries> {
    let at = 0;
    for (const slot of slots) if (!this.#started.has(slot)) this.#started.set(slot, { by, at: at++, isUsed: false });
    return this.#loads.load(keys, slots, (missing, missingSlots) => withoutIterators(call(missing, missingSlots)));
  }

  noteDependency(dependency: string, slot: Slot | undefined): void {
    this.#dependencies ??= new Map();
    const of = slot === undefined ? this : slot;
    const known = this.#dependencies.get(of);
    if (known === undefined) this.#dependencies.set(of, [dependency]);
    else known.push(dependency);
  }

  /** Notes that what was started is asked for. */
  use(slots: readonly Slot[]): void {
    for (const slot of slots) {
      const started = this.#started.get(slot);
      if (started === undefined || started.isUsed) continue;
      started.isUsed = true;
      const { owner, wasUsed, asked } = started.by;
      owner.used++;
      wasUsed(1);
      asked?.use(started.at);
    }
  }

  /** Answers keys with what was started; asks for the rest, and for what had failed. */
  take(
    name: string,
    keys: readonly unknown[],
    slots: readonly Slot[],
    record: RecordDependencies | null,
    call: LoadCall,
  ): unknown {
    const held: number[] = [];
    const others: number[] = [];
    for (let at = 0; at < keys.length; at++) (this.#started.has(slots[at]) ? held : others).push(at);
    if (held.length === 0) return call(keys, slots);
    const entries: unknown[] = new Array(keys.length);
    const ask = (places: readonly number[]): MaybePromise<void> => this.#ask(name, keys, slots, places, entries, call);
    const landed = this.#loads.load(
      held.map((at) => keys[at]),
      held.map((at) => slots[at]),
      () => [],
    );
    const put = (found: Entries): MaybePromise<void> => {
      const failed: number[] = [];
      for (const [i, at] of held.entries()) {
        entries[at] = found[i];
        if (this.#hasFailed(found[i])) failed.push(at);
        else if (record !== null) this.#replay(slots[at], keys[at], record);
      }
      return failed.length === 0 ? undefined : ask(failed);
    };
    const ends = [
      others.length === 0 ? undefined : ask(others),
      isPromiseLike(landed) ? landed.then(put) : put(landed),
    ];
    return ends.some(isPromiseLike) ? Promise.all(ends).then(() => entries) : entries;
  }

  #hasFailed(entry: unknown): boolean {
    if (typeof entry !== 'object' || entry === null) return false;
    if (isSignal(entry)) return true;
    const list = this.#listOf === null ? undefined : (entry as Readonly<Record<string, unknown>>)[this.#listOf];
    return Array.isArray(list) && list.some((one) => one instanceof Error);
  }

  #replay(slot: Slot, key: unknown, record: RecordDependencies): void {
    for (const of of [slot, this]) {
      const dependencies = this.#dependencies?.get(of);
      if (dependencies !== undefined) record('', dependencies, new Array(dependencies.length).fill(key));
    }
  }

  /** A call that fails as a whole fails what it was for, and not what had come before. */
  #ask(
    name: string,
    keys: readonly unknown[],
    slots: readonly Slot[],
    places: readonly number[],
    entries: unknown[],
    call: LoadCall,
  ): MaybePromise<void> {
    const failed = (error: unknown): void => {
      for (const at of places) entries[at] = fail(error);
    };
    const put = (result: unknown): void => {
      assertEntries(name, result, places.length);
      for (const [i, at] of places.entries()) entries[at] = result[i];
    };
    try {
      const result = call(
        places.map((at) => keys[at]),
        places.map((at) => slots[at]),
      );
      if (isPromiseLike(result)) return result.then(put).then(undefined, failed);
      put(result);
    } catch (error) {
      failed(error);
    }
    return undefined;
  }
}

/** An iterator that nobody may ever read is closed; it is asked for anew by who reads it. */
function withoutIterators(result: unknown): unknown {
  if (isPromiseLike(result)) return result.then(withoutIterators);
  if (!Array.isArray(result)) return result;
  return result.map((entry: unknown) => {
    if (!isAsyncIterable(entry)) return entry;
    closeAsync(entry);
    return fail(new Error('Iterators are read in their turn.'));
  });
}
