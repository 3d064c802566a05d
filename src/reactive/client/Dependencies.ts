import { getOrCreate } from '../../utils/getOrCreate.ts';
import { covers, fieldOf } from '../../utils/positions.ts';
import type { DependencyGroup, ReactiveExtension } from '../../utils/reactiveExtension.ts';
import { type HasChanged, HeldSet, type News } from './HeldSet.ts';
import { idOf } from './Store.ts';

/** A key that a position depends on, with the version under which it was read. */
export interface Holding {
  readonly set: HeldSet;
  readonly version: number;
  /** The records of the objects that it concerns, mostly one; null: it concerns all that is at the position. */
  readonly records: readonly string[] | null;
  /** The position of these objects, where it is above: then it concerns what is below them. Null: they are at the position. */
  readonly above: string | null;
}

/** No response depends on more, in all positions together. */
const MAX_HOLDINGS = 1_000_000;

/** News of a key. */
interface Told {
  readonly version: number;
  /** A mutation has changed the key and did not say its version: an answer that is asked for after this turn is new. */
  readonly until: number;
}

const NEVER = Number.POSITIVE_INFINITY;

/** A change of the subscriptions of a query. */
export interface Exchange {
  readonly added: HeldSet | null;
  readonly removed: readonly HeldSet[];
}

/** Stale data at a position, below some objects above it. */
export interface StaleUnder {
  readonly at: string;
  readonly above: string;
  readonly records: ReadonlySet<string>;
}

/** A key that has a newer version than the data at a position. */
export interface StaleKey {
  readonly at: string;
  readonly key: string;
  /** The newest version. */
  readonly version: number;
  readonly holding: Holding;
}

/** The data that is older than the news. */
export interface Stale {
  readonly positions: readonly string[];
  /** Records of objects whose own fields are stale, by position. */
  readonly objects: ReadonlyMap<string, ReadonlySet<string>>;
  /** Positions at which the data below some objects is stale. */
  readonly under: readonly StaleUnder[];
  /** How many positions that is, with parts of them. */
  readonly share: number;
}

/**
 * The records of the objects at a position of a response, each once, in order; null for an object without identity. `within`: not
 * in its data, but in the objects that were asked for by their ids, by the place of that entry.
 */
export type RecordsAt = (at: string, within: number | null) => readonly (string | null)[];

/** Data below some objects that an answer replaces. */
export interface ReplacedData {
  /** The position of the objects, and their records. */
  readonly above: string;
  readonly records: ReadonlySet<string>;
  /** The positions below them that are replaced. */
  readonly below: readonly string[];
  /** The records at a position below that nothing else shows there. */
  only(at: string): ReadonlySet<string>;
}

/** The dependencies of a query's data, by position, and the news of them since. */
export class Dependencies {
  #positions = new Map<string, Map<string, Holding>>();
  #sets = new Set<HeldSet>();
  #told = new Map<string, Told>();

  get sets(): ReadonlySet<HeldSet> {
    return this.#sets;
  }

  /** How many positions below the root depend on something. */
  get size(): number {
    return this.#positions.size - (this.#positions.has('') ? 1 : 0);
  }

