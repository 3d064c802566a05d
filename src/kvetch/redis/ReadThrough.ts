import { randomBytes } from 'node:crypto';
import type { Batch, Entry } from '../shards/ShardStore.ts';
import type { CacheKey } from './cacheKeys.ts';
import type { Invalidations } from './Invalidations.ts';
import type { RedisCacheStats } from './RedisCacheStats.ts';
import { isError, type RedisLink } from './RedisLink.ts';
import type { Script } from './scripts.ts';

/** How one kind of entry is read and filled. */
export interface EntryKind<TRequest, TOut> {
  /** The key, or `null` for a request that is not cached. */
  keyOf(request: TRequest): CacheKey | null;
  /** The command that reads what the request needs. */
  readWords(request: TRequest, key: CacheKey): ReadonlyArray<string | number>;
  /** The answer; `undefined` when the reply does not hold it; `null` in place of it when no fill would help either. */
  parse(request: TRequest, reply: unknown): { readonly value: TOut } | 'miss' | 'uncachable';
  /** Asks the store what was asked of the cache. */
  load(requests: readonly TRequest[]): Batch<TOut>;
  /** What to ask the store for in order to fill. */
  toFill(request: TRequest): TRequest;
  /** The answer to a request in what was loaded to fill; `undefined` when it is not in it. */
  answer(request: TRequest, loaded: TOut): TOut | undefined;
  readonly fillScript: Script;
  fillArgs(request: TRequest, loaded: TOut): ReadonlyArray<string | number>;
}

const LEASE_MS = 3000;
/** A fill that took longer is not sent: its lease is about to end. */
const FILL_WITHIN_MS = 2500;
const WAITS = 2;
/** How long a reader waits for a fill of its own process, which it is told the end of. */
const LOCAL_WAIT_MS = 500;

/**
 * Reads through Redis: entries that are there; of the others, those whose lease can be had are loaded and filled, and
 * those that somebody else is filling are waited for, twice, and then loaded without filling.
 */
export class ReadThrough {
  readonly #link: RedisLink;
  readonly #stats: RedisCacheStats;
  readonly #invalidations: Invalidations;
  readonly #isTrusted: () => boolean;
  readonly #fills = new Map<string, Promise<unknown>>();

  constructor(link: RedisLink, stats: RedisCacheStats, invalidations: Invalidations, isTrusted: () => boolean) {
    this.#link = link;
    this.#stats = stats;
    this.#invalidations = invalidations;
    this.#isTrusted = isTrusted;
  }

