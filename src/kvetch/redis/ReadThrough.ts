import { randomBytes } from 'node:crypto';
import type { Freshness } from '../shards/Freshness.ts';
import type { Gate } from '../shards/Gate.ts';
import type { Batch, Entry, ReadOptions, ShardStore } from '../shards/ShardStore.ts';
import type { CacheKey } from './cacheKeys.ts';
import type { Invalidations } from './Invalidations.ts';
import type { RedisCacheStats } from './RedisCacheStats.ts';
import { isError, type RedisLink, type Reply } from './RedisLink.ts';
import { type Script, takeLease } from './scripts.ts';

/** How one kind of entry is read and filled. */
export interface EntryKind<TRequest, TOut> {
  /** The key, or `null` for a request that is not cached. */
  keyOf(request: TRequest): CacheKey | null;
  /** The command that reads what the request needs. */
  readWords(request: TRequest, key: CacheKey): ReadonlyArray<string | number>;
  /** The answer in a reply; `miss` when it is not there, `uncachable` when no fill would put it there. */
  parse(request: TRequest, reply: unknown): { readonly value: TOut } | 'miss' | 'uncachable';
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

/** One batch: the kind of its entries, and where the answers go. */
interface Reading<TRequest, TOut> {
  readonly origin: Origin;
  readonly kind: EntryKind<TRequest, TOut>;
  readonly options: ReadOptions;
  readonly out: Entry<TOut>[];
}

/** One entry of a batch that is not answered yet. */
interface Open<TRequest> {
  readonly at: number;
  readonly request: TRequest;
  readonly key: CacheKey;
}

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

