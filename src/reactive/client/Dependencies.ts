import { HeldSet, type NewVersions, type ReactiveExtension } from './HeldSet.ts';
import { covers, fieldOf } from './positions.ts';

/** What one position depends on, and under which versions it was read. */
interface Reading {
  readonly set: HeldSet;
  readonly versions: Map<string, number>;
}

/** What changes in the subscriptions of a query. */
export interface Exchange {
  readonly added: HeldSet | null;
  readonly removed: readonly HeldSet[];
}

/** What the data of a query depends on, by position, and what was told of it since. */
export class Dependencies {
  #positions = new Map<string, Reading>();
  #sets = new Set<HeldSet>();
  #told = new Map<string, number>();

  get sets(): ReadonlySet<HeldSet> {
    return this.#sets;
  }

  /** How many positions depend on something. */
  get size(): number {
    return this.#positions.size;
  }

  /** Takes what a response depends on. `wanted`: the positions that were fetched again; null: all. */
  take(extension: ReactiveExtension | null, wanted: readonly string[] | null): Exchange {
    const isGone = (at: string): boolean => wanted === null || wanted.some((position) => covers(position, at));
    for (const at of [...this.#positions.keys()]) if (isGone(at)) this.#positions.delete(at);
    const added = extension === null ? null : this.#add(extension, wanted);
    const live = new Set([...this.#positions.values()].map(({ set }) => set));
    if (added !== null) live.add(added);
    const removed = [...this.#sets].filter((set) => !live.has(set));
    this.#sets = live;
    const held = new Set([...live].flatMap(({ keys }) => keys));
    for (const key of this.#told.keys()) if (!held.has(key)) this.#told.delete(key);
    return { added, removed };
  }

  /** Notes newer versions. */
  tell(news: NewVersions): void {
    for (const [key, version] of Object.entries(news)) {
      if (version > (this.#told.get(key) ?? -1) && this.#holds(key)) this.#told.set(key, version);
    }
  }

  /** Notes that keys have changed, whatever their versions are. Whether something here depends on them. */
  tellChanged(keys: readonly string[]): boolean {
    let isTold = false;
    for (const { versions } of this.#positions.values()) {
      for (const key of keys) {
        const version = versions.get(key);
        if (version === undefined) continue;
        isTold = true;
        this.#told.set(key, Math.max(version + 1, this.#told.get(key) ?? 0));
      }
    }
    return isTold;
  }

  /** The positions whose data is older than what was told. */
  stale(): string[] {
    const stale: string[] = [];
    for (const [at, { versions }] of this.#positions) {
      for (const [key, version] of this.#told) {
        const held = versions.get(key);
        if (held === undefined || held >= version) continue;
        stale.push(at);
        break;
      }
    }
    return stale;
  }

  #holds(key: string): boolean {
    for (const { versions } of this.#positions.values()) if (versions.has(key)) return true;
    return false;
  }

  #add(extension: ReactiveExtension, wanted: readonly string[] | null): HeldSet | null {
    const { epoch, asOf, keys, versions = [], groups = [], grant } = extension;
    if (epoch === undefined || asOf === undefined || keys === undefined || grant === undefined) return null;
    const set = new HeldSet({ epoch, seq: asOf }, keys, versions, grant);
    const read = new Map<string, Map<string, number>>();
    const note = (at: string, ranges: readonly number[]): void => {
      const own = read.get(at) ?? new Map<string, number>();
      read.set(at, own);
      for (let n = 0; n < ranges.length; n += 2) {
        const [from = 0, count = 0] = ranges.slice(n, n + 2);
        for (let place = from; place < from + count; place++) own.set(set.keys[place] ?? '', versions[place] ?? 0);
      }
    };
    for (const { at, keys: ranges } of groups) {
      if (wanted === null || wanted.some((position) => covers(position, at))) note(at, ranges);
      // What a position on the way depends on decides on what was fetched below it, too.
      else for (const position of wanted) if (covers(fieldOf(at), position)) note(position, ranges);
    }
    for (const [at, own] of read) this.#positions.set(at, { set, versions: own });
    return set;
  }
}
