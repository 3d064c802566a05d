import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { StoreBusyError } from '../errors.ts';
import { ForwardingStore, plainRead } from '../shards/ForwardingStore.ts';
import { Gate } from '../shards/Gate.ts';
import type { EdgePageRequest, EntryPageRequest } from '../shards/pageRequests.ts';
import type { EdgeRow, EntryRow, ObjectRow } from '../shards/rows.ts';
import type {
  Batch,
  EdgePut,
  Entry,
  EntryClaim,
  EntryPut,
  ObjectInsert,
  ObjectReplacement,
  PurgeRequest,
  ReadOptions,
  ShardStore,
} from '../shards/ShardStore.ts';
import type { CacheKey, CacheKeys } from './cacheKeys.ts';
import type { EntryKinds } from './entryKinds.ts';
import type { Invalidations } from './Invalidations.ts';
import type { EntryKind, ReadThrough } from './ReadThrough.ts';

/** What the stores behind one Redis share. */
export interface RedisParts {
  readonly keys: CacheKeys;
  readonly kinds: EntryKinds;
  readonly reads: ReadThrough;
  readonly invalidations: Invalidations;
  /** How many loads may be under way to one store for want of Redis. */
  readonly maxLoadsWithoutRedis: number;
  /** How many more may wait. */
  readonly maxWaitingWithoutRedis: number;
}

/**
 * A shard store behind Redis. Objects, pages of lists and pages of index values are read through it; every write
 * goes to the store first and then to Redis, before its caller hears of it. All else is the store's own.
 */
export class RedisShardStore extends ForwardingStore {
  readonly #parts: RedisParts;
  readonly #beforeCache: () => Promise<void>;
  readonly #gate: Gate;

  constructor(store: ShardStore, parts: RedisParts, beforeCache: () => Promise<void>) {
    super(store);
    this.#parts = parts;
    this.#beforeCache = beforeCache;
    const { maxLoadsWithoutRedis, maxWaitingWithoutRedis } = parts;
    this.#gate = new Gate(
      maxLoadsWithoutRedis,
      maxWaitingWithoutRedis,
      () => new StoreBusyError(maxWaitingWithoutRedis),
    );
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

  override readEntryPages(
    requests: readonly EntryPageRequest[],
    options: ReadOptions = plainRead,
  ): Batch<readonly EntryRow[]> {
    return this.#read(requests, this.#parts.kinds.entries, options);
  }

  #read<TRequest, TOut extends object | null>(
    requests: readonly TRequest[],
    kind: EntryKind<TRequest, TOut>,
    options: ReadOptions,
  ): Batch<TOut> {
    if (options.fresh === 'store') return kind.load(this.store, requests, options);
    return this.#parts.reads.read(requests, kind, options, { store: this.store, gate: this.#gate });
  }

  override async insertObjects(inserts: readonly ObjectInsert[]): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
    const listKeys = inserts.flatMap(({ edges }) => edges.map(({ row }) => this.#listKey(row)));
    const answers = await this.#write(
      () => this.store.insertObjects(inserts),
      [...inserts.map(({ row }) => this.#objectKey(row)), ...listKeys],
    );
    const known = inserts.flatMap(({ row }, at) => {
      const answer = answers[at];
      return answer instanceof Error || answer === undefined ? [] : [{ key: this.#objectKey(row), row: answer ?? row }];
    });
    const unknown = inserts.flatMap(({ row, edges }, at) =>
      answers[at] instanceof Error ? [this.#objectKey(row), ...edges.map((edge) => this.#listKey(edge.row))] : [],
    );
    await Promise.all([
      this.#invalidations.applyObjects(known),
      this.#invalidations.remove(listKeys),
      unknown.length > 0 ? this.#invalidations.removeUnknown(unknown) : null,
    ]);
    return answers;
  }

  override async replaceObjects(replacements: readonly ObjectReplacement[]): Promise<ReadonlyArray<Entry<boolean>>> {
    const keys = replacements.map(({ row }) => this.#objectKey(row));
    const answers = await this.#write(() => this.store.replaceObjects(replacements), keys);
    const replaced = replacements.flatMap(({ row }, at) =>
      answers[at] === true ? [{ key: keys[at] as CacheKey, row }] : [],
    );
    // who lost may have read an old version here: the next read must not find it again
    const lost = keys.filter((_, at) => answers[at] === false);
    const unknown = keys.filter((_, at) => answers[at] instanceof Error);
    await Promise.all([
      this.#invalidations.applyObjects(replaced),
      this.#invalidations.remove(lost),
      unknown.length > 0 ? this.#invalidations.removeUnknown(unknown) : null,
    ]);
    return answers;
  }

  override putEdges(puts: readonly EdgePut[]): Promise<ReadonlyArray<Entry<null>>> {
    const keys = puts.map(({ row }) => this.#listKey(row));
    return this.#writeAndRemove(() => this.store.putEdges(puts), keys);
  }

  override putEntries(puts: readonly EntryPut[]): Promise<ReadonlyArray<Entry<null>>> {
    const keys = puts.map(({ row }) => this.#entriesKey(row));
    return this.#writeAndRemove(() => this.store.putEntries(puts), keys);
  }

  override claimEntries(claims: readonly EntryClaim[]): Promise<ReadonlyArray<Entry<EntryRow | null>>> {
    const keys = claims.map(({ row }) => this.#entriesKey(row));
    return this.#writeAndRemove(() => this.store.claimEntries(claims), keys);
  }

  override async purge(request: PurgeRequest): Promise<number> {
    const keys = [
      ...request.objects.map((row) => this.#objectKey(row)),
      ...request.edges.map((row) => this.#listKey(row)),
      ...request.entries.map((row) => this.#entriesKey(row)),
    ];
    const removed = await this.#write(() => this.store.purge(request), keys);
    await this.#invalidations.remove(keys);
    return removed;
  }

  async #writeAndRemove<T>(write: () => Batch<T>, keys: readonly CacheKey[]): Promise<ReadonlyArray<Entry<T>>> {
    const answers = await this.#write(write, keys);
    const unknown = keys.filter((_, at) => answers[at] instanceof Error);
    await Promise.all([
      this.#invalidations.remove(keys),
      unknown.length > 0 ? this.#invalidations.removeUnknown(unknown) : null,
    ]);
    return answers;
  }

  /** A write that throws may have been applied all the same, or may be later. */
  async #write<T>(write: () => MaybePromise<T>, keys: readonly CacheKey[]): Promise<T> {
    const answers = await Promise.resolve()
      .then(write)
      .catch(async (error: unknown) => {
        await this.#invalidations.removeUnknown(keys);
        throw error;
      });
    await this.#beforeCache();
    return answers;
  }

  #objectKey({ id }: ObjectRow): CacheKey {
    return this.#parts.keys.object(id);
  }

  #listKey({ edgeId, fromId }: EdgeRow): CacheKey {
    return this.#parts.keys.list(edgeId, fromId);
  }

  #entriesKey({ index, value }: EntryRow): CacheKey {
    return this.#parts.keys.entries(index, value);
  }
}
