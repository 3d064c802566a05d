import { getOrCreate } from '../../utils/getOrCreate.ts';
import { covers, fieldOf } from '../../utils/positions.ts';
import type { ReactiveExtension } from '../../utils/reactiveExtension.ts';
import { type HasChanged, HeldSet, type News } from './HeldSet.ts';
import { idOf } from './Store.ts';

/** A key that a position depends on, with the version under which it was read. */
interface Holding {
  readonly set: HeldSet;
  readonly version: number;
  /** The record of the one object that it concerns; null: it concerns all that is at the position. */
  readonly record: string | null;
}

/** No response depends on more, in all positions together. */
const MAX_HOLDINGS = 1_000_000;

/** A change of the subscriptions of a query. */
export interface Exchange {
  readonly added: HeldSet | null;
  readonly removed: readonly HeldSet[];
}

/** The data that is older than the news. */
export interface Stale {
  readonly positions: readonly string[];
  /** Records of objects whose own fields are stale, by position. */
  readonly objects: ReadonlyMap<string, ReadonlySet<string>>;
  /** How many positions that is, with parts of them. */
  readonly share: number;
}

/**
 * The records of the objects at a position of a response, each once, in order; null for an object without identity. `within`: not
 * in its data, but in the objects that were asked for by their ids, by the place of that entry.
 */
export type RecordsAt = (at: string, within: number | null) => readonly (string | null)[];

/** The dependencies of a query's data, by position, and the news of them since. */
export class Dependencies {
  #positions = new Map<string, Map<string, Holding>>();
  #sets = new Set<HeldSet>();
  #told = new Map<string, number>();

  get sets(): ReadonlySet<HeldSet> {
    return this.#sets;
  }

  /** How many positions below the root depend on something. */
  get size(): number {
    return this.#positions.size - (this.#positions.has('') ? 1 : 0);
  }

  /**
   * Takes the dependencies of a response. `wanted`: the positions that were fetched again; null: all. Dependencies of
   * objects are added to those of their positions.
   */
  take(extension: ReactiveExtension | null, wanted: readonly string[] | null, recordsAt: RecordsAt): Exchange {
    const isGone = (at: string): boolean => wanted === null || wanted.some((position) => covers(position, at));
    for (const at of [...this.#positions.keys()]) if (isGone(at)) this.#positions.delete(at);
    const added = extension === null ? null : this.#add(extension, wanted, recordsAt);
    const live = new Set<HeldSet>();
    const held = new Set<string>();
    for (const holdings of this.#positions.values()) {
      for (const [key, { set }] of holdings) {
        live.add(set);
        held.add(key);
      }
    }
    if (added !== null) live.add(added);
    const removed = [...this.#sets].filter((set) => !live.has(set));
    this.#sets = live;
    for (const key of this.#told.keys()) if (!held.has(key)) this.#told.delete(key);
    return { added, removed };
  }

  /** Notes newer versions. */
  tell(news: News): void {
    for (const [key, version] of news) {
      if (version > (this.#told.get(key) ?? -1) && this.#holds(key)) this.#told.set(key, version);
    }
  }

  /** Notes that a mutation has changed keys, whatever their versions are. Whether any data here depends on them. */
  tellChanged(hasChanged: HasChanged): boolean {
    let isTold = false;
    for (const holdings of this.#positions.values()) {
      for (const [key, { set, version }] of holdings) {
        if (!hasChanged(key, set)) continue;
        isTold = true;
        this.#told.set(key, Math.max(version + 1, this.#told.get(key) ?? 0));
      }
    }
    return isTold;
  }

  /** The positions and objects whose data is older than the news. */
  stale(): Stale {
    const positions: string[] = [];
    const objects = new Map<string, ReadonlySet<string>>();
    let share = 0;
    for (const [at, holdings] of this.#positions) {
      const records = new Set<string>();
      let isWhole = false;
      for (const [key, version] of this.#told) {
        const holding = holdings.get(key);
        if (holding === undefined || holding.version >= version) continue;
        if (holding.record === null) isWhole = true;
        else records.add(holding.record);
      }
      if (isWhole) positions.push(at);
      else if (records.size > 0) objects.set(at, records);
      share += isWhole ? 1 : records.size / holdings.size;
    }
    return { positions, objects, share };
  }

  /** Whether an object is among those that are told apart. */
  hasObject(id: string): boolean {
    for (const holdings of this.#positions.values()) {
      for (const { record } of holdings.values()) if (record !== null && idOf(record) === id) return true;
    }
    return false;
  }

  #holds(key: string): boolean {
    for (const holdings of this.#positions.values()) if (holdings.has(key)) return true;
    return false;
  }

  #add(extension: ReactiveExtension, wanted: readonly string[] | null, recordsAt: RecordsAt): HeldSet | null {
    const { epoch, asOf, keys, versions = [], groups = [], objects = [], grant } = extension;
    if (epoch === undefined || asOf === undefined || keys === undefined || grant === undefined) return null;
    const set = new HeldSet({ epoch, seq: asOf }, keys, versions, grant);
    let count = 0;
    const hold = (at: string, ranges: readonly number[], records: RecordsAt | null, within: number | null): void => {
      const places = placesOf(ranges, set.keys.length);
      count += places.length;
      if (count > MAX_HOLDINGS) throw new Error('Too many keys.');
      const found = records?.(at, within) ?? [];
      // Keys and objects that cannot be paired concern the whole position.
      const isPaired = found.length === places.length && !found.includes(null);
      for (const [n, place] of places.entries()) {
        const record = (isPaired ? found[n] : null) ?? null;
        if (within !== null && record !== null) this.#forgetObject(at, record);
        this.#hold(at, set.keys[place] ?? '', { set, version: versions[place] ?? 0, record });
      }
    };
    for (const { at, scope, keys: ranges } of groups) {
      const isSelf = scope === 'self';
      if (wanted === null || wanted.some((position) => covers(position, at))) {
        hold(at, ranges, isSelf ? recordsAt : null, null);
      } else if (!isSelf) {
        // The dependencies of a position on the way concern the data fetched below it, too.
        for (const position of wanted) if (covers(fieldOf(at), position)) hold(position, ranges, null, null);
      }
    }
    for (const [entry, { groups: own = [] }] of objects.entries()) {
      for (const { at, scope, keys: ranges } of own) hold(at, ranges, scope === 'self' ? recordsAt : null, entry);
    }
    return set;
  }

  /** An object was fetched again: by another operation its key has another name. */
  #forgetObject(at: string, record: string): void {
    const holdings = this.#positions.get(at);
    for (const [key, known] of holdings ?? []) if (known.record === record) holdings?.delete(key);
  }

  /** A key of a whole position: its data there is as old as the earliest of the key's versions. */
  #hold(at: string, key: string, holding: Holding): void {
    const holdings = getOrCreate(this.#positions, at, () => new Map<string, Holding>());
    const known = holdings.get(key);
    if (known === undefined || (known.record !== null && known.record === holding.record)) holdings.set(key, holding);
    else holdings.set(key, { ...(known.version < holding.version ? known : holding), record: null });
  }
}

/** The places that ranges stand for, of so many keys. */
function placesOf(ranges: readonly number[], keys: number): readonly number[] {
  const places: number[] = [];
  for (let n = 0; n < ranges.length && places.length < keys; n += 2) {
    const [from = 0, count = 0] = ranges.slice(n, n + 2);
    for (let place = Math.max(from, 0); place < Math.min(from + count, keys); place++) places.push(place);
  }
  return places;
}
