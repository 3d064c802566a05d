import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { itemAt } from '../../utils/itemAt.ts';
import type { ConsistencyToken } from '../shards/ConsistencyToken.ts';
import type { Semaphore } from '../shards/Semaphore.ts';
import type { Batch, Entry, ReadOptions, ShardStore } from '../shards/ShardStore.ts';
import type { CacheKey, CacheKeys } from './cacheKeys.ts';
import { isError, type Reply } from './commands.ts';
import { EPOCH_CHARS, type Epoch } from './Epoch.ts';
import type { Invalidations } from './Invalidations.ts';
import type { RedisCacheStats } from './RedisCacheStats.ts';
import type { RedisLink } from './RedisLink.ts';
import type { ScriptCall } from './scriptBatches.ts';
import { fillEntry, LEASE_MARK, replaceByLease, type Script, takeLease } from './scripts.ts';

/** The value of an entry: anything but a `Miss`, an error and `undefined`. */
export type CachedAnswer = object | number | null;

/** `miss` when something is not there, `uncachable` when no fill would put it there. */
export type Miss = 'miss' | 'uncachable';

/** How one kind of entry is read and filled. */
export interface EntryKind<TRequest, TOut extends CachedAnswer> {
  /** The key; `null` if the request is not cached, or not for a reader that needs data this fresh. */
  keyOf(request: TRequest, fresh: ReadOptions['fresh']): CacheKey | null;
  /** Parses the text under the key. */
  parse(request: TRequest, reply: unknown): TOut | Miss;
  /** Whether a text that answers one request answers the other in the same way. */
  isSame(one: TRequest, other: TRequest): boolean;
  /** Whether an answer includes the writes that the reader knows of. */
  isFresh(freshness: ConsistencyToken, request: TRequest, value: TOut): boolean;
  /** Forgets what the store itself does not show. */
  settle(freshness: ConsistencyToken, request: TRequest, value: TOut): void;
  /** Asks the store for the same requests. */
  load(store: ShardStore, requests: readonly TRequest[], options: ReadOptions): Batch<TOut>;
  /** The request to the store whose answer fills the entry. */
  toFill(request: TRequest): TRequest;
  /** The answer to a request, out of the answer that fills the entry; `undefined` if it is not in it. */
  answer(request: TRequest, loaded: TOut): TOut | undefined;
  fillArgs(request: TRequest, loaded: TOut): readonly [text: string, ttlMs: number];
}

/** The store that loads go to. */
export interface Origin {
  readonly store: ShardStore;
  /** Limits the loads that happen only because Redis does not answer. */
  readonly gate: Semaphore;
  /** Whether Redis was told of all writes to the store. */
  readonly isTrusted: boolean;
}

/** One batch of requests of one kind, with room for the answers. Entries are identified by their index. */
interface Reading<TRequest, TOut extends CachedAnswer> {
  readonly requests: readonly TRequest[];
  readonly keys: ReadonlyArray<CacheKey | null>;
  readonly origin: Origin;
  readonly kind: EntryKind<TRequest, TOut>;
  readonly options: ReadOptions;
  readonly out: Entry<TOut>[];
}

type Places = readonly number[];

interface Lease {
  /** No two are equal. */
  readonly text: string;
  /** The epoch when the lease was taken. Entries that are filled with it carry this epoch. */
  readonly epoch: string;
  readonly takenAt: number;
}

/** The reason of a load: to fill an entry (with its lease), because such entries are not cached, or because Redis did not answer. */
type LoadReason = Lease | 'uncached' | 'no redis';

const unknownEpoch = new Error('The epoch of Redis is not known.');
const LEASE_MS = 3000;
/** A fill that took longer is not sent: its lease is about to end. */
const FILL_WITHIN_MS = 2500;
const WAITS = 2;

/**
 * Reads through Redis in turns. Each turn reads the entries, then tries to take a lease for each missing one. Entries with
 * our lease are loaded and filled. Entries that another reader is filling are read again in the next turn; after the last
 * turn they are loaded without filling.
 */
