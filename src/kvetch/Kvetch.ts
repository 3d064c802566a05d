import { endOfChanges, readChanges } from './changes/readChanges.ts';
import type { ChangesOptions, StoredChange } from './changes/StoredChange.ts';
import { checkArguments, type WithOptions } from './checkArguments.ts';
import type { CleanOptions } from './cleaners/CleanOptions.ts';
import { type CleanReport, clean } from './cleaners/clean.ts';
import { type DanglingReport, findDangling } from './cleaners/danglingIds.ts';
import { countExpired, type ExpiredReport } from './cleaners/expiredObjects.ts';
import type { KvetchBatching } from './KvetchBatching.ts';
import { asStored, type KvetchContext } from './KvetchContext.ts';
import type { KvetchObject } from './KvetchObject.ts';
import type { KvetchStats } from './KvetchStats.ts';
import { type OpenWork, openWork } from './outbox/openWork.ts';
import { createReads, scoped } from './reads/createReads.ts';
import type {
  CountArgs,
  EdgeCountRequest,
  EdgePage,
  EdgeQuestion,
  EdgesRequest,
  IndexPage,
  IndexRequest,
  KvetchReads,
  ListArgs,
  ObjectPage,
  PageWays,
} from './reads/KvetchReads.ts';
import { only } from './reads/only.ts';
import type { EdgeRef, IndexRef, KvetchSchema, TypeRef } from './schema/KvetchSchema.ts';
import type { ConsistencyToken } from './shards/ConsistencyToken.ts';
import type { ObjectRow } from './shards/rows.ts';
import type { Entry, ShardSpan, ShardStore } from './shards/ShardStore.ts';
import { exportShards } from './transfer/exportShards.ts';
import { type ImportCounters, importRows, newImportCounters } from './transfer/importRows.ts';
import { fromLine } from './transfer/rowLines.ts';
import type { UpdateOptions } from './writes/changeInTurn.ts';
import type { AttributesInput } from './writes/checkAttributes.ts';
import { createObjects } from './writes/createObjects.ts';
import { deleteObject } from './writes/deleteObject.ts';
import { findRepeated, type KeyedCreate } from './writes/findRepeated.ts';
import { inParts } from './writes/inParts.ts';
import {
  deleteEdge,
  deleteIndexEntry,
  type EdgeInput,
  type IndexEntryInput,
  insertEdge,
  insertIndexEntry,
} from './writes/plainWrites.ts';
import { type CreateRequest, keyedId, placeOfCreate } from './writes/prepareCreate.ts';
import { type FoundUnit, findUnit } from './writes/unit/findUnit.ts';
import type { UnitMember } from './writes/unit/members.ts';
import type { UnitResult } from './writes/unit/UnitResult.ts';
import type { UnitOptions } from './writes/unit/unitKey.ts';
import { writeUnit } from './writes/unit/writeUnit.ts';
import { updateObject } from './writes/updateObject.ts';

export type CreateOptions = Omit<CreateRequest, 'data'>;

/** With a key: the id of the object that a create with it makes. */
export type NewIdOptions = Omit<CreateOptions, 'id'>;

/**
 * The store: it routes records to shards, keeps edges and index entries in step with objects, and counts its requests
 * to the shards. Made by `createKvetch`.
 *
 * Methods for one key throw; methods for many answer one entry per request, a value or an `Error` for it alone.
 */
export class Kvetch {
  /** The schema that it was made with. */
  readonly schema: KvetchSchema;
  /** The batched reads of plan steps: synchronous as long as the shards are. */
  readonly reads: KvetchReads;
  /** Counters of reads since the start. Spec 9.7. */
  readonly stats: KvetchStats;
  /** How several requests share calls; null: not at all. */
  readonly batching: KvetchBatching | null;
  readonly #context: KvetchContext;

  /** @internal */
  constructor(context: KvetchContext) {
    this.#context = context;
    this.schema = context.schema;
    this.stats = context.stats;
    this.batching = context.batching;
    this.reads = createReads(context);
  }

  /** Requests whose stores have the same key share calls: one store, and equal freshness. Null without batching. */
  get batchKey(): string | null {
    const { sharing, fresh } = this.#context;
    return sharing === null ? null : sharing.keyOf(fresh);
  }