  async read<TRequest, TOut>(
    requests: readonly TRequest[],
    kind: EntryKind<TRequest, TOut>,
  ): Promise<ReadonlyArray<Entry<TOut>>> {
    const out: Entry<TOut>[] = new Array(requests.length);
    const keys = requests.map((request) => kind.keyOf(request));
    const cached: number[] = [];
    const direct: number[] = [];
    const isUsable = this.#link.isReady && this.#isTrusted();
    for (const [at, key] of keys.entries()) {
      if (isUsable && key !== null && !this.#invalidations.isDirty(key)) cached.push(at);
      else direct.push(at);
    }
    this.#stats.bypasses += direct.length;
    await Promise.all([
      this.#loadInto(out, requests, direct, kind),
      this.#readInto(out, requests, keys as readonly CacheKey[], cached, kind, WAITS),
    ]);
    return out;
  }

  async #readInto<TRequest, TOut>(
    out: Entry<TOut>[],
    requests: readonly TRequest[],
    keys: readonly CacheKey[],
    positions: readonly number[],
    kind: EntryKind<TRequest, TOut>,
    waitsLeft: number,
  ): Promise<void> {
    if (positions.length === 0) return;
    const replies = await this.#link.send(
      positions.map((at) => ({
        key: keys[at] as CacheKey,
        words: kind.readWords(requests[at] as TRequest, keys[at] as CacheKey),
      })),
    );
    const direct: number[] = [];
    const missing: number[] = [];
    const isUsable = this.#isTrusted();
    for (const [i, at] of positions.entries()) {
      const reply = replies[i];
      // what Redis answers to a command is an answer; WRONGTYPE says that something else lies there
      if (
        (isError(reply) && !reply.message.startsWith('WRONGTYPE')) ||
        !isUsable ||
        this.#invalidations.isDirty(keys[at] as CacheKey)
      ) {
        direct.push(at);
        continue;
      }
      const found = isError(reply) ? 'miss' : kind.parse(requests[at] as TRequest, reply);
      if (found === 'miss') missing.push(at);
      else if (found === 'uncachable') direct.push(at);
      else out[at] = found.value;
    }
    this.#stats.hits += positions.length - direct.length - missing.length;
    this.#stats.misses += missing.length + direct.length;
    await Promise.all([
      this.#loadInto(out, requests, direct, kind),
      this.#fillInto(out, requests, keys, missing, kind, waitsLeft),
    ]);
  }

  async #fillInto<TRequest, TOut>(
    out: Entry<TOut>[],
    requests: readonly TRequest[],
    keys: readonly CacheKey[],
    missing: readonly number[],
    kind: EntryKind<TRequest, TOut>,
    waitsLeft: number,
  ): Promise<void> {
    if (missing.length === 0) return;
    if (waitsLeft === 0) return this.#loadInto(out, requests, missing, kind);
    const token = randomBytes(9).toString('base64url');
    const start = performance.now();
    const leases = await this.#link.send(
      missing.map((at) => {
        const key = keys[at] as CacheKey;
        return { key, words: ['set', key.lease, token, 'NX', 'PX', LEASE_MS] };
      }),
    );
    const direct: number[] = [];
    const filling: number[] = [];
    const waiting: number[] = [];
    for (const [i, at] of missing.entries()) {
      const lease = leases[i];
      if (lease === 'OK') filling.push(at);
      else if (isError(lease)) direct.push(at);
      else waiting.push(at);
    }
    const filled = this.#loadAndFill(out, requests, keys, filling, kind, token, start);
    await Promise.all([
      this.#loadInto(out, requests, direct, kind),
      filled,
      this.#waitInto(out, requests, keys, waiting, kind, waitsLeft),
    ]);
  }

  async #waitInto<TRequest, TOut>(
    out: Entry<TOut>[],
    requests: readonly TRequest[],
    keys: readonly CacheKey[],
    waiting: readonly number[],
    kind: EntryKind<TRequest, TOut>,
    waitsLeft: number,
  ): Promise<void> {
    if (waiting.length === 0) return;
    this.#stats.waits += waiting.length;
    const local = waiting.flatMap((at) => this.#fills.get((keys[at] as CacheKey).entry) ?? []);
    if (local.length === waiting.length) await Promise.race([Promise.all(local), sleep(LOCAL_WAIT_MS)]);
    else await sleep(5 + Math.random() * 15);
    await this.#readInto(out, requests, keys, waiting, kind, waitsLeft - 1);
  }

  /** Loads what this reader has the leases of, and fills. The answers do not wait for Redis to take them. */
  async #loadAndFill<TRequest, TOut>(
    out: Entry<TOut>[],
    requests: readonly TRequest[],
    keys: readonly CacheKey[],
    positions: readonly number[],
    kind: EntryKind<TRequest, TOut>,
    token: string,
    start: number,
  ): Promise<void> {
    if (positions.length === 0) return;
    const work = (async () => {
      const asked = positions.map((at) => kind.toFill(requests[at] as TRequest));
      const loaded = await loadAll(kind, asked);
      const inTime = performance.now() - start < FILL_WITHIN_MS;
      const good = positions.map((_, i) => i).filter((i) => !(loaded[i] instanceof Error));
      const fill = inTime
        ? this.#link.run(
            kind.fillScript,
            good.map((i) => {
              const at = positions[i] as number;
              return {
                key: keys[at] as CacheKey,
                args: [token, ...kind.fillArgs(asked[i] as TRequest, loaded[i] as TOut)],
              };
            }),
          )
        : Promise.resolve([]);
      return { loaded, fill: fill.then((replies) => this.#countFills(replies)) };
    })();
    const ended = work.then(({ fill }) => fill).catch(() => undefined);
    for (const at of positions) this.#fills.set((keys[at] as CacheKey).entry, ended);
    void ended.then(() => {
      for (const at of positions) {
        const { entry } = keys[at] as CacheKey;
        if (this.#fills.get(entry) === ended) this.#fills.delete(entry);
      }
    });
    const { loaded, fill } = await work;
    const short: number[] = [];
    for (const [i, at] of positions.entries()) {
      const entry = loaded[i] as Entry<TOut>;
      const answer = entry instanceof Error ? entry : kind.answer(requests[at] as TRequest, entry);
      if (answer === undefined) short.push(at);
      else out[at] = answer;
    }
    await Promise.all([fill, this.#loadInto(out, requests, short, kind)]);
  }

  #countFills(replies: readonly unknown[]): void {
    for (const reply of replies) {
      if (reply === 1) this.#stats.fills++;
      else if (reply === 0) this.#stats.refusedFills++;
    }
  }

  async #loadInto<TRequest, TOut>(
    out: Entry<TOut>[],
    requests: readonly TRequest[],
    positions: readonly number[],
    kind: EntryKind<TRequest, TOut>,
  ): Promise<void> {
    if (positions.length === 0) return;
    const loaded = await loadAll(
      kind,
      positions.map((at) => requests[at] as TRequest),
    );
    for (const [i, at] of positions.entries()) out[at] = loaded[i] as Entry<TOut>;
  }
}

/** A store may throw for a whole batch: then each entry of this part fails, and the parts that came from Redis stay. */
async function loadAll<TRequest, TOut>(
  kind: EntryKind<TRequest, TOut>,
  requests: readonly TRequest[],
): Promise<ReadonlyArray<Entry<TOut>>> {
  try {
    return await kind.load(requests);
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error('The store failed.', { cause });
    return requests.map(() => error);
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