export class ReadThrough {
  readonly #link: RedisLink;
  readonly #keys: CacheKeys;
  readonly #stats: RedisCacheStats;
  readonly #invalidations: Invalidations;
  readonly #epoch: Epoch;

  constructor(link: RedisLink, keys: CacheKeys, stats: RedisCacheStats, invalidations: Invalidations, epoch: Epoch) {
    this.#link = link;
    this.#keys = keys;
    this.#stats = stats;
    this.#invalidations = invalidations;
    this.#epoch = epoch;
  }

  async read<TRequest, TOut extends CachedAnswer>(
    requests: readonly TRequest[],
    kind: EntryKind<TRequest, TOut>,
    options: ReadOptions,
    origin: Origin,
  ): Promise<ReadonlyArray<Entry<TOut>>> {
    const keys = requests.map((request) => kind.keyOf(request, options.fresh));
    const reading: Reading<TRequest, TOut> = { requests, keys, kind, options, origin, out: new Array(keys.length) };
    const loads: Promise<void>[] = [];
    let repeats: ReadonlyMap<number, number> | null = null;
    let open: number[] = [];
    const uncached: number[] = [];
    for (let at = 0; at < keys.length; at++) (keys[at] === null ? uncached : open).push(at);
    if (uncached.length > 0) loads.push(this.#load(reading, uncached, 'uncached'));
    for (let turn = 0; open.length > 0; turn++) {
      const found = await this.#look(reading, open);
      const { absent, useless, leasedElsewhere, uncachable, unanswered } = found;
      const missing = absent.length + useless.length + leasedElsewhere.length;
      if (missing + uncachable.length + unanswered.length === 0) break;
      if (turn === WAITS) {
        const rest = [...absent, ...useless, ...leasedElsewhere, ...uncachable];
        loads.push(this.#load(reading, rest, 'uncached'), this.#load(reading, unanswered, 'no redis'));
        break;
      }
      if (turn === 0) repeats = takeRepeats(reading, absent, uncachable);
      // while the epoch is unknown Redis is not asked, so nothing is absent or useless
      const lease = { text: nextLease(), epoch: this.#epoch.text ?? '', takenAt: performance.now() };
      const { leased, elsewhere, failed } = await this.#takeLeases(reading, absent, useless, lease);
      loads.push(
        this.#load(reading, leased, lease),
        this.#load(reading, uncachable, 'uncached'),
        this.#load(reading, [...unanswered, ...failed], 'no redis'),
      );
      open = [...leasedElsewhere, ...elsewhere];
      this.#stats.waits += open.length;
      if (open.length > 0) await sleep(5 + Math.random() * 15);
    }
    if (loads.length > 0) await Promise.all(loads);
    if (repeats !== null) for (const [at, first] of repeats) reading.out[at] = itemAt(reading.out, first);
    return reading.out;
  }

  /** Reads the entries without loading any: `undefined` for a missing entry, an `Error` if Redis did not answer. */
  async peek<TRequest, TOut extends CachedAnswer>(
    requests: ReadonlyArray<{ readonly request: TRequest; readonly key: CacheKey }>,
    kind: EntryKind<TRequest, TOut>,
  ): Promise<ReadonlyArray<Entry<TOut | undefined>>> {
    const replies = await this.#link.get(requests.map(({ key }) => key));
    const epoch = this.#epoch.text;
    return requests.map(({ request, key }, at) => {
      const found = epoch === null ? unknownEpoch : this.#parse(kind, request, key, replies[at], epoch);
      return typeof found === 'string' ? undefined : found;
    });
  }

  /** Answers from Redis. Sorts the other requests by what to do with them. */
  async #look<TRequest, TOut extends CachedAnswer>(reading: Reading<TRequest, TOut>, open: Places) {
    const { requests, keys, kind, options, out } = reading;
    const [asked, unanswered] = this.#divide(reading, open);
    this.#stats.bypasses += unanswered.length;
    const replies = await this.#link.get(asked.map((at) => keys[at] as CacheKey));
    const epoch = this.#epoch.text;
    const absent: number[] = [];
    const useless: number[] = [];
    const leasedElsewhere: number[] = [];
    const uncachable: number[] = [];
    let stale = 0;
    for (let i = 0; i < asked.length; i++) {
      const at = itemAt(asked, i);
      const request = itemAt(requests, at);
      const key = keys[at] as CacheKey;
      const reply = replies[i];
      const found = epoch === null ? unknownEpoch : this.#parse(kind, request, key, reply, epoch);
      if (found instanceof Error || this.#invalidations.isDirty(key)) unanswered.push(at);
      else if (found === 'miss') (reply === null ? absent : isLease(reply) ? leasedElsewhere : useless).push(at);
      else if (found === 'uncachable') uncachable.push(at);
      else if (options.fresh instanceof Object && !kind.isFresh(options.fresh, request, found)) {
        stale++;
        useless.push(at);
      } else out[at] = found;
    }
    const misses = absent.length + useless.length + leasedElsewhere.length + uncachable.length;
    const hits = open.length - misses - unanswered.length;
    this.#stats.hits += hits;
    this.#stats.misses += misses;
    this.#stats.stale += stale;
    options.trace?.('redis hits', hits);
    options.trace?.('redis misses', misses);
    return { absent, useless, leasedElsewhere, uncachable, unanswered };
  }

  /** A text that was parsed before gives the same answer again. A text of another epoch gives none. */
  #parse<TRequest, TOut extends CachedAnswer>(
    kind: EntryKind<TRequest, TOut>,
    request: TRequest,
    key: CacheKey,
    reply: Reply,
    epoch: string,
  ): TOut | Miss | Error {
    if (typeof reply === 'string' && !reply.startsWith(epoch)) return 'miss';
    const { seen } = key;
    if (seen !== null && seen.text === reply && kind.isSame(seen.request as TRequest, request))
      return seen.answer as TOut;
    // An error reply is a reply. WRONGTYPE means that the key holds another type.
    if (isError(reply)) return reply.message.startsWith('WRONGTYPE') ? 'miss' : reply;
    const answer = kind.parse(request, typeof reply === 'string' ? reply.slice(EPOCH_CHARS) : reply);
    if (typeof answer !== 'string' && typeof reply === 'string')
      this.#keys.remember(key, { text: reply, request, answer });
    return answer;
  }

  /** Separates requests that Redis can be asked from those that it cannot. */
  #divide<TRequest, TOut extends CachedAnswer>(
    { keys, origin }: Reading<TRequest, TOut>,
    open: Places,
  ): readonly [asked: Places, unanswered: number[]] {
    if (this.#epoch.text === null || !origin.isTrusted) return [[], [...open]];
    if (!this.#invalidations.hasDirty) return [open, []];
    const isDirty = (at: number): boolean => this.#invalidations.isDirty(keys[at] as CacheKey);
    return [open.filter((at) => !isDirty(at)), open.filter(isDirty)];
  }

  /** Takes the leases of missing entries, and of entries that are useless. */
  async #takeLeases<TRequest, TOut extends CachedAnswer>(
    { keys }: Reading<TRequest, TOut>,
    absent: Places,
    useless: Places,
    { text }: Lease,
  ) {
    const leased: number[] = [];
    const elsewhere: number[] = [];
    const failed: number[] = [];
    const take = async (script: Script, places: Places): Promise<void> => {
      if (places.length === 0) return;
      const calls = places.map((at) => ({ key: keys[at] as CacheKey, args: [] }));
      const replies = await this.#link.run(script, [text, LEASE_MS], calls);
      for (let i = 0; i < places.length; i++) {
        const reply = replies[i];
        (reply === 1 ? leased : isError(reply) ? failed : elsewhere).push(itemAt(places, i));
      }
    };
    await Promise.all([take(takeLease, absent), take(replaceByLease, useless)]);
    return { leased, elsewhere, failed };
  }

  /** Loads from the store. With a lease it also fills the entries, and does not wait for that. It never rejects. */
  async #load<TRequest, TOut extends CachedAnswer>(
    reading: Reading<TRequest, TOut>,
    open: Places,
    reason: LoadReason,
  ): Promise<void> {
    if (open.length === 0) return;
    const { requests, kind, options, origin, out } = reading;
    const lease = typeof reason === 'string' ? null : reason;
    const asked = open.map((at) => itemAt(requests, at)).map(lease === null ? same : kind.toFill);
    this.#stats.loads++;
    options.trace?.('loaded', open.length);
    // a lagging replica must not fill Redis, nor give answers that are older than those of Redis
    const wanted: ReadOptions = reason === 'no redis' ? options : { ...options, fresh: 'store' };
    const load = (): Batch<TOut> => kind.load(origin.store, asked, wanted);
    const loaded = await settled(asked.length, reason === 'no redis' ? () => origin.gate.run(load) : load);
    if (lease !== null) this.#fill(reading, open, asked, loaded, lease);
    const short: number[] = [];
    for (const [i, at] of open.entries()) {
      const request = itemAt(requests, at);
      const entry = itemAt(loaded, i);
      const answer = entry instanceof Error || lease === null ? entry : kind.answer(request, entry);
      if (answer === undefined) short.push(at);
      else out[at] = answer;
      if (options.fresh instanceof Object && answer !== undefined && !(answer instanceof Error))
        kind.settle(options.fresh, request, answer);
    }
    await this.#load(reading, short, 'uncached');
  }

  #fill<TRequest, TOut extends CachedAnswer>(
    { keys, kind }: Reading<TRequest, TOut>,
    open: Places,
    asked: readonly TRequest[],
    loaded: ReadonlyArray<Entry<TOut>>,
    lease: Lease,
  ): void {
    if (lease.epoch === '' || performance.now() - lease.takenAt >= FILL_WITHIN_MS) return;
    const fills: ScriptCall[] = [];
    for (let i = 0; i < open.length; i++) {
      const value = itemAt(loaded, i);
      if (value instanceof Error) continue;
      const [text, ttlMs] = kind.fillArgs(itemAt(asked, i), value);
      fills.push({ key: keys[itemAt(open, i)] as CacheKey, args: [lease.epoch + text, ttlMs] });
    }
    void this.#link.run(fillEntry, [lease.text], fills, 'unawaited').then((replies) => this.#stats.countFills(replies));
  }
}

