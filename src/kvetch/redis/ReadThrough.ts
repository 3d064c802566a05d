import { randomBytes } from 'node:crypto';
import type { Freshness } from '../shards/Freshness.ts';
import type { Gate } from '../shards/Gate.ts';
import type { Batch, Entry, ReadOptions, ShardStore } from '../shards/ShardStore.ts';
import type { CacheKey } from './cacheKeys.ts';
import { isError, type Reply } from './commands.ts';
import type { Invalidations } from './Invalidations.ts';
import type { RedisCacheStats } from './RedisCacheStats.ts';
import type { RedisLink } from './RedisLink.ts';
import { type Script, takeLease } from './scripts.ts';

/** `miss` when something is not there, `uncachable` when no fill would put it there. */
export type Miss = 'miss' | 'uncachable';

/** How one kind of entry is read and filled. */
export interface EntryKind<TRequest, TOut extends object | null> {
  /** The key, or `null` for a request that is not cached. */
  keyOf(request: TRequest): CacheKey | null;
  /** The answer in what is under the key. */
  parse(request: TRequest, reply: unknown): TOut | Miss;
  /** Whether an answer shows what the reader knows to be written. */
  isFresh(freshness: Freshness, request: TRequest, value: TOut): boolean;
  /** Forgets what the store itself does not show. */
  settle(freshness: Freshness, request: TRequest, value: TOut): void;
  /** Asks the store what was asked of the cache. */
  load(store: ShardStore, requests: readonly TRequest[], options: ReadOptions): Batch<TOut>;
  /** What to ask the store for in order to fill. */
  toFill(request: TRequest): TRequest;
  /** The answer to a request in what was loaded to fill; `undefined` when it is not in it. */
  answer(request: TRequest, loaded: TOut): TOut | undefined;
  readonly fillScript: Script;
  fillArgs(request: TRequest, loaded: TOut): ReadonlyArray<string | number>;
}

/** Where loads go. */
export interface Origin {
  readonly store: ShardStore;
  /** What loads pass that Redis would have spared the store. */
  readonly gate: Gate;
}

/** One batch: what is asked, of which kind, and where the answers go. Its entries are known by their places in it. */
interface Reading<TRequest, TOut extends object | null> {
  readonly requests: readonly TRequest[];
  readonly keys: ReadonlyArray<CacheKey | null>;
  readonly origin: Origin;
  readonly kind: EntryKind<TRequest, TOut>;
  readonly options: ReadOptions;
  readonly out: Entry<TOut>[];
}

type Places = readonly number[];

interface Lease {
  readonly token: string;
  readonly takenAt: number;
}

/** How a load came about: to fill, as nothing of the kind is kept, or as Redis did not answer. */
type LoadReason = Lease | 'uncached' | 'no redis';

const LEASE_MS = 3000;
/** A fill that took longer is not sent: its lease is about to end. */
const FILL_WITHIN_MS = 2500;
const WAITS = 2;

/**
 * Reads through Redis, in turns of two questions: what is there, and of what is missing, whose lease can be had? Leased
 * entries are loaded and filled. Those that another process is filling are asked for again in the next turn; after
 * the last they are loaded without filling.
 */
export class ReadThrough {
  readonly #link: RedisLink;
  readonly #stats: RedisCacheStats;
  readonly #invalidations: Invalidations;
  readonly #isTrusted: () => boolean;

  constructor(link: RedisLink, stats: RedisCacheStats, invalidations: Invalidations, isTrusted: () => boolean) {
    this.#link = link;
    this.#stats = stats;
    this.#invalidations = invalidations;
    this.#isTrusted = isTrusted;
  }

