import { appendAll } from '../../utils/appendAll.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { Semaphore } from '../../utils/Semaphore.ts';
import { StoreBusyError } from '../errors.ts';
import { chainEntries } from '../shards/chain.ts';
import { chunksOf, inWindow } from '../shards/chunks.ts';
import { ForwardingStore, plainRead } from '../shards/ForwardingStore.ts';
import type { EdgePageRequest, EntryPageRequest } from '../shards/pageRequests.ts';
import { type EdgeRow, type EntryRow, LIVE, type ObjectRow } from '../shards/rows.ts';
import type {
  Batch,
  CountRequest,
  DueNote,
  EdgeKey,
  EdgePut,
  Entry,
  EntryClaim,
  EntryPut,
  ObjectInsert,
  ObjectReplacement,
  ObjectRewrite,
  PurgeRequest,
  ReadOptions,
  ShardStore,
  Stamp,
  UnitStamps,
  UnitWrite,
} from '../shards/ShardStore.ts';
import type { CacheKey, CacheKeys } from './cacheKeys.ts';
import type { Epoch } from './Epoch.ts';
import type { EntryKinds } from './entryKinds.ts';
import type { Invalidations, Touched } from './Invalidations.ts';
import { type CachedAnswer, type EntryKind, Reading } from './Reading.ts';
import type { ReadThrough } from './ReadThrough.ts';

/** Longer batches are read in parts, so that each request to Redis ends within its time limit. */
const MAX_KEYS = 1000;
/** The number of parts that are read at a time. */
const WINDOW = 3;

/** Shared by the stores behind one Redis. */
export interface RedisParts {
  readonly keys: CacheKeys;
  readonly kinds: EntryKinds;
  readonly reads: ReadThrough;
  readonly invalidations: Invalidations;
  readonly epoch: Epoch;
  /** How many loads may be under way to one store while Redis is unavailable. */
  readonly maxLoadsWithoutRedis: number;
  /** How many more may wait. */
  readonly maxWaitingWithoutRedis: number;
}

/**
 * A shard store behind Redis. Objects, pages and counts of lists, and pages of index values are read through Redis. A
 * write goes to the store first and then to Redis, before its caller is answered. Everything else goes to the store.
 * Spec 9.3.
 */
export class RedisShardStore extends ForwardingStore {
  readonly #parts: RedisParts;
  readonly #beforeCache: () => Promise<void>;
  readonly #gate: Semaphore;
  /** The number of lost connections after which the outbox was last checked. */
  #losses: number;