/**
 * If several requests of a batch need one entry, the first takes its lease. Equal requests wait for that one. Different
 * ones (for a longer page, say) are loaded without a lease: they would only find it taken by their own batch.
 */
function takeRepeats<TRequest, TOut extends CachedAnswer>(
  { requests, keys, kind }: Reading<TRequest, TOut>,
  absent: number[],
  uncached: number[],
): ReadonlyMap<number, number> {
  const repeats = new Map<number, number>();
  const firsts = new Map<string, number>();
  let count = 0;
  for (const at of absent) {
    const { entry } = keys[at] as CacheKey;
    const first = firsts.get(entry);
    if (first === undefined) {
      firsts.set(entry, at);
      absent[count++] = at;
    } else if (kind.isSame(itemAt(requests, first), itemAt(requests, at))) repeats.set(at, first);
    else uncached.push(at);
  }
  absent.length = count;
  return repeats;
}

const PROCESS = randomBytes(9).toString('base64url');
let leases = 0;

/** No two are equal, of however many processes. */
function nextLease(): string {
  return `${LEASE_MARK}${PROCESS}.${(leases++).toString(36)}`;
}

function isLease(reply: Reply): boolean {
  return typeof reply === 'string' && reply.startsWith(LEASE_MARK);
}

const same = <T>(value: T): T => value;

/** If a store throws for a whole batch, each entry of this load fails. Answers from Redis are kept. */
async function settled<TOut>(count: number, load: () => Batch<TOut>): Promise<ReadonlyArray<Entry<TOut>>> {
  try {
    return await load();
  } catch (cause) {
    return new Array(count).fill(cause instanceof Error ? cause : new Error('The store failed.', { cause }));
  }
}
