import type { CleanOptions } from './cleaners/CleanOptions.ts';
import { type CleanReport, clean } from './cleaners/clean.ts';
import type { KvetchBatching, KvetchContext } from './KvetchContext.ts';
import type { KvetchObject } from './KvetchObject.ts';
import type { KvetchStats } from './KvetchStats.ts';
import { createReads } from './reads/createReads.ts';
import type {
  EdgePage,
  EdgesRequest,
  IndexPage,
  IndexRequest,
  KvetchReads,
  ObjectPage,
  PageArgs,
} from './reads/KvetchReads.ts';
import type { EdgeRef, IndexRef, KvetchSchema, TypeRef } from './schema/KvetchSchema.ts';
import type { Freshness } from './shards/Freshness.ts';
import type { Batch, Entry, ShardStore } from './shards/ShardStore.ts';
import type { AttributesInput } from './writes/checkAttributes.ts';
import { createObjects } from './writes/createObjects.ts';
import { deleteObject } from './writes/deleteObject.ts';
import {
  deleteEdge,
  deleteIndexEntry,
  type EdgeInput,
  type IndexEntryInput,
  insertEdge,
  insertIndexEntry,
} from './writes/plainWrites.ts';
import type { CreateRequest } from './writes/prepareCreate.ts';
import { type UpdateOptions, updateObject } from './writes/updateObject.ts';

export type CreateOptions = Omit<CreateRequest, 'data'>;

/**
 * The store: it routes records to shards, keeps edges and index entries in step with objects, and counts what it asks
 * of its shards. Made by `createKvetch`.
 *
 * Methods for one thing throw; methods for many answer one entry per request, a value or an `Error` for it alone.
 */
export class Kvetch {
  readonly schema: KvetchSchema;
  /** The batched reads of plan steps: synchronous as long as the shards are. */
  readonly reads: KvetchReads;
  readonly stats: KvetchStats;
  /** How plan steps of several requests share calls; null: not at all. */
  readonly batching: KvetchBatching | null;
  readonly #context: KvetchContext;

  constructor(context: KvetchContext) {
    this.#context = context;
    this.schema = context.schema;
    this.stats = context.stats;
    this.batching = context.batching;
    this.reads = createReads(context);
  }

  /**
   * The same store for one user or request, whose reads show what `freshness` knows of whatever caches say, and whose
   * writes it remembers. It travels as text, so that another process can show them too.
   */
  with({ freshness }: { readonly freshness: Freshness }): Kvetch {
    return new Kvetch({ ...this.#context, fresh: freshness });
  }

  /** Creates an object and returns its id. */
  async createObject(type: TypeRef, data: AttributesInput, options: CreateOptions = {}): Promise<string> {
    return only(await createObjects(this.#context, type, [{ ...options, data }]));
  }

  async createObjects(type: TypeRef, requests: readonly CreateRequest[]): Promise<ReadonlyArray<Entry<string>>> {
    return createObjects(this.#context, type, requests);
  }

  /** The object, or `null` when there is none. */
  async getObject(id: string): Promise<KvetchObject | null> {
    return only(await this.reads.objects([id]));
  }

  async getObjects(ids: readonly string[]): Promise<ReadonlyArray<Entry<KvetchObject | null>>> {
    return this.reads.objects(ids);
  }

  /** Changes attributes (absent keeps, `null` clears) and returns the new record. */
  async updateObject(id: string, patch: AttributesInput, options?: UpdateOptions): Promise<KvetchObject> {
    return updateObject(this.#context, id, patch, options);
  }

  /** Deletes an object; whether it was there. */
  async deleteObject(id: string, options?: UpdateOptions): Promise<boolean> {
    return deleteObject(this.#context, id, options);
  }

  /** Inserts a plain edge, or replaces its data: it keeps its place in the list. */
  async insertEdge(edge: EdgeRef, input: EdgeInput): Promise<void> {
    return insertEdge(this.#context, edge, input);
  }

  async deleteEdge(edge: EdgeRef, input: Omit<EdgeInput, 'data'>): Promise<void> {
    return deleteEdge(this.#context, edge, input);
  }

  /** A page of a list. */
  async getEdges(edge: EdgeRef, fromId: string, page: PageArgs = {}): Promise<EdgePage> {
    return only(await this.reads.edges([{ ...page, edge, fromId }]));
  }

  async getEdgesMany(requests: readonly EdgesRequest[]): Promise<ReadonlyArray<Entry<EdgePage>>> {
    return this.reads.edges(requests);
  }

  async countEdges(edge: EdgeRef, fromId: string): Promise<number> {
    return only(await this.reads.counts([{ edge, fromId }]));
  }

  async countEdgesMany(
    requests: ReadonlyArray<Pick<EdgesRequest, 'edge' | 'fromId'>>,
  ): Promise<ReadonlyArray<Entry<number>>> {
    return this.reads.counts(requests);
  }

  /** Inserts an entry of an index without `attr`. Others follow their objects. */
  async insertIndexEntry(index: IndexRef, input: IndexEntryInput): Promise<void> {
    return insertIndexEntry(this.#context, index, input);
  }

  async deleteIndexEntry(index: IndexRef, input: IndexEntryInput): Promise<void> {
    return deleteIndexEntry(this.#context, index, input);
  }

  /** The ids that an index holds for a value. */
  async queryIndex(index: IndexRef, value: unknown, page: PageArgs = {}): Promise<IndexPage> {
    return only(await this.reads.index([{ ...page, index, value }]));
  }

  async queryIndexMany(requests: readonly IndexRequest[]): Promise<ReadonlyArray<Entry<IndexPage>>> {
    return this.reads.index(requests);
  }

  /** A page of all objects of a type, in order of id. */
  async browse(type: TypeRef, page: PageArgs = {}): Promise<ObjectPage> {
    return only(await this.reads.browse([{ ...page, type }]));
  }

  /** Finds and repairs what crashes left wrong, once over all shards or a range of them. */
  async clean(options?: CleanOptions): Promise<CleanReport> {
    return clean(this.#context, options);
  }

  /** The physical stores, for tests and tools. */
  get stores(): readonly ShardStore[] {
    return this.#context.shards.stores;
  }

  async close(): Promise<void> {
    for (const store of this.stores) await store.close();
  }
}

function only<T>(entries: Awaited<Batch<T>>): T {
  const entry = entries[0] as Entry<T>; // one request, one entry
  if (entry instanceof Error) throw entry;
  return entry;
}
