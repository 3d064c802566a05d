import type { ObjectRow } from '../shards/rows.ts';
import type { CacheKey } from './cacheKeys.ts';
import { isError } from './commands.ts';
import type { RedisCacheStats } from './RedisCacheStats.ts';
import type { RedisLink } from './RedisLink.ts';
import { objectText } from './rowText.ts';
import { applyObject, endLease } from './scripts.ts';

const RETRY_MS = 50;
/** Longer than any lease: a write whose end is not known may be committed after its entry was removed. */
const UNKNOWN_MS = 3500;
const MAX_DIRTY = 100_000;
const BATCH = 500;

/**
 * What writes tell Redis. An entry that could not be removed is *dirty*: this process does not read it from Redis until
 * it is removed, and keeps trying.
 */
export class Invalidations {
  readonly #link: RedisLink;
  readonly #stats: RedisCacheStats;
  readonly #ttlOf: (row: ObjectRow | null) => number;
  readonly #dirty = new Map<string, { readonly key: CacheKey }>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #isRetrying = false;
  #overflowedAt: number | null = null;
  #isClosed = false;

  constructor(link: RedisLink, stats: RedisCacheStats, ttlOf: (row: ObjectRow | null) => number) {
    this.#link = link;
    this.#stats = stats;
    this.#ttlOf = ttlOf;
  }

  /** Whether any entry is dirty. */
  get hasDirty(): boolean {
    return this.#dirty.size > 0 || this.#overflowedAt !== null;
  }

  isDirty(key: CacheKey): boolean {
    return this.hasDirty && (this.#dirty.has(key.entry) || this.#overflowedAt !== null);
  }

  /** Since when (milliseconds) more was dirty than is remembered, or `null`: only a sweep helps then. */
  get overflowedAt(): number | null {
    return this.#overflowedAt;
  }

  swept(): void {
    this.#overflowedAt = null;
  }

  /** Puts committed objects in place of older ones. */
  async applyObjects(rows: ReadonlyArray<{ readonly key: CacheKey; readonly row: ObjectRow }>): Promise<void> {
    for (let at = 0; at < rows.length; at += BATCH) {
      const batch = rows.slice(at, at + BATCH);
      const replies = await this.#link.run(
        applyObject,
        [],
        batch.map(({ key, row }) => ({ key, args: [objectText(row), this.#ttlOf(row)] })),
      );
      this.#settle(
        batch.map(({ key }) => key),
        replies,
      );
    }
  }

  /** Removes entries, and with them the leases of fills that are under way. */
  async remove(keys: readonly CacheKey[]): Promise<void> {
    const unique = [...new Map(keys.map((key) => [key.entry, key])).values()];
    for (let at = 0; at < unique.length; at += BATCH) {
      const batch = unique.slice(at, at + BATCH);
      this.#settle(batch, await this.#link.send(batch.map(removal)));
    }
  }

  /** Makes Redis refuse the fills that are under way. */
  async endFills(keys: readonly CacheKey[]): Promise<void> {
    await this.#link.run(
      endLease,
      [],
      keys.map((key) => ({ key, args: [] })),
    );
  }

  /** Removes entries now and again later: a write to them failed in a way that may yet come true. */
  async removeUnknown(keys: readonly CacheKey[]): Promise<void> {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.remove(keys);
    }, UNKNOWN_MS).unref();
    this.#timers.add(timer);
    await this.remove(keys);
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #settle(keys: readonly CacheKey[], replies: readonly unknown[]): void {
    for (const [at, key] of keys.entries()) {
      if (!isError(replies[at])) {
        this.#stats.applies++;
        continue;
      }
      this.#stats.failedApplies++;
      if (this.#dirty.size < MAX_DIRTY) this.#dirty.set(key.entry, { key });
      else this.#overflowedAt ??= Date.now();
    }
    if (this.#dirty.size > 0) this.#retryLater();
  }

  #retryLater(): void {
    if (this.#isRetrying || this.#isClosed) return;
    this.#isRetrying = true;
    const timer = setTimeout(async () => {
      this.#timers.delete(timer);
      await this.#retry();
      this.#isRetrying = false;
      if (this.#dirty.size > 0) this.#retryLater();
    }, RETRY_MS).unref();
    this.#timers.add(timer);
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
