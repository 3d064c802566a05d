import type { DependencyKey } from './keys/dependencyKeys.ts';
import type { KeyBatch, ThrottleRules } from './keys/ThrottleRules.ts';
import type { WireKey, WireKeys } from './keys/WireKeys.ts';
import { currentTracker } from './tracking/Tracker.ts';
import { tellVersions } from './versions/tellVersions.ts';
import type { VersionStore } from './versions/VersionStore.ts';

const RETRY_MS = 100;
/** More debts than these are forgotten: clients find out when their data is too old for them. */
const MAX_OWED = 100_000;

/** Tells the version store of changes, under all secrets. Changes that it could not be told are owed, and told later. */
export class Invalidations {
  readonly #versions: VersionStore;
  readonly #keys: WireKeys;
  readonly #throttle: ThrottleRules;
  readonly #owed = new Set<WireKey>();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(versions: VersionStore, keys: WireKeys, throttle: ThrottleRules) {
    this.#versions = versions;
    this.#keys = keys;
    this.#throttle = throttle;
  }

  /** Whether the store was told. */
  async tell(keys: readonly DependencyKey[]): Promise<boolean> {
    if (keys.length === 0) return true;
    let isTold = true;
    for (const batch of this.#throttle.batches(keys)) isTold = (await this.#tellBatch(batch)) && isTold;
    return isTold;
  }

  /** The same for callers that cannot repeat it: it is tried until it is done, as long as this process lives. */
  async tellOrOwe(keys: readonly DependencyKey[]): Promise<boolean> {
    if (await this.tell(keys)) return true;
    for (const name of this.#keys.all(this.#throttle.batches(keys).flatMap((batch) => batch.keys))) {
      if (this.#owed.size < MAX_OWED) this.#owed.add(name);
    }
    this.#retryLater();
    return false;
  }

  /** Whether the store was told that anything may have changed. What is owed is told by that, too. */
  async tellEverything(): Promise<boolean> {
    try {
      await this.#versions.beginEpoch();
      return true;
    } catch {
      return false;
    }
  }

  /** Tries once more to pay its debts. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#pay();
  }

  async #tellBatch({ keys, everyMs }: KeyBatch): Promise<boolean> {
    const invalidated = currentTracker()?.invalidated;
    if (everyMs === 0) for (const key of keys) invalidated?.add(key);
    try {
      const names = this.#keys.all(keys);
      if (everyMs === 0) await tellVersions(this.#versions, keys, names);
      else {
        const told = new Set((await tellVersions(this.#versions, keys, names, everyMs)).keys);
        // An owed key has no newer version yet: a client that was told now would fetch it again and again.
        for (const key of keys) if (told.has(this.#keys.of(key))) invalidated?.add(key);
      }
      return true;
    } catch {
      return false;
    }
  }

  #retryLater(): void {
    if (this.#timer !== null || this.#isClosed) return;
    this.#timer = setTimeout(async () => {
      this.#timer = null;
      await this.#pay();
      if (this.#owed.size > 0) this.#retryLater();
    }, RETRY_MS).unref();
  }

  async #pay(): Promise<void> {
    const names = [...this.#owed];
    if (names.length === 0) return;
    for (const name of names) this.#owed.delete(name);
    try {
      await tellVersions(this.#versions, [], names);
    } catch {
      for (const name of names) this.#owed.add(name);
    }
  }
}