  async read<TRequest, TOut extends object | null>(
    requests: readonly TRequest[],
    kind: EntryKind<TRequest, TOut>,
    options: ReadOptions,
    origin: Origin,
  ): Promise<ReadonlyArray<Entry<TOut>>> {
    const keys = requests.map(kind.keyOf);
    const reading: Reading<TRequest, TOut> = { requests, keys, kind, options, origin, out: new Array(keys.length) };
    const loads: Promise<void>[] = [];
    let open: number[] = [];
    const uncached: number[] = [];
    for (let at = 0; at < keys.length; at++) (keys[at] === null ? uncached : open).push(at);
    if (uncached.length > 0) loads.push(this.#load(reading, uncached, 'uncached'));
    for (let turn = 0; open.length > 0; turn++) {
      const { missing, uncachable, unanswered } = await this.#look(reading, open);
      if (missing.length + uncachable.length + unanswered.length === 0) break;
      const lease = { token: randomBytes(9).toString('base64url'), takenAt: performance.now() };
      const { leased, elsewhere, failed } = await this.#takeLeases(reading, turn < WAITS ? missing : [], lease);
      loads.push(
        this.#load(reading, leased, lease),
        this.#load(reading, turn < WAITS ? uncachable : [...uncachable, ...missing], 'uncached'),
        this.#load(reading, [...unanswered, ...failed], 'no redis'),
      );
      open = elsewhere;
      this.#stats.waits += open.length;
      if (open.length > 0) await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 15));
    }
    if (loads.length > 0) await Promise.all(loads);
    return reading.out;
  }

  /** Looks what is there, and nothing more: `undefined` where nothing is, an `Error` where Redis did not answer. */
  async peek<TRequest, TOut extends object | null>(
    requests: ReadonlyArray<{ readonly request: TRequest; readonly key: CacheKey }>,
    kind: EntryKind<TRequest, TOut>,
  ): Promise<ReadonlyArray<Entry<TOut | undefined>>> {
    const replies = await this.#link.get(requests.map(({ key }) => key));
    return requests.map(({ request }, at) => {
      const found = parseReply(kind, request, replies[at]);
      return typeof found === 'string' ? undefined : found;
    });
  }

  /** Answers what Redis has; the rest by what is to be done about it. */
  async #look<TRequest, TOut extends object | null>(reading: Reading<TRequest, TOut>, open: Places) {
    const { requests, keys, kind, options, out } = reading;
    const [asked, unanswered] = this.#divide(reading, open);
    this.#stats.bypasses += unanswered.length;
    const replies = await this.#link.get(asked.map((at) => keys[at] as CacheKey));
    const isTrusted = this.#isTrusted();
    const missing: number[] = [];
    const uncachable: number[] = [];
    const stale: CacheKey[] = [];
    for (let i = 0; i < asked.length; i++) {
      const at = asked[i] as number;
      const request = requests[at] as TRequest;
      const key = keys[at] as CacheKey;
      const found = parseReply(kind, request, replies[i]);
      if (found instanceof Error || !isTrusted || this.#invalidations.isDirty(key)) unanswered.push(at);
      else if (found === 'miss') missing.push(at);
      else if (found === 'uncachable') uncachable.push(at);
      else if (options.fresh instanceof Object && !kind.isFresh(options.fresh, request, found)) {
        stale.push(key);
        missing.push(at);
      } else out[at] = found;
    }
    const misses = missing.length + uncachable.length;
    const hits = open.length - misses - unanswered.length;
    this.#stats.hits += hits;
    this.#stats.misses += misses;
    this.#stats.stale += stale.length;
    options.trace?.('redis hits', hits);
    options.trace?.('redis misses', misses);
    if (stale.length > 0) await this.#invalidations.remove(stale);
    return { missing, uncachable, unanswered };
  }

  /** What Redis can be asked, and what it cannot. */
  #divide<TRequest, TOut extends object | null>(
    { keys }: Reading<TRequest, TOut>,
    open: Places,
  ): readonly [asked: Places, unanswered: number[]] {
    if (!this.#isTrusted()) return [[], [...open]];
    if (!this.#invalidations.hasDirty) return [open, []];
    const isDirty = (at: number): boolean => this.#invalidations.isDirty(keys[at] as CacheKey);
    return [open.filter((at) => !isDirty(at)), open.filter(isDirty)];
  }

  async #takeLeases<TRequest, TOut extends object | null>(
    { keys }: Reading<TRequest, TOut>,
    missing: Places,
    { token }: Lease,
  ) {
    const replies = await this.#link.run(
      takeLease,
      missing.map((at) => ({ key: keys[at] as CacheKey, args: [token, LEASE_MS] })),
    );
    const leased: number[] = [];
    const elsewhere: number[] = [];
    const failed: number[] = [];
    for (const [i, at] of missing.entries()) {
      const reply = replies[i];
      (reply === 1 ? leased : isError(reply) ? failed : elsewhere).push(at);
    }
    return { leased, elsewhere, failed };
  }

  /** Asks the store and places the answers; with leases it fills too, for which nobody waits. It never rejects. */
  async #load<TRequest, TOut extends object | null>(
    reading: Reading<TRequest, TOut>,
    open: Places,
    reason: LoadReason,
  ): Promise<void> {
    if (open.length === 0) return;
    const { requests, kind, options, origin, out } = reading;
    const lease = typeof reason === 'string' ? null : reason;
    const asked = open.map((at) => requests[at] as TRequest).map(lease === null ? same : kind.toFill);
    this.#stats.loads++;
    options.trace?.('loaded', open.length);
    const load = (): Batch<TOut> => kind.load(origin.store, asked, options);
    const loaded = await settled(asked.length, reason === 'no redis' ? () => origin.gate.run(load) : load);
    if (lease !== null) this.#fill(reading, open, asked, loaded, lease);
    const short: number[] = [];
    for (const [i, at] of open.entries()) {
      const request = requests[at] as TRequest;
      const entry = loaded[i] as Entry<TOut>;
      const answer = entry instanceof Error || lease === null ? entry : kind.answer(request, entry);
      if (answer === undefined) short.push(at);
      else out[at] = answer;
      if (options.fresh instanceof Object && answer !== undefined && !(answer instanceof Error))
        kind.settle(options.fresh, request, answer);
    }
    await this.#load(reading, short, 'uncached');
  }

  #fill<TRequest, TOut extends object | null>(
    { keys, kind }: Reading<TRequest, TOut>,
    open: Places,
    asked: readonly TRequest[],
    loaded: ReadonlyArray<Entry<TOut>>,
    lease: Lease,
  ): void {
    if (performance.now() - lease.takenAt >= FILL_WITHIN_MS) return;
    const fills = open.flatMap((at, i) => {
      const value = loaded[i] as Entry<TOut>;
      if (value instanceof Error) return [];
      return [{ key: keys[at] as CacheKey, args: [lease.token, ...kind.fillArgs(asked[i] as TRequest, value)] }];
    });
    void this.#link.run(kind.fillScript, fills, 'unawaited').then((replies) => this.#stats.countFills(replies));
  }
}

const same = <T>(value: T): T => value;

/** What Redis answers to a command is an answer; WRONGTYPE says that something else lies there. */
function parseReply<TRequest, TOut extends object | null>(
  kind: EntryKind<TRequest, TOut>,
  request: TRequest,
  reply: Reply,
): TOut | Miss | Error {
  if (!isError(reply)) return kind.parse(request, reply);
  return reply.message.startsWith('WRONGTYPE') ? 'miss' : reply;
}

/** A store may throw for a whole batch: then each entry of this part fails, and the parts that came from Redis stay. */
async function settled<TOut>(count: number, load: () => Batch<TOut>): Promise<ReadonlyArray<Entry<TOut>>> {
  try {
    return await load();
  } catch (cause) {
    return new Array(count).fill(cause instanceof Error ? cause : new Error('The store failed.', { cause }));
  }
}
