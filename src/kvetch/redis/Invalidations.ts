import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheKey } from './cacheKeys.ts';
import { isError } from './commands.ts';
import type { RedisCacheStats } from './RedisCacheStats.ts';
import type { RedisLink } from './RedisLink.ts';
import { endLease, removeTouched } from './scripts.ts';

/** A written edge of an ordered list, by the key of the list's entry. `orderKey`: null for one that is gone. */
export interface Touched {
  readonly key: CacheKey;
  readonly toId: string;
  readonly orderKey: string | null;
  /** Whether the entry is of the list's last edges. */
  readonly isFromEnd: boolean;
}

const RETRY_MS = 50;
const MAX_DIRTY = 100_000;
const BATCH = 500;

/**
 * Removes the entries that writes have changed; writes never fill entries. An entry that could not be removed is *dirty*:
 * this process keeps trying to remove it, and does not read it from Redis until then.
 */
export class Invalidations {
  readonly #link: RedisLink;
  readonly #stats: RedisCacheStats;
  readonly #onOverflow: () => void;
  readonly #dirty = new Map<string, { readonly key: CacheKey }>();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  /** `onOverflow` is called when there are more dirty entries than can be remembered: then nothing in Redis may be read. */
  constructor(link: RedisLink, stats: RedisCacheStats, onOverflow: () => void) {
    this.#link = link;
    this.#stats = stats;
    this.#onOverflow = onOverflow;
  }

  /** Whether any entry is dirty. */
  get hasDirty(): boolean {
    return this.#dirty.size > 0;
  }

  isDirty(key: CacheKey): boolean {
    return this.hasDirty && this.#dirty.has(key.entry);
  }

  /** Removes entries, and with them the leases of fills under way. Returns whether all are removed. */
  async remove(keys: readonly CacheKey[], touched: readonly Touched[] = []): Promise<boolean> {
    const unique = new Map(keys.map((key) => [key.entry, key]));
    const once = new Map<string, Touched>();
    for (const one of touched) {
      const { entry } = one.key;
      if (once.has(entry)) unique.set(entry, one.key);
      once.set(entry, one);
    }
    const some = [...once.values()].filter(({ key }) => !unique.has(key.entry));
    const behind = this.#removeTouched(some);
    const all = [...unique.values()];
    let isDone = true;
    for (let at = 0; at < all.length; at += BATCH) {
      const batch = all.slice(at, at + BATCH);
      isDone = this.#settle(batch, await this.#link.send(batch.map(removal))) && isDone;
    }
    return (await behind) && isDone;
  }

  /** Removes entries of ordered lists, but those that a write has not touched. */
  async #removeTouched(touched: readonly Touched[]): Promise<boolean> {
    if (touched.length === 0) return true;
    const calls = touched.map(({ key, toId, orderKey, isFromEnd }) => ({
      key,
      args: [toId, orderKey === null ? '' : `k${orderKey}`, isFromEnd ? 1 : 0],
    }));
    const keys = touched.map(({ key }) => key);
    return this.#settle(keys, await this.#link.run(removeTouched, [], calls));
  }

  /** Makes Redis refuse the fills under way. */
  async endFills(keys: readonly CacheKey[]): Promise<void> {
    await this.#link.run(
      endLease,
      [],
      keys.map((key) => ({ key, args: [] })),
    );
  }

  /** Waits until nothing is dirty, or the time (milliseconds) is over. */
  async flush(withinMs: number): Promise<void> {
    for (const end = performance.now() + withinMs; this.hasDirty && performance.now() < end; ) {
      await this.#retry();
      if (this.hasDirty) await sleep(RETRY_MS);
    }
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #settle(keys: readonly CacheKey[], replies: readonly unknown[]): boolean {
    let failed = 0;
    for (const [at, key] of keys.entries()) {
      if (!isError(replies[at])) continue;
      failed++;
      this.#dirty.set(key.entry, { key });
    }
    this.#stats.applies += keys.length - failed;
    this.#stats.failedApplies += failed;
    if (this.#dirty.size > MAX_DIRTY) {
      this.#dirty.clear();
      this.#onOverflow();
    }
    if (this.hasDirty) this.#retryLater();
    return failed === 0;
  }

  #retryLater(): void {
    if (this.#timer !== null || this.#isClosed) return;
    this.#timer = setTimeout(async () => {
      await this.#retry();
      this.#timer = null;
      if (this.hasDirty) this.#retryLater();
    }, RETRY_MS).unref();
  }

  async #retry(): Promise<void> {
    const marks = [...this.#dirty.values()];
    for (let at = 0; at < marks.length; at += BATCH) {
      const batch = marks.slice(at, at + BATCH);
      const replies = await this.#link.send(batch.map(({ key }) => removal(key)));
      for (const [i, mark] of batch.entries()) {
        // a mark that was set anew while this was under way stays
        if (!isError(replies[i]) && this.#dirty.get(mark.key.entry) === mark) this.#dirty.delete(mark.key.entry);
      }
      if (replies.every(isError)) return;
    }
  }
}

function removal(key: CacheKey): { readonly key: CacheKey; readonly words: readonly string[] } {
  return { key, words: ['del', key.entry] };
}
