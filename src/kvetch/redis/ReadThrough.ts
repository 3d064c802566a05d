import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { itemAt } from '../../utils/itemAt.ts';
import type { Batch, Entry, ReadOptions } from '../shards/ShardStore.ts';
import type { CacheKey, CacheKeys } from './cacheKeys.ts';
import { isError, type Reply } from './commands.ts';
import { EPOCH_CHARS, type Epoch } from './Epoch.ts';
import type { Invalidations } from './Invalidations.ts';
import {
  type AnyReading,
  type CachedAnswer,
  type EntryKind,
  type Found,
  failRest,
  type Miss,
  nothingFound,
  type Places,
  takeRepeats,
} from './Reading.ts';
import type { RedisCacheStats } from './RedisCacheStats.ts';
import type { RedisLink } from './RedisLink.ts';
import type { ScriptCall } from './scriptBatches.ts';
import { fillEntry, LEASE_MARK, replaceByLease, type Script, takeLease } from './scripts.ts';

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
 * The end of each text. None has it before: JSON has no control characters. So a text without it was cut. Older processes
 * take it for an edge that cannot be read, and the list for absent; without the line break they would take it for data.
 */
const END_MARK = '\n\u0004';

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

  /** Answers a batch. All batches of one turn ask Redis together. It never fails: entries do. */
  read(reading: AnyReading): void {
    const { asked, places, found } = this.#divide(reading, null);
    if (asked.length === 0) return this.#answer(reading, places, [], 0, found);
    this.#link.getThen(asked, (replies, from) => this.#answer(reading, places, replies, from, found));
  }

  #answer(
    reading: AnyReading,
    places: Places | null,
    replies: readonly Reply[],
    from: number,
    found: Found | null,
  ): void {
    let missing: Found | null;
    try {
      missing = this.#sort(reading, places, replies, from, found);
    } catch (cause) {
      return this.#fail(reading, cause);
    }
    if (missing === null) return reading.come(reading.out);
    void reading.own.runInAsyncScope(this.#loadMissing, this, reading, missing).then(
      () => reading.come(reading.out),
      (cause: unknown) => this.#fail(reading, cause),
    );
  }

  #fail(reading: AnyReading, cause: unknown): void {
    failRest(reading, cause);
    reading.come(reading.out);
  }

  /** Loads missing entries, or waits until others have filled them in. */
  async #loadMissing(reading: AnyReading, missing: Found): Promise<void> {
    const loads: Promise<void>[] = [];
    let repeats: ReadonlyMap<number, number> | null = null;
    let found: Found | null = missing;
    if (missing.uncached.length > 0) loads.push(this.#load(reading, missing.uncached, 'uncached'));
    for (let turn = 0; found !== null; turn++) {
      const { absent, useless, leasedElsewhere, uncachable, unanswered }: Found = found;
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
      const open: Places = [...leasedElsewhere, ...elsewhere];
      if (open.length === 0) break;
      this.#stats.waits += open.length;
      await sleep(5 + Math.random() * 15);
      found = await this.#look(reading, open);
    }
    if (loads.length > 0) await Promise.all(loads);
    if (repeats !== null) for (const [at, first] of repeats) reading.out[at] = itemAt(reading.out, first);
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

  /** Reads entries again that others were filling. */
  async #look(reading: AnyReading, open: Places): Promise<Found | null> {
    const { asked, places, found } = this.#divide(reading, open);
    return this.#sort(reading, places, await this.#link.get(asked), 0, found);
  }

  /**
   * Answers from the replies of Redis to the keys at some places (`null`: all of them), which begin at `from`. Keys without an
   * answer are sorted, and added to the earlier ones; `null` where nothing is missing.
   */
  #sort(
    { requests, keys, kind, options, out }: AnyReading,
    places: Places | null,
    replies: readonly Reply[],
    from: number,
    before: Found | null,
  ): Found | null {
    const epoch = this.#epoch.text;
    const { hasDirty } = this.#invalidations;
    let missing = before;
    let hits = 0;
    let stale = 0;
    const count = places === null ? keys.length : places.length;
    for (let i = 0; i < count; i++) {
      const at = places === null ? i : itemAt(places, i);
      const request = requests[at];
      const key = keys[at] as CacheKey;
      const reply = replies[from + i];
      const found = epoch === null ? unknownEpoch : this.#parse(kind, request, key, reply, epoch);
      const isDirty = hasDirty && this.#invalidations.isDirty(key);
      if (typeof found !== 'string' && !(found instanceof Error) && !isDirty) {
        if (!(options.fresh instanceof Object) || kind.isFresh(options.fresh, request, found)) {
          out[at] = found;
          hits++;
          continue;
        }
        stale++;
        missing ??= nothingFound();
        missing.useless.push(at);
        continue;
      }
      missing ??= nothingFound();
      if (found instanceof Error || isDirty) missing.unanswered.push(at);
      else if (found === 'uncachable') missing.uncachable.push(at);
      else (reply === null ? missing.absent : isLease(reply) ? missing.leasedElsewhere : missing.useless).push(at);
    }
    const { trace } = options;
    this.#stats.hits += hits;
    this.#stats.stale += stale;
    trace?.('redis hits', hits);
    if (missing === null) {
      trace?.('redis misses', 0);
      return null;
    }
    const { absent, useless, leasedElsewhere, uncachable } = missing;
    const misses = absent.length + useless.length + leasedElsewhere.length + uncachable.length;
    this.#stats.misses += misses;
    trace?.('redis misses', misses);
    return missing;
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
    if (reply === key.text && reply !== '' && key.sign === kind.signOf(request)) return key.answer as TOut;
    // An error reply is a reply. WRONGTYPE means that the key holds another type.
    if (isError(reply)) return reply.message.startsWith('WRONGTYPE') ? 'miss' : reply;
    if (typeof reply === 'string' && !reply.endsWith(END_MARK)) return 'miss';
    const answer = kind.parse(request, typeof reply === 'string' ? reply.slice(EPOCH_CHARS, -END_MARK.length) : reply);
    if (typeof answer !== 'string' && typeof reply === 'string')
      this.#keys.remember(key, reply, kind.signOf(request), answer);
    return answer;
  }

  /**
   * Separates requests that Redis can be asked from those that it cannot: `open` are those to look at, or all. The places
   * of the asked ones are `null` where these are all of the batch.
   */
  #divide(
    { keys, origin }: AnyReading,
    open: Places | null,
  ): { readonly asked: readonly CacheKey[]; readonly places: Places | null; readonly found: Found | null } {
    const isTrusted = this.#epoch.text !== null && origin.isTrusted;
    if (open === null && isTrusted && !this.#invalidations.hasDirty && areAll(keys)) {
      return { asked: keys, places: null, found: null };
    }
    const asked: CacheKey[] = [];
    const places: number[] = [];
    const uncached: number[] = [];
    const unanswered: number[] = [];
    for (const at of open ?? keys.keys()) {
      const key = keys[at] ?? null;
      if (key === null) uncached.push(at);
      else if (!isTrusted || this.#invalidations.isDirty(key)) unanswered.push(at);
      else {
        asked.push(key);
        places.push(at);
      }
    }
    this.#stats.bypasses += unanswered.length;
    const isWhole = uncached.length + unanswered.length === 0;
    return { asked, places, found: isWhole ? null : { ...nothingFound(), unanswered, uncached } };
  }

  /** Takes the leases of missing entries, and of entries that are useless. */
  async #takeLeases({ keys }: AnyReading, absent: Places, useless: Places, { text }: Lease) {
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
  async #load(reading: AnyReading, open: Places, reason: LoadReason): Promise<void> {
    if (open.length === 0) return;
    const { requests, kind, options, origin, out } = reading;
    const lease = typeof reason === 'string' ? null : reason;
    const asked = open.map((at) => itemAt(requests, at)).map(lease === null ? same : kind.toFill);
    this.#stats.loads++;
    options.trace?.('loaded', open.length);
    // a lagging replica must not fill Redis, nor give answers that are older than those of Redis
    const wanted: ReadOptions = reason === 'no redis' ? options : { ...options, fresh: 'store' };
    const load = (): Batch<CachedAnswer> => kind.load(origin.store, asked, wanted);
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

  #fill(
    { keys, kind }: AnyReading,
    open: Places,
    asked: readonly unknown[],
    loaded: ReadonlyArray<Entry<CachedAnswer>>,
    lease: Lease,
  ): void {
    if (lease.epoch === '' || performance.now() - lease.takenAt >= FILL_WITHIN_MS) return;
    const fills: ScriptCall[] = [];
    for (let i = 0; i < open.length; i++) {
      const value = itemAt(loaded, i);
      if (value instanceof Error) continue;
      const [text, ttlMs] = kind.fillArgs(itemAt(asked, i), value);
      fills.push({ key: keys[itemAt(open, i)] as CacheKey, args: [lease.epoch + text + END_MARK, ttlMs] });
    }
    void this.#link.run(fillEntry, [lease.text], fills, 'unawaited').then((replies) => this.#stats.countFills(replies));
  }
}

const PROCESS = randomBytes(9).toString('base64url');
let leases = 0;

/** No two are equal, of however many processes. */
function nextLease(): string {
  return `${LEASE_MARK}${PROCESS}.${(leases++).toString(36)}`;
}

function areAll(keys: ReadonlyArray<CacheKey | null>): keys is readonly CacheKey[] {
  return !keys.includes(null);
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