  /**
   * The same store for one user or request. Its reads show the writes that are noted in `freshness`, whatever caches
   * hold, and its own writes are noted there. The token travels as text, so that another process can show these
   * writes, too. `whileBuilding` is as in `createKvetch`. Spec 9.4. With `unchecked`, writes do not look for the objects
   * that stored ids of a `mustExist` edge name: for bulk loads.
   */
  with(options: WithOptions): Kvetch {
    checkArguments('with', options);
    const { freshness: fresh = this.#context.fresh, whileBuilding = this.#context.whileBuilding } = options;
    const { unchecked = this.#context.unchecked } = options;
    return new Kvetch({ ...this.#context, fresh, whileBuilding, unchecked, scope: null });
  }

  /**
   * The same store for one request: put it into the request's context. Plan steps and resolvers then ask for each key
   * once, and their reads of one turn go out together. After a write through it, lists are read anew, and objects that the
   * write may have changed. Spec 10.1.5.
   */
  forRequest(): Kvetch {
    return new Kvetch(scoped(this.#context));
  }

  /** The same store and request, from its first write on, which `freshness` will note: what was read before stays known. @internal */
  noting(freshness: ConsistencyToken): Kvetch {
    return new Kvetch({ ...this.#context, fresh: freshness });
  }

  /**
   * Creates an object and returns its id. If the process dies behind its commit, lists and indexes lack the object until a relay
   * (`outboxPollMs`), a cleaner, or the repeat of the create by its `idempotencyKey` adds it. Spec 6.8.
   */
  async createObject(type: TypeRef, data: AttributesInput, options: CreateOptions = {}): Promise<string> {
    checkArguments('createObject', options);
    return only(await this.#written((context) => createObjects(context, type, [{ ...options, data }])));
  }

  /** Creates an object with an idempotency key. `isNew`: whether this call did, and no earlier one. */
  async createOnce(
    type: TypeRef,
    data: AttributesInput,
    options: CreateOptions & { readonly idempotencyKey: string },
  ): Promise<{ readonly id: string; readonly isNew: boolean }> {
    checkArguments('createOnce', options);
    const repeats = new Map<string, ObjectRow>();
    const id = only(await this.#written((context) => createObjects(context, type, [{ ...options, data }], repeats)));
    return { id, isNew: !repeats.has(id) };
  }

  /**
   * The id of the object that an earlier create with this key and `madeFrom` has made; null where there was none. Asked
   * of the shard, whatever caches say. Throws a `ConflictError` when the key was used with other input.
   */
  async findRepeated(type: TypeRef, create: KeyedCreate): Promise<string | null> {
    return this.#written((context) => findRepeated(context, type, create));
  }

  /** Creates many objects of a type, each for itself: its id, or the `Error` of its create. */
  async createObjects(type: TypeRef, requests: readonly CreateRequest[]): Promise<ReadonlyArray<Entry<string>>> {
    for (const request of requests) checkArguments('createObjects', request);
    return this.#written((context) => createObjects(context, type, requests));
  }

  /** The object, or `null` when there is none. */
  async getObject(id: string): Promise<KvetchObject | null> {
    return only(await this.reads.objects([id]));
  }

  /** The objects of ids, in their order: null for none, an `Error` where the shard does not answer. */
  async getObjects(ids: readonly string[]): Promise<ReadonlyArray<Entry<KvetchObject | null>>> {
    return this.reads.objects(ids);
  }

  /** Changes attributes (absent keeps, `null` clears) and returns the new record. */
  async updateObject(id: string, patch: AttributesInput, options?: UpdateOptions): Promise<KvetchObject> {
    checkArguments('updateObject', options);
    return this.#written((context) => updateObject(context, id, patch, options));
  }

  /** Changes many objects, each for itself: its new record, or the `Error` of its update. */
  async updateObjects(
    requests: ReadonlyArray<UpdateOptions & { readonly id: string; readonly data: AttributesInput }>,
  ): Promise<ReadonlyArray<Entry<KvetchObject>>> {
    for (const request of requests) checkArguments('updateObjects', request);
    return this.#written((context) =>
      inParts(requests, ({ id, data, ...options }) => updateObject(context, id, data, options)),
    );
  }

  /** Deletes an object; whether it was there. */
  async deleteObject(id: string, options?: UpdateOptions): Promise<boolean> {
    checkArguments('deleteObject', options);
    return this.#written((context) => deleteObject(context, id, options));
  }

  /** Deletes many objects, each for itself: whether it was there, or the `Error` of its delete. */
  async deleteObjects(
    requests: ReadonlyArray<UpdateOptions & { readonly id: string }>,
  ): Promise<ReadonlyArray<Entry<boolean>>> {
    for (const request of requests) checkArguments('deleteObjects', request);
    return this.#written((context) => inParts(requests, ({ id, ...options }) => deleteObject(context, id, options)));
  }

  /**
   * Writes all members or none: `create`, `update`, `deleteObject`, `check`, `insertEdge`, `deleteEdge`, `insertIndexEntry`,
   * `deleteIndexEntry`. Each sees what those before it have done; `check` sees its object as it was before all of them.
   * Spec 6.8.
   */
  async write(members: readonly UnitMember[], options?: UnitOptions): Promise<UnitResult> {
    checkArguments('write', options);
    return this.#writtenTogether(writeUnit(this.#context, members, options));
  }

  /**
   * Where a unit will be at home (`home`: what is created near this id lies with it), and the answer to it, if it was
   * written before with its idempotency key. Throws a `ConflictError` when another unit was.
   */
  async findUnit(members: readonly UnitMember[], options: UnitOptions = {}): Promise<FoundUnit> {
    checkArguments('findUnit', options);
    const found = findUnit(this.#context, members, options);
    // without a key nothing is asked of the store
    return options.idempotencyKey === undefined ? found : this.#writtenTogether(found);
  }

  /** An id for an object that is about to be created: on the shard of `near`, or of a parent in its data. */
  newId(type: TypeRef, data: AttributesInput = {}, options: NewIdOptions = {}): string {
    checkArguments('newId', options);
    const { near, idempotencyKey, madeFrom = data } = options;
    if (idempotencyKey !== undefined) return keyedId(this.schema.type(type), madeFrom, { near, idempotencyKey });
    return this.#context.ids.next(placeOfCreate(this.schema.type(type), { data, near }));
  }

  /** Inserts a plain edge, or replaces its data: it keeps its place in the list. */
  async insertEdge(edge: EdgeRef, input: EdgeInput): Promise<void> {
    checkArguments('insertEdge', input);
    return this.#written((context) => insertEdge(context, edge, input));
  }

  /** Inserts many plain edges, each for itself: null, or the `Error` of its insert. */
  async insertEdges(edge: EdgeRef, inputs: readonly EdgeInput[]): Promise<ReadonlyArray<Entry<null>>> {
    for (const input of inputs) checkArguments('insertEdges', input);
    return this.#written((context) => inParts(inputs, (input) => insertEdge(context, edge, input).then(() => null)));
  }

  /** Deletes a plain edge. One that is not there is no error. */
  async deleteEdge(edge: EdgeRef, input: Omit<EdgeInput, 'data'>): Promise<void> {
    checkArguments('deleteEdge', input);
    return this.#written((context) => deleteEdge(context, edge, input));
  }

  /** A page of a list. */
  async getEdges(edge: EdgeRef, fromId: string, page: Omit<EdgesRequest, 'edge' | 'fromId'> = {}): Promise<EdgePage> {
    checkArguments('getEdges', page);
    return only(await this.reads.edges([{ ...page, edge, fromId }]));
  }

  /** A page for each request, in their order, or the `Error` of it. */
  async getEdgeLists(requests: readonly EdgesRequest[]): Promise<ReadonlyArray<Entry<EdgePage>>> {
    for (const request of requests) checkArguments('getEdgeLists', request);
    return this.reads.edges(requests);
  }

  /** How many edges a list has, as the store has them: also those whose objects are gone a moment ago. */
  async countEdges(edge: EdgeRef, fromId: string, part?: CountArgs): Promise<number> {
    checkArguments('countEdges', part);
    return only(await this.reads.counts([{ ...part, edge, fromId }]));
  }

  /** How many objects an index lists for a value. */
  async countIndex(index: IndexRef, value?: unknown, part?: CountArgs): Promise<number> {
    checkArguments('countIndex', part);
    return only(await this.reads.indexCounts([{ ...part, index, value }]));
  }

  /**
   * The sum of the numbers that a list is ordered by: `attr` is the first attribute of its order, of kind `int` or `float`. Absent
   * values add nothing, an empty list has the sum 0. Spec 6.4.4.
   * @throws BadPageError where the list has no such order
   * @throws BadValueError where the sum is no safe integer, or no finite number
   */
  async sumEdges(edge: EdgeRef, fromId: string, attr: string, part?: Pick<CountArgs, 'range'>): Promise<number> {
    checkArguments('sumEdges', part);
    return only(await this.reads.counts([{ ...part, edge, fromId, sum: attr }]));
  }

  /** The same of what an index lists for a value. */
  async sumIndex(index: IndexRef, value: unknown, attr: string, part?: Pick<CountArgs, 'range'>): Promise<number> {
    checkArguments('sumIndex', part);
    return only(await this.reads.indexCounts([{ ...part, index, value, sum: attr }]));
  }

  /** Whether an edge is there, as the store has it. */
  async hasEdge(edge: EdgeRef, fromId: string, toId: string): Promise<boolean> {
    return only(await this.reads.has([{ edge, fromId, toId }]));
  }

  /** The same for many, in one call a server. */
  async hasEdges(questions: readonly EdgeQuestion[]): Promise<ReadonlyArray<Entry<boolean>>> {
    for (const question of questions) checkArguments('hasEdges', question);
    return this.reads.has(questions);
  }

  /** A count for each request, or with `sum` the sum of that attribute, in their order, or the `Error` of it. */
  async countEdgeLists(requests: readonly EdgeCountRequest[]): Promise<ReadonlyArray<Entry<number>>> {
    for (const request of requests) checkArguments('countEdgeLists', request);
    return this.reads.counts(requests);
  }

  /** Inserts an entry of an index without `attr`. Others follow their objects. */
  async insertIndexEntry(index: IndexRef, input: IndexEntryInput): Promise<void> {
    checkArguments('insertIndexEntry', input);
    return this.#written((context) => insertIndexEntry(context, index, input));
  }

  /** Deletes an entry of an index without `attr`. One that is not there is no error. */
  async deleteIndexEntry(index: IndexRef, input: IndexEntryInput): Promise<void> {
    checkArguments('deleteIndexEntry', input);
    return this.#written((context) => deleteIndexEntry(context, index, input));
  }

  /** The ids that an index holds for a value. */
  async queryIndex(index: IndexRef, value: unknown, page: ListArgs = {}): Promise<IndexPage> {
    checkArguments('queryIndex', page);
    return only(await this.reads.index([{ ...page, index, value }]));
  }

  /** A page of ids for each request, in their order, or the `Error` of it. */
  async queryIndexes(requests: readonly IndexRequest[]): Promise<ReadonlyArray<Entry<IndexPage>>> {
    for (const request of requests) checkArguments('queryIndexes', request);
    return this.reads.index(requests);
  }

  /** A page of all objects of a type, in order of id. Another order is an index with `attrs: []`. */
  async browse(type: TypeRef, page: PageWays = {}): Promise<ObjectPage> {
    checkArguments('browse', page);
    return only(await this.reads.browse([{ ...page, type }]));
  }

  /**
   * All objects of a type, a page at a time, in order of id: for jobs that read, change or export them all. A job that was
   * interrupted goes on behind the last page that it has done, with `after`: the `endCursor` of that page. What is created
   * meanwhile is met, and what is deleted is not. `first` objects a page, by default as many as the limits allow.
   */
  async *browsePages(
    type: TypeRef,
    { first = this.#context.limits.maxFirst, ...start }: Pick<PageWays, 'first' | 'after'> = {},
  ): AsyncGenerator<ObjectPage, void, undefined> {
    checkArguments('browsePages', start);
    for (let page = start; ; ) {
      const found = await this.browse(type, { ...page, first });
      yield found;
      if (!found.hasNextPage) return;
      page = { after: found.endCursor };
    }
  }

  /**
   * The committed changes of all objects and plain edges, for search indexes, mail and other stores: at least once each, and
   * in order for one object. What changed comes as it is when the change is read, so several changes may come as one. Ends
   * with `signal`, and when the store is closed. Needs `changeFeed` of `createKvetch`. Spec 6.13.
   * @throws ChangesGoneError where changes behind `from` are not kept any more
   * @throws BadCursorError where `from` is no position
   */
  async *changes(options: ChangesOptions = {}): AsyncGenerator<StoredChange, void, undefined> {
    checkArguments('changes', options);
    yield* readChanges(this.#context, options);
  }

  /** The present end of the changes: with `from`, all follow that are committed after this call. A few earlier ones may, too. */
  async changePosition(): Promise<string> {
    return endOfChanges(this.#context);
  }

  /** Finds and repairs rows that crashes left wrong, once over all shards or a range of them. */
  async clean(options?: CleanOptions): Promise<CleanReport> {
    return clean(this.#context, options);
  }

  /** The edges and indexes that are not filled in yet for objects that were there before them: `index "username"`. */
  async building(): Promise<readonly string[]> {
    return [...(await this.#context.backfills.pending()).values()];
  }

  /** The work that writes have left to relays and cleaners, the children of deleted objects among it. @internal */
  async openWork(): Promise<OpenWork> {
    return openWork(asStored(this.#context));
  }

  /** Looks for so long for stored ids that name no object, where an edge says that there are none. @internal */
  async findDangling(
    withinMs: number,
    onDangling: NonNullable<CleanOptions['onDangling']> = () => {},
  ): Promise<DanglingReport> {
    return findDangling(asStored(this.#context), withinMs, onDangling);
  }

  /** Counts for so long the objects that have expired and are still stored. @internal */
  async countExpired(withinMs: number): Promise<ExpiredReport> {
    return countExpired(asStored(this.#context), withinMs);
  }

  /**
   * Hands all rows of some shards over as lines of JSON, tombstones included: each shard as it was at one moment. Throws
   * when a server fails; drop the lines that were handed over until then. Returns the number of lines.
   */
  async exportShards(shards: ShardSpan, write: (lines: readonly string[]) => Promise<void>): Promise<number> {
    return exportShards(this.#context, shards, write);
  }

  /**
   * Makes the store have the rows of lines that `exportShards` made: writes rows that differ and are not newer here,
   * and reads them again. Lines of objects go first, as they decide about the others. It can be repeated. Throws when a
   * server fails or a line is none of an export; `counters` count the work done.
   */
  async importLines(lines: readonly string[], counters: ImportCounters = newImportCounters()): Promise<ImportCounters> {
    await importRows(this.#context, lines.map(fromLine), counters);
    return counters;
  }

  /** The physical stores, for tests and tools. */
  get stores(): readonly ShardStore[] {
    return this.#context.shards.stores;
  }

  /**
   * Whether a write succeeds or fails, reads that began before its end are outdated. A write of many that failed for one may have
   * changed any object.
   */
  async #written<T>(write: (context: KvetchContext) => Promise<T>): Promise<T> {
    const { scope } = this.#context;
    if (scope === null) return write(this.#context);
    const wrote: ObjectRow[] = [];
    let isDone = false;
    try {
      const result = await write({ ...this.#context, wrote });
      isDone = !Array.isArray(result) || !result.some((entry) => entry instanceof Error);
      return result;
    } finally {
      if (isDone) scope.settle(wrote);
      else scope.forget();
    }
  }

  /** The same of units, which do not tell the scope of their rows. */
  async #writtenTogether<T>(write: Promise<T>): Promise<T> {
    try {
      return await write;
    } finally {
      this.#context.scope?.forget();
    }
  }

  /**
   * Hands over changes that caches have not been told of, for at most a second; the outboxes of the stores keep the
   * rest for other processes. Then the stores are closed.
   */
  async close(): Promise<void> {
    const { relay, cache, outbox, closing } = this.#context;
    closing.abort();
    await relay?.stop();
    await cache?.flush?.(CLOSE_MS);
    await outbox.flush();
    for (const store of this.stores) await store.close();
  }
}

const CLOSE_MS = 1000;