  async read<TRequest, TOut>(
    requests: readonly TRequest[],
    kind: EntryKind<TRequest, TOut>,
    options: ReadOptions,
    origin: Origin,
  ): Promise<ReadonlyArray<Entry<TOut>>> {
    const reading: Reading<TRequest, TOut> = { kind, options, origin, out: new Array(requests.length) };
    const all = requests.map((request, at) => ({ at, request, key: kind.keyOf(request) }));
    const kept = all.filter((one): one is Open<TRequest> => one.key !== null);
    const loads = [
      this.#load(
        reading,
        all.filter(({ key }) => key === null),
        'uncached',
      ),
    ];
    for (let open = kept, turn = 0; open.length > 0; turn++) {
      const { missing, uncachable, unanswered } = await this.#look(reading, open);
      if (missing.length + uncachable.length + unanswered.length === 0) break;
      const lease = { token: randomBytes(9).toString('base64url'), takenAt: performance.now() };
      const { leased, elsewhere, failed } = await this.#takeLeases(turn < WAITS ? missing : [], lease);
      loads.push(
        this.#load(reading, leased, lease),
        this.#load(reading, turn < WAITS ? uncachable : [...uncachable, ...missing], 'uncached'),
        this.#load(reading, [...unanswered, ...failed], 'no redis'),
      );
      open = elsewhere;
      this.#stats.waits += open.length;
      if (open.length > 0) await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 15));
    }
    await Promise.all(loads);
    return reading.out;
  }

  /** Looks what is there, and nothing more: `undefined` where nothing is, an `Error` where Redis did not answer. */
  async peek<TRequest, TOut>(
    requests: ReadonlyArray<{ readonly request: TRequest; readonly key: CacheKey }>,
    kind: EntryKind<TRequest, TOut>,
  ): Promise<ReadonlyArray<Entry<TOut | undefined>>> {
    const replies = await this.#ask(requests, kind);
    return requests.map(({ request }, at) => {
      const found = parseReply(kind, request, replies[at]);
      return typeof found === 'string' ? undefined : found instanceof Error ? found : found.value;
    });
  }

  #ask<TRequest, TOut>(
    open: ReadonlyArray<Pick<Open<TRequest>, 'request' | 'key'>>,
    kind: EntryKind<TRequest, TOut>,
  ): Promise<readonly Reply[]> {
    return this.#link.send(open.map(({ request, key }) => ({ key, words: kind.readWords(request, key) })));
  }

  /** Answers what Redis has; the rest by what is to be done about it. */
  async #look<TRequest, TOut>({ kind, options, out }: Reading<TRequest, TOut>, open: ReadonlyArray<Open<TRequest>>) {
    const missing: Open<TRequest>[] = [];
    const uncachable: Open<TRequest>[] = [];
    const unanswered: Open<TRequest>[] = [];
    const isUsable = (one: Open<TRequest>): boolean => this.#isTrusted() && !this.#invalidations.isDirty(one.key);
    const asked: Open<TRequest>[] = [];
    for (const one of open) (isUsable(one) ? asked : unanswered).push(one);
    this.#stats.bypasses += unanswered.length;
    const replies = await this.#ask(asked, kind);
    const stale: CacheKey[] = [];
    for (const [i, one] of asked.entries()) {
      const found = parseReply(kind, one.request, replies[i]);
      if (found instanceof Error || !isUsable(one)) unanswered.push(one);
      else if (found === 'miss') missing.push(one);
      else if (found === 'uncachable') uncachable.push(one);
      else if (options.fresh instanceof Object && !kind.isFresh(options.fresh, one.request, found.value)) {
        stale.push(one.key);
        missing.push(one);
      } else out[one.at] = found.value;
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

  async #takeLeases<TRequest>(missing: ReadonlyArray<Open<TRequest>>, { token }: Lease) {
    const replies = await this.#link.run(
      takeLease,
      missing.map(({ key }) => ({ key, args: [token, LEASE_MS] })),
    );
    const isGiven = (at: number): boolean => replies[at] === 1;
    return {
      leased: missing.filter((_, at) => isGiven(at)),
      elsewhere: missing.filter((_, at) => !isGiven(at) && !isError(replies[at])),
      failed: missing.filter((_, at) => isError(replies[at])),
    };
  }

  /** Asks the store and places the answers; with leases it fills too, for which nobody waits. It never rejects. */
  async #load<TRequest, TOut>(
    reading: Reading<TRequest, TOut>,
    open: ReadonlyArray<Pick<Open<TRequest>, 'at' | 'request'> & { readonly key: CacheKey | null }>,
    reason: LoadReason,
  ): Promise<void> {
    if (open.length === 0) return;
    const { kind, options, origin, out } = reading;
    const lease = typeof reason === 'string' ? null : reason;
    const asked = open.map(({ request }) => (lease === null ? request : kind.toFill(request)));
    this.#stats.loads++;
    options.trace?.('loaded', open.length);
    const load = () => loadAll(origin.store, kind, asked, options);
    const loaded = reason === 'no redis' ? await origin.gate.run(load) : await load();
    if (lease !== null && performance.now() - lease.takenAt < FILL_WITHIN_MS) {
      const fills = open.flatMap(({ key }, i) => {
        const value = loaded[i] as Entry<TOut>;
        if (value instanceof Error || key === null) return [];
        return [{ key, args: [lease.token, ...kind.fillArgs(asked[i] as TRequest, value)] }];
      });
      void this.#link.run(kind.fillScript, fills, 'unawaited').then((replies) => this.#stats.countFills(replies));
    }
    const short: (typeof open)[number][] = [];
    for (const [i, one] of open.entries()) {
      const entry = loaded[i] as Entry<TOut>;
      const answer = entry instanceof Error || lease === null ? entry : kind.answer(one.request, entry);
      if (answer === undefined) short.push(one);
      else out[one.at] = answer;
      if (options.fresh instanceof Object && answer !== undefined && !(answer instanceof Error))
        kind.settle(options.fresh, one.request, answer);
    }
    await this.#load(reading, short, 'uncached');
  }
}

/** What Redis answers to a command is an answer; WRONGTYPE says that something else lies there. */
function parseReply<TRequest, TOut>(
  kind: EntryKind<TRequest, TOut>,
  request: TRequest,
  reply: Reply,
): ReturnType<EntryKind<TRequest, TOut>['parse']> | Error {
  if (!isError(reply)) return kind.parse(request, reply);
  return reply.message.startsWith('WRONGTYPE') ? 'miss' : reply;
}

/** A store may throw for a whole batch: then each entry of this part fails, and the parts that came from Redis stay. */
async function loadAll<TRequest, TOut>(
  store: ShardStore,
  kind: EntryKind<TRequest, TOut>,
  requests: readonly TRequest[],
  options: ReadOptions,
): Promise<ReadonlyArray<Entry<TOut>>> {
  try {
    return await kind.load(store, requests, options);
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error('The store failed.', { cause });
    return requests.map(() => error);
  }
}
