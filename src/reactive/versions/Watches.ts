import { propagationChannel, type WatchKind } from '../../telemetry/reactiveChannels.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { type Held, isStale } from './staleness.ts';
import type { Change, Moment, Reading, VersionListener, VersionStore } from './VersionStore.ts';

/** The listener of a watch. */
export interface WatchListener {
  /** The kind of listener, for telemetry. Default `other`. */
  readonly kind?: WatchKind;
  /** These keys have newer versions than the held ones. Called once for each version. */
  onStale(keys: readonly string[], versions: readonly number[]): void;
  /** The epoch ended: everything that is held is stale. */
  onReset(): void;
}

/** Keys in how many parts are read again after a gap. */
const CHUNK = 1000;
const RETRY_MS = 100;

/**
 * The watches of this process, by key. First a watch is known, then the versions are read: changes between the two are
 * told. After a gap all watched keys are read again.
 */
export class Watches implements VersionListener {
  readonly #store: VersionStore;
  readonly #byKey = new Map<string, Watch | Set<Watch>>();
  readonly #all = new Set<Watch>();
  readonly #unlisten: () => void;
  #again: NodeJS.Timeout | null = null;
  #isRereading = false;
  #isDirty = false;

  constructor(store: VersionStore) {
    this.#store = store;
    this.#unlisten = store.listen(this);
  }

  /** How many keys are watched, and by how many watches. */
  get size(): { readonly keys: number; readonly watches: number } {
    return { keys: this.#byKey.size, watches: this.#all.size };
  }

  /** Watches the keys of one holder, until the function that it returns is called. Older keys are told at once. */
  watch(held: Held, listener: WatchListener): () => void {
    const watch = new Watch(held, listener);
    this.#all.add(watch);
    for (const key of watch.held.keys()) this.#index(key, watch);
    try {
      const read = this.#check([watch], held.keys);
      if (isPromiseLike(read)) read.then(undefined, () => this.#rereadLater());
    } catch {
      this.#rereadLater();
    }
    return () => this.#remove(watch);
  }

  onChange(change: Change): void {
    const stale = new Map<Watch, number[]>();
    for (const [at, key] of change.keys.entries()) {
      for (const watch of this.#watchesOf(key)) {
        const own = stale.get(watch);
        if (own === undefined) stale.set(watch, [at]);
        else own.push(at);
      }
    }
    for (const [watch, places] of stale) {
      if (watch.moment.epoch !== change.epoch) watch.reset();
      else watch.tell(places.map((at) => [itemAt(change.keys, at), itemAt(change.versions, at)]));
    }
    if (propagationChannel.isHeard) this.#report(change, stale.keys());
  }

  /** The keys with the most watches, and their numbers. Looks at no more than `looked` keys. */
  busiest(count: number, looked: number = 200_000): readonly (readonly [key: string, watches: number])[] {
    const found: (readonly [string, number])[] = [];
    let left = looked;
    for (const [key, known] of this.#byKey) {
      if (left-- === 0) break;
      if (known instanceof Set) found.push([key, known.size]);
      else if (found.length < count) found.push([key, 1]);
    }
    return found.sort(([, a], [, b]) => b - a).slice(0, count);
  }

  #report({ epoch, seq, keys }: Change, watches: Iterable<Watch>): void {
    const told = { session: 0, poll: 0, live: 0, other: 0 };
    for (const { kind } of watches) told[kind]++;
    propagationChannel.tell({ versions: this.#store, epoch, seq, keys, told });
  }

  onGap(): void {
    void this.#reread();
  }

  /** Ends all watches, and stops listening to the version store. */
  close(): void {
    this.#unlisten();
    if (this.#again !== null) clearTimeout(this.#again);
    this.#all.clear();
    this.#byKey.clear();
  }

  #index(key: string, watch: Watch): void {
    const known = this.#byKey.get(key);
    if (known === undefined) this.#byKey.set(key, watch);
    else if (known instanceof Watch) this.#byKey.set(key, new Set([known, watch]));
    else known.add(watch);
  }

  #remove(watch: Watch): void {
    this.#all.delete(watch);
    watch.isOver = true;
    for (const key of watch.held.keys()) {
      const known = this.#byKey.get(key);
      if (known === watch) this.#byKey.delete(key);
      else if (known instanceof Set) {
        known.delete(watch);
        if (known.size === 0) this.#byKey.delete(key);
      }
    }
  }

  #watchesOf(key: string): Iterable<Watch> {
    const known = this.#byKey.get(key);
    if (known === undefined) return [];
    return known instanceof Watch ? [known] : known;
  }

  /** Reads keys, and tells those watches of them which hold older versions. */
  #check(watches: Iterable<Watch>, keys: readonly string[]): MaybePromise<void> {
    const compare = (reading: Reading): void => {
      for (const watch of watches) watch.compare(keys, reading);
    };
    const reading = this.#store.read(keys);
    return isPromiseLike(reading) ? reading.then(compare) : compare(reading);
  }

  async #reread(): Promise<void> {
    this.#isDirty = true;
    if (this.#isRereading) return;
    this.#isRereading = true;
    try {
      while (this.#isDirty) {
        this.#isDirty = false;
        const keys = [...this.#byKey.keys()];
        for (let at = 0; at < keys.length; at += CHUNK) {
          const part = keys.slice(at, at + CHUNK);
          await this.#check(new Set(part.flatMap((key) => [...this.#watchesOf(key)])), part);
        }
      }
    } catch {
      this.#rereadLater();
    } finally {
      this.#isRereading = false;
    }
  }

  /** The store does not answer. All watches stay. */
  #rereadLater(): void {
    this.#again ??= setTimeout(() => {
      this.#again = null;
      void this.#reread();
    }, RETRY_MS).unref();
  }
}

/** The keys of one listener: the newest version of each that it has or was told of. */
class Watch {
  readonly held: Map<string, number>;
  readonly moment: Moment;
  readonly kind: WatchKind;
  readonly #listener: WatchListener;
  isOver = false;

  constructor({ keys, versions, epoch, seq }: Held, listener: WatchListener) {
    this.held = new Map(keys.map((key, at) => [key, itemAt(versions, at)]));
    this.moment = { epoch, seq };
    this.kind = listener.kind ?? 'other';
    this.#listener = listener;
  }

  compare(keys: readonly string[], reading: Reading): void {
    if (this.isOver) return;
    if (reading.epoch !== this.moment.epoch) return this.reset();
    const news: [string, number][] = [];
    for (const [at, key] of keys.entries()) {
      const version = this.held.get(key);
      if (version === undefined || !isStale(this.moment, version, reading, at)) continue;
      news.push([key, Math.max(version + 1, reading.states[at]?.version ?? 0)]);
    }
    this.tell(news);
  }

  tell(news: readonly (readonly [key: string, version: number])[]): void {
    if (this.isOver) return;
    const newer = news.filter(([key, version]) => version > (this.held.get(key) ?? Number.POSITIVE_INFINITY));
    if (newer.length === 0) return;
    for (const [key, version] of newer) this.held.set(key, version);
    this.#listener.onStale(
      newer.map(([key]) => key),
      newer.map(([, version]) => version),
    );
  }

  reset(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#listener.onReset();
  }
}
