import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { EdgeRow, EntryRow, ObjectRow } from '../shards/rows.ts';
import type {
  Batch,
  BrowseRequest,
  CleanerState,
  CountRequest,
  EdgeKey,
  EdgePageRequest,
  EdgePut,
  Entry,
  EntryClaim,
  EntryKey,
  EntryPageRequest,
  EntryPut,
  LeaseRequest,
  ObjectInsert,
  ObjectReplacement,
  PurgeRequest,
  ScanPage,
  ScanRequest,
  ShardStore,
} from '../shards/ShardStore.ts';
import type { CacheKey } from './cacheKeys.ts';
import { type EntryContext, entriesKind, listKind, objectKind } from './entryKinds.ts';
import type { Invalidations } from './Invalidations.ts';
import type { EntryKind, ReadThrough } from './ReadThrough.ts';

/**
 * A shard store behind Redis. Objects, pages of lists and pages of index values are read through it; every write
 * goes to the store first and then to Redis, before its caller hears of it. All else is the store's own.
 */
export class RedisShardStore implements ShardStore {
  readonly #store: ShardStore;
  readonly #context: EntryContext;
  readonly #reads: ReadThrough;
  readonly #invalidations: Invalidations;
  readonly #objects: EntryKind<string, ObjectRow | null>;
  readonly #lists: EntryKind<EdgePageRequest, readonly EdgeRow[]>;
  readonly #entries: EntryKind<EntryPageRequest, readonly EntryRow[]>;

  constructor(context: EntryContext, reads: ReadThrough, invalidations: Invalidations) {
    this.#store = context.store;
    this.#context = context;
    this.#reads = reads;
    this.#invalidations = invalidations;
    this.#objects = objectKind(context);
    this.#lists = listKind(context);
    this.#entries = entriesKind(context);
  }

  get name(): string {
    return this.#store.name;
  }

  async readObjects(ids: readonly string[]): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
    const unique = [...new Set(ids)]; // an id twice in a batch would wait for its own lease
    const rows = await this.#reads.read(unique, this.#objects);
    if (unique.length === ids.length) return rows;
    const byId = new Map(unique.map((id, at) => [id, rows[at] as Entry<ObjectRow | null>]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  async readEdgePages(requests: readonly EdgePageRequest[]): Promise<ReadonlyArray<Entry<readonly EdgeRow[]>>> {
    return this.#reads.read(requests, this.#lists);
  }

  async readEntryPages(requests: readonly EntryPageRequest[]): Promise<ReadonlyArray<Entry<readonly EntryRow[]>>> {
    return this.#reads.read(requests, this.#entries);
  }

  countEdges(requests: readonly CountRequest[]): Batch<number> {
    return this.#store.countEdges(requests);
  }

  browse(requests: readonly BrowseRequest[]): Batch<readonly ObjectRow[]> {
    return this.#store.browse(requests);
  }

  readEdges(keys: readonly EdgeKey[]): Batch<EdgeRow | null> {
    return this.#store.readEdges(keys);
  }

  readEntries(keys: readonly EntryKey[]): Batch<EntryRow | null> {
    return this.#store.readEntries(keys);
  }

  readHolders(keys: ReadonlyArray<Pick<EntryRow, 'index' | 'value'>>): Batch<EntryRow | null> {
    return this.#store.readHolders(keys);
  }

  scanObjects(request: ScanRequest): MaybePromise<ScanPage<ObjectRow>> {
    return this.#store.scanObjects(request);
  }

  scanEdges(request: ScanRequest): MaybePromise<ScanPage<EdgeRow>> {
    return this.#store.scanEdges(request);
  }

  scanEntries(request: ScanRequest): MaybePromise<ScanPage<EntryRow>> {
    return this.#store.scanEntries(request);
  }

  async insertObjects(inserts: readonly ObjectInsert[]): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
    const listKeys = inserts.flatMap(({ edges }) => edges.map(({ row }) => this.#listKey(row)));
    const answers = await this.#write(
      () => this.#store.insertObjects(inserts),
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

  async replaceObjects(replacements: readonly ObjectReplacement[]): Promise<ReadonlyArray<Entry<boolean>>> {
    const keys = replacements.map(({ row }) => this.#objectKey(row));
    const answers = await this.#write(() => this.#store.replaceObjects(replacements), keys);
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

  putEdges(puts: readonly EdgePut[]): Promise<ReadonlyArray<Entry<null>>> {
    const keys = puts.map(({ row }) => this.#listKey(row));
    return this.#writeAndRemove(() => this.#store.putEdges(puts), keys);
  }

  putEntries(puts: readonly EntryPut[]): Promise<ReadonlyArray<Entry<null>>> {
    const keys = puts.map(({ row }) => this.#entriesKey(row));
    return this.#writeAndRemove(() => this.#store.putEntries(puts), keys);
  }

  claimEntries(claims: readonly EntryClaim[]): Promise<ReadonlyArray<Entry<EntryRow | null>>> {
    const keys = claims.map(({ row }) => this.#entriesKey(row));
    return this.#writeAndRemove(() => this.#store.claimEntries(claims), keys);
  }

  async purge(request: PurgeRequest): Promise<number> {
    const keys = [
      ...request.objects.map((row) => this.#objectKey(row)),
      ...request.edges.map((row) => this.#listKey(row)),
      ...request.entries.map((row) => this.#entriesKey(row)),
    ];
    const removed = await this.#write(() => this.#store.purge(request), keys);
    await this.#invalidations.remove(keys);
    return removed;
  }

  acquireLease(request: LeaseRequest): MaybePromise<CleanerState | null> {
    return this.#store.acquireLease(request);
  }

  saveCleanerState(task: string, owner: string, state: CleanerState): MaybePromise<boolean> {
    return this.#store.saveCleanerState(task, owner, state);
  }

  releaseLease(task: string, owner: string): MaybePromise<void> {
    return this.#store.releaseLease(task, owner);
  }

  close(): MaybePromise<void> {
    return this.#store.close();
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
    try {
      return await write();
    } catch (error) {
      await this.#invalidations.removeUnknown(keys);
      throw error;
    }
  }

  #objectKey({ id }: ObjectRow): CacheKey {
    return this.#context.keys.object(id);
  }

  #listKey({ edgeId, fromId }: EdgeRow): CacheKey {
    return this.#context.keys.list(edgeId, fromId);
  }

  #entriesKey({ index, value }: EntryRow): CacheKey {
    return this.#context.keys.entries(index, value);
  }
}