  constructor(store: ShardStore, parts: RedisParts, beforeCache: () => Promise<void>) {
    super(store);
    this.#parts = parts;
    this.#beforeCache = beforeCache;
    this.#losses = parts.epoch.losses;
    const { maxLoadsWithoutRedis, maxWaitingWithoutRedis } = parts;
    this.#gate = new Semaphore(maxLoadsWithoutRedis, {
      max: maxWaitingWithoutRedis,
      refusal: () => new StoreBusyError(maxWaitingWithoutRedis),
    });
  }

  get #invalidations(): Invalidations {
    return this.#parts.invalidations;
  }

  override readObjects(ids: readonly string[], options: ReadOptions = plainRead): Batch<ObjectRow | null> {
    return this.#read(ids, this.#parts.kinds.objects, options);
  }

  override readEdgePages(
    requests: readonly EdgePageRequest[],
    options: ReadOptions = plainRead,
  ): Batch<readonly EdgeRow[]> {
    return this.#read(requests, this.#parts.kinds.lists, options);
  }

  /** Edges of short lists are looked for in their lists; the store is asked for the others. */
  override readEdges(edges: readonly EdgeKey[], options?: ReadOptions): Batch<EdgeRow | null> {
    if (options === undefined || options.fresh === 'store') return this.store.readEdges(edges);
    const { maxMembers } = this.#parts.kinds;
    const places = new Map<string, number>();
    const requests: EdgePageRequest[] = [];
    const lists = edges.map(({ edgeId, fromId }) =>
      getOrCreate(places, `${edgeId} ${fromId}`, () => {
        return requests.push({ edgeId, fromId, afterPos: null, afterId: null, limit: maxMembers + 1 }) - 1;
      }),
    );
    return chainEntries(this.readEdgePages(requests, options), edges.length, (pages) => {
      const open: number[] = [];
      const found = edges.map(({ toId }, at): Entry<EdgeRow | null> => {
        const rows = itemAt(pages, itemAt(lists, at));
        if (rows instanceof Error) return rows;
        const row = rows.find((one) => one.toId === toId) ?? null;
        if (row === null && rows.length > maxMembers) open.push(at);
        return row;
      });
      if (open.length === 0) return found;
      const asked = open.map((at) => itemAt(edges, at));
      return chainEntries(this.store.readEdges(asked), edges.length, (rows) => {
        for (const [i, at] of open.entries()) found[at] = itemAt(rows, i);
        return found;
      });
    });
  }

  override countEdges(requests: readonly CountRequest[], options: ReadOptions = plainRead): Batch<number> {
    return this.#read(requests, this.#parts.kinds.counts, options);
  }

  override readEntryPages(
    requests: readonly EntryPageRequest[],
    options: ReadOptions = plainRead,
  ): Batch<readonly EntryRow[]> {
    return this.#read(requests, this.#parts.kinds.entries, options);
  }

  /** All reads of one event-loop turn are one request to Redis. */
  get gathersCalls(): boolean {
    return true;
  }

  #read<TRequest, TOut extends CachedAnswer>(
    requests: readonly TRequest[],
    kind: EntryKind<TRequest, TOut>,
    options: ReadOptions,
  ): Batch<TOut> {
    if (options.fresh === 'store') return kind.load(this.store, requests, options);
    const read = (some: readonly TRequest[]): Batch<TOut> => {
      const isTrusted = this.#losses === this.#parts.epoch.losses;
      const reading = new Reading(some, kind, options, { store: this.store, gate: this.#gate, isTrusted });
      this.#parts.reads.read(reading);
      return reading.value ?? reading;
    };
    if (requests.length <= MAX_KEYS) return read(requests);
    return inWindow(chunksOf(requests, MAX_KEYS), WINDOW, async (chunk) => read(chunk));
  }

  /**
   * While Redis was unavailable, writers could not tell it of their writes to this store. Redis is read again when the
   * outbox has no such note left.
   */
  override async readNotes(after: DueNote | null, limit: number, withinMs = 0): Promise<readonly DueNote[]> {
    const { epoch } = this.#parts;
    const { text, losses } = epoch;
    const notes = await this.store.readNotes(after, limit, withinMs);
    if (notes.length === 0 && after === null && text !== null) this.#losses = losses;
    return notes;
  }

  override insertObjects(inserts: readonly ObjectInsert[]): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
    const edges = inserts.flatMap(({ edges: own }) => own);
    const keys = [...inserts.map(({ row }) => this.#objectKey(row)), ...this.#plainKeys(edges)];
    return this.#write(() => this.store.insertObjects(inserts), keys, this.#touched(edges));
  }

  override replaceObjects(replacements: readonly ObjectReplacement[]): Promise<ReadonlyArray<Entry<boolean>>> {
    // also for writes that lost a race: their object may be in Redis in an old version
    const keys = replacements.map(({ row }) => this.#objectKey(row));
    return this.#write(() => this.store.replaceObjects(replacements), keys);
  }

  override rewriteObjects(rewrites: readonly ObjectRewrite[]): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
    const keys = rewrites.map(({ id }) => this.#parts.keys.object(id));
    return this.#write(() => this.store.rewriteObjects(rewrites), keys);
  }

  override putEdges(puts: readonly EdgePut[]): Promise<ReadonlyArray<Entry<Stamp | null>>> {
    return this.#write(() => this.store.putEdges(puts), this.#plainKeys(puts), this.#touched(puts));
  }

  override putEntries(puts: readonly EntryPut[]): Promise<ReadonlyArray<Entry<Stamp | null>>> {
    const keys = puts.flatMap(({ row }) => this.#parts.keys.writtenEntry(row));
    return this.#write(() => this.store.putEntries(puts), keys);
  }

  override claimEntries(claims: readonly EntryClaim[]): Promise<ReadonlyArray<Entry<EntryRow | null>>> {
    const keys = claims.flatMap(({ row }) => this.#parts.keys.writtenEntry(row));
    return this.#write(() => this.store.claimEntries(claims), keys);
  }

  override writeUnits(units: readonly UnitWrite[]): Promise<ReadonlyArray<Entry<UnitStamps>>> {
    const { keys: cacheKeys } = this.#parts;
    const keys: CacheKey[] = units.flatMap(({ ids }) => ids.map((id) => cacheKeys.object(id)));
    const watched = units.map((unit): UnitWrite => {
      const plan: UnitWrite['plan'] = (rows, ends) => {
        const planned = unit.plan(rows, ends);
        for (const { row } of planned.edges) appendAll(keys, cacheKeys.written(row));
        for (const { row } of planned.entries) appendAll(keys, cacheKeys.writtenEntry(row));
        return planned;
      };
      return { ...unit, plan };
    });
    return this.#write(() => this.store.writeUnits(watched), keys);
  }

  override purge(request: PurgeRequest): Promise<number> {
    const keys = [
      ...request.objects.map((row) => this.#objectKey(row)),
      ...request.edges.flatMap((row) => this.#parts.keys.written(row)),
      ...request.entries.flatMap((row) => this.#parts.keys.writtenEntry(row)),
    ];
    return this.#write(() => this.store.purge(request), keys);
  }

  /**
   * Writes, and then removes the cached entries, also when the write failed: it may have been applied nevertheless. A write
   * that is applied later has a note in the outbox.
   */
  async #write<T>(
    write: () => MaybePromise<T>,
    keys: readonly CacheKey[],
    touched: readonly Touched[] = [],
  ): Promise<T> {
    const answers = await Promise.resolve()
      .then(write)
      .catch(async (error: unknown) => {
        await this.#invalidations.remove(keys, touched);
        throw error;
      });
    await this.#beforeCache();
    await this.#invalidations.remove(keys, touched);
    return answers;
  }

  /** The entries that edges change in any case: their lists, and the counts and sums of these. */
  #plainKeys(puts: readonly EdgePut[]): readonly CacheKey[] {
    const { keys } = this.#parts;
    return puts.flatMap(({ row }) => (row.key === undefined ? keys.written(row) : keys.counted(row)));
  }

  #touched(puts: readonly EdgePut[]): readonly Touched[] {
    const { keys } = this.#parts;
    return puts.flatMap(({ row: { edgeId, fromId, toId, key, state } }) => {
      if (key === undefined) return [];
      const orderKey = state === LIVE ? key : null;
      return [false, true].map((isFromEnd) => ({
        key: keys.list(edgeId, fromId, isFromEnd),
        toId,
        orderKey,
        isFromEnd,
      }));
    });
  }

  #objectKey({ id }: ObjectRow): CacheKey {
    return this.#parts.keys.object(id);
  }
}