  /**
   * Takes the dependencies of a response that was asked for at `turn`. `wanted`: the positions that were fetched again;
   * null: all. Dependencies of objects are added to those of their positions.
   */
  take(
    extension: ReactiveExtension | null,
    wanted: readonly string[] | null,
    recordsAt: RecordsAt,
    replaced: readonly ReplacedData[],
    turn: number,
  ): Exchange {
    const isGone = (at: string): boolean => wanted === null || wanted.some((position) => covers(position, at));
    for (const at of [...this.#positions.keys()]) if (isGone(at)) this.#positions.delete(at);
    for (const one of replaced) this.#replace(one);
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
    for (const [key, { until }] of this.#told) if (!held.has(key) || until < turn) this.#told.delete(key);
    return { added, removed };
  }

  /** Notes newer versions. */
  tell(news: News): void {
    for (const [key, version] of news) {
      if (version >= this.#versionOf(key) && this.#holds(key)) this.#told.set(key, { version, until: NEVER });
    }
  }

  /** Notes that a mutation that was answered at `turn` has changed keys, whatever their versions are. Whether any data here depends on them. */
  tellChanged(hasChanged: HasChanged, turn: number): boolean {
    let isTold = false;
    for (const holdings of this.#positions.values()) {
      for (const [key, { set, version }] of holdings) {
        if (!hasChanged(key, set)) continue;
        isTold = true;
        this.#told.set(key, { version: Math.max(version + 1, this.#versionOf(key)), until: turn });
      }
    }
    return isTold;
  }

  /** The positions and objects whose data is older than the news. `visit` is called with each of these news. */
  stale(visit?: (change: StaleKey) => void): Stale {
    const positions: string[] = [];
    const objects = new Map<string, ReadonlySet<string>>();
    const under: StaleUnder[] = [];
    let share = 0;
    for (const [at, holdings] of this.#positions) {
      const records = new Map<string | null, Set<string>>();
      let isWhole = false;
      let count = 0;
      for (const [key, { version }] of this.#told) {
        const holding = holdings.get(key);
        if (holding === undefined || holding.version >= version) continue;
        visit?.({ at, key, version, holding });
        count++;
        if (holding.records === null) isWhole = true;
        const known = getOrCreate(records, holding.above, () => new Set<string>());
        for (const record of holding.records ?? []) known.add(record);
      }
      share += isWhole ? 1 : count / holdings.size;
      if (isWhole) positions.push(at);
      else {
        for (const [above, own] of records) {
          if (above === null) objects.set(at, own);
          else under.push({ at, above, records: own });
        }
      }
    }
    return { positions, objects, under, share };
  }

  /** Whether an object is among those whose keys are held one by one. */
  hasObject(id: string): boolean {
    for (const holdings of this.#positions.values()) {
      for (const { records } of holdings.values()) if (records?.some((record) => idOf(record) === id)) return true;
    }
    return false;
  }

  #versionOf(key: string): number {
    return this.#told.get(key)?.version ?? 0;
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
    const hold = (at: string, group: DependencyGroup, records: RecordsAt | null, within: number | null): void => {
      const places = placesOf(group.keys, set.keys.length);
      count += places.length;
      if (count > MAX_HOLDINGS) throw new Error('Too many keys.');
      const above = group.scope === 'under' ? (group.under ?? '') : null;
      const found = records === null ? [] : recordsByKey(group, records(above ?? at, within), places.length);
      // Keys and objects that cannot be paired concern the whole position.
      const isPaired = found.length === places.length && !found.includes(null);
      for (const [n, place] of places.entries()) {
        const record = (isPaired ? found[n] : null) ?? null;
        if (within !== null && record !== null && above === null) this.#forgetObject(at, record);
        const own = record === null ? { records: null, above: null } : { records: [record], above };
        this.#hold(at, set.keys[place] ?? '', { set, version: versions[place] ?? 0, ...own });
      }
    };
    for (const group of groups) {
      const { at, scope } = group;
      if (wanted === null || wanted.some((position) => covers(position, at))) {
        hold(at, group, scope === 'field' ? null : recordsAt, null);
      } else if (scope !== 'self') {
        // The dependencies of a position on the way concern the data fetched below it, too.
        for (const position of wanted) if (covers(fieldOf(at), position)) hold(position, group, null, null);
      }
    }
    for (const [entry, { groups: own = [] }] of objects.entries()) {
      for (const group of own) hold(group.at, group, group.scope === 'field' ? null : recordsAt, entry);
    }
    return set;
  }

  /** An object was fetched again: by another operation its key has another name. */
  #forgetObject(at: string, record: string): void {
    const holdings = this.#positions.get(at);
    for (const [key, known] of holdings ?? []) {
      if (known.above === null && known.records?.[0] === record) holdings?.delete(key);
    }
  }

  /** Gives up the keys of data below some objects, and those of the objects there that nothing else shows. */
  #replace({ above, records, below, only }: ReplacedData): void {
    for (const [at, holdings] of this.#positions) {
      if (!below.some((position) => covers(position, at))) continue;
      for (const [key, holding] of holdings) {
        if (holding.records === null) continue;
        const gone = holding.above === above ? records : only(holding.above ?? at);
        const left = holding.records.filter((record) => !gone.has(record));
        if (left.length === 0) holdings.delete(key);
        else if (left.length < holding.records.length) holdings.set(key, { ...holding, records: left });
      }
      if (holdings.size === 0) this.#positions.delete(at); // a share of no keys is no number
    }
  }

  /** Data at a position is as old as the earliest of a key's versions. */
  #hold(at: string, key: string, holding: Holding): void {
    const holdings = getOrCreate(this.#positions, at, () => new Map<string, Holding>());
    const known = holdings.get(key);
    if (known === undefined) return void holdings.set(key, holding);
    const older = known.version < holding.version ? known : holding;
    if (known.records === null || holding.records === null || known.above !== holding.above) {
      holdings.set(key, { ...older, records: null, above: null });
    } else if (known.records.every((record) => holding.records?.includes(record))) {
      holdings.set(key, holding);
    } else {
      holdings.set(key, { ...older, records: [...new Set([...known.records, ...holding.records])] });
    }
  }
}

/** The record of each key of a group, where its objects have these records. */
function recordsByKey(
  { scope, each = [] }: DependencyGroup,
  records: readonly (string | null)[],
  count: number,
): readonly (string | null)[] {
  if (scope === 'self') return records;
  const found: (string | null)[] = [];
  let object = 0;
  for (let n = 0; n + 1 < each.length; n += 2) {
    for (let left = each[n + 1] ?? 0; left > 0 && found.length < count; left--) {
      const record = records[object++] ?? null;
      for (let key = each[n] ?? 0; key > 0 && found.length < count; key--) found.push(record);
    }
  }
  return object === records.length ? found : [];
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
