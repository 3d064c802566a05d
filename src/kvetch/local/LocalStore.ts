import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { KvetchStats } from '../KvetchStats.ts';
import type { ConsistencyToken } from '../shards/ConsistencyToken.ts';
import { chain, chainAll, isPromise } from '../shards/chain.ts';
import { ForwardingStore, plainRead } from '../shards/ForwardingStore.ts';
import type { EdgePageRequest, EntryPageRequest } from '../shards/pageRequests.ts';
import type { EdgeRow, EntryRow, ObjectRow } from '../shards/rows.ts';
import type {
  Batch,
  CountRequest,
  EdgePut,
  Entry,
  EntryClaim,
  EntryPut,
  MixedAnswers,
  MixedOptions,
  MixedReads,
  ObjectInsert,
  ObjectReplacement,
  PurgeRequest,
  ReadOptions,
  ShardStore,
  Stamp,
} from '../shards/ShardStore.ts';
import { InFlightReads } from './InFlightReads.ts';
import { JointRead } from './JointRead.ts';
import type { ObjectMemory } from './ObjectMemory.ts';

/**
 * A store as one process sees it: equal reads that are under way are one read, and objects may be remembered for a
 * moment. A write of this process ends both for what it touches, before its caller hears of it.
 */
export class LocalStore extends ForwardingStore {
  readonly #memory: ObjectMemory | null;
  #isAtOnce: boolean;
  readonly #stats: KvetchStats;
  readonly #objects = new InFlightReads<string, ObjectRow | null>(
    { groupOf: (id) => id, nameOf: (id) => id },
    (_id, row) => row !== null && this.#memory?.put(row),
  );
  readonly #lists = new InFlightReads<EdgePageRequest, readonly EdgeRow[]>(
    {
      groupOf: listGroup,
      nameOf: (page) =>
        `${page.edgeId} ${page.fromId} ${page.afterPos} ${page.afterId} ${page.limit} ${page.reverse === true}`,
    },
    null,
  );
  readonly #counts = new InFlightReads<CountRequest, number>({ groupOf: listGroup, nameOf: listGroup }, null);
  readonly #entries = new InFlightReads<EntryPageRequest, readonly EntryRow[]>(
    { groupOf: entriesGroup, nameOf: (page) => `${page.afterId} ${page.limit} ${entriesGroup(page)}` },
    null,
  );

  constructor(store: ShardStore, memory: ObjectMemory | null, stats: KvetchStats) {
    super(store);
    this.#isAtOnce = store.answersAtOnce === true;
    this.#memory = memory;
    this.#stats = stats;
  }

  override readObjects(ids: readonly string[], options: ReadOptions = plainRead): Batch<ObjectRow | null> {
    return this.#noteTime(this.#readObjects(ids, options, (batch) => this.store.readObjects(batch, options)));
  }

  override readEdgePages(
    requests: readonly EdgePageRequest[],
    options: ReadOptions = plainRead,
  ): Batch<readonly EdgeRow[]> {
    return this.#noteTime(this.#readPages(requests, options, (batch) => this.store.readEdgePages(batch, options)));
  }

  override countEdges(requests: readonly CountRequest[], options: ReadOptions = plainRead): Batch<number> {
    return this.#noteTime(this.#readCounts(requests, options, (batch) => this.store.countEdges(batch, options)));
  }

  override readEntryPages(
    requests: readonly EntryPageRequest[],
    options: ReadOptions = plainRead,
  ): Batch<readonly EntryRow[]> {
    return this.#noteTime(this.#readEntries(requests, options, (batch) => this.store.readEntryPages(batch, options)));
  }

  /** What of each kind is neither remembered nor under way goes on as one call. */
  override read(reads: MixedReads, options: MixedOptions = {}): MaybePromise<MixedAnswers> {
    const joint = new JointRead(this.store, options);
    const lists = [
      this.#readObjects(reads.objects, options.objects ?? plainRead, (batch) => joint.load('objects', batch)),
      this.#readPages(reads.pages, options.pages ?? plainRead, (batch) => joint.load('pages', batch)),
      this.#readCounts(reads.counts, options.counts ?? plainRead, (batch) => joint.load('counts', batch)),
      this.#readEntries(reads.entries, options.entries ?? plainRead, (batch) => joint.load('entries', batch)),
    ];
    joint.send();
    return chain(chainAll<unknown>(lists), ([objects, pages, counts, entries]) => {
      return { objects, pages, counts, entries } as MixedAnswers;
    });
  }

  /** Whether all reads so far gave their answers at once. */
  get answersAtOnce(): boolean {
    return this.#isAtOnce;
  }

  #noteTime<T>(answers: MaybePromise<T>): MaybePromise<T> {
    if (this.#isAtOnce && isPromise(answers)) this.#isAtOnce = false;
    return answers;
  }

  #readObjects(
    ids: readonly string[],
    options: ReadOptions,
    load: (ids: readonly string[]) => Batch<ObjectRow | null>,
  ): Batch<ObjectRow | null> {
    if (this.#memory === null || options.fresh === 'store' || options.isTracked)
      return this.#loadObjects(ids, options, load);
    const out: Entry<ObjectRow | null>[] = ids.map((id) => this.#recall(id, options) ?? null);
    const missing = ids.map((_, at) => at).filter((at) => out[at] === null);
    const hits = ids.length - missing.length;
    this.#stats.memoryHits += hits;
    options.trace?.('memory hits', hits);
    if (missing.length === 0) return out;
    const loading = this.#loadObjects(
      missing.map((at) => itemAt(ids, at)),
      options,
      load,
    );
    return chain(loading, (rows) => {
      for (const [i, at] of missing.entries()) out[at] = itemAt(rows, i);
      return out;
    });
  }

  #readPages(
    requests: readonly EdgePageRequest[],
    options: ReadOptions,
    load: (requests: readonly EdgePageRequest[]) => Batch<readonly EdgeRow[]>,
  ): Batch<readonly EdgeRow[]> {
    return this.#share(this.#lists, requests, options, load, (freshness, request, rows) =>
      freshness.isShownByList(request, rows),
    );
  }

  #readCounts(
    requests: readonly CountRequest[],
    options: ReadOptions,
    load: (requests: readonly CountRequest[]) => Batch<number>,
  ): Batch<number> {
    return this.#share(this.#counts, requests, options, load, (freshness, request) => !freshness.hasWritten(request));
  }

  #readEntries(
    requests: readonly EntryPageRequest[],
    options: ReadOptions,
    load: (requests: readonly EntryPageRequest[]) => Batch<readonly EntryRow[]>,
  ): Batch<readonly EntryRow[]> {
    return this.#share(this.#entries, requests, options, load, (freshness, request, rows) =>
      freshness.isShownByEntries(request, rows),
    );
  }

  override insertObjects(inserts: readonly ObjectInsert[]): Batch<ObjectRow | null> {
    const write = () => this.store.insertObjects(inserts);
    return this.#write(write, (answers) => {
      for (const [at, { row, edges }] of inserts.entries()) {
        this.#objectWritten(row, answers?.[at] === null);
        for (const edge of edges) this.#edgeWritten(edge.row);
      }
    });
  }

  override replaceObjects(replacements: readonly ObjectReplacement[]): Batch<boolean> {
    const write = () => this.store.replaceObjects(replacements);
    return this.#write(write, (answers) => {
      for (const [at, { row }] of replacements.entries()) this.#objectWritten(row, answers?.[at] === true);
    });
  }

  override putEdges(puts: readonly EdgePut[]): Batch<Stamp | null> {
    const write = () => this.store.putEdges(puts);
    return this.#write(write, () => {
      for (const { row } of puts) this.#edgeWritten(row);
    });
  }

  override putEntries(puts: readonly EntryPut[]): Batch<Stamp | null> {
    const write = () => this.store.putEntries(puts);
    return this.#write(write, () => {
      for (const { row } of puts) this.#entries.end(entriesGroup(row));
    });
  }

  override claimEntries(claims: readonly EntryClaim[]): Batch<EntryRow | null> {
    const write = () => this.store.claimEntries(claims);
    return this.#write(write, () => {
      for (const { row } of claims) this.#entries.end(entriesGroup(row));
    });
  }

  override purge(request: PurgeRequest): MaybePromise<number> {
    const write = () => this.store.purge(request);
    return this.#write(write, () => {
      for (const row of request.objects) this.#objectWritten(row, false);
      for (const row of request.edges) this.#edgeWritten(row);
      for (const row of request.entries) this.#entries.end(entriesGroup(row));
    });
  }

  #loadObjects(
    ids: readonly string[],
    options: ReadOptions,
    load: (ids: readonly string[]) => Batch<ObjectRow | null>,
  ): Batch<ObjectRow | null> {
    return this.#share(this.#objects, ids, options, load, (freshness, id, row) => freshness.isShownByObject(id, row));
  }

  #recall(id: string, { fresh }: ReadOptions): ObjectRow | undefined {
    const row = this.#memory?.get(id);
    const isFresh = row === undefined || !(fresh instanceof Object) || fresh.isShownByObject(id, row);
    return isFresh ? row : undefined;
  }

  #share<TRequest, TOut>(
    flights: InFlightReads<TRequest, TOut>,
    requests: readonly TRequest[],
    { fresh, isTracked, trace }: ReadOptions,
    load: (requests: readonly TRequest[]) => Batch<TOut>,
    isFresh: (freshness: ConsistencyToken, request: TRequest, answer: TOut) => boolean,
  ): Batch<TOut> {
    if (fresh === 'store' || isTracked || requests.length === 0) return load(requests);
    return flights.read(requests, {
      load,
      accepts: (request, answer) => answer instanceof Error || fresh === null || isFresh(fresh, request, answer),
      onJoin: (count) => {
        this.#stats.joined += count;
        trace?.('joined', count);
      },
    });
  }

  #edgeWritten(row: EdgeRow): void {
    const group = listGroup(row);
    this.#lists.end(group);
    this.#counts.end(group);
  }

  #objectWritten(row: ObjectRow, isThere: boolean): void {
    this.#objects.end(row.id);
    if (isThere) this.#memory?.replace(row);
    else this.#memory?.remove(row.id);
  }

  /** Whatever came of the write, what began before it ended tells nothing of what is there now. */
  #write<T>(write: () => MaybePromise<T>, ended: (answers: T | null) => void): MaybePromise<T> {
    const failed = (cause: unknown): never => {
      ended(null);
      throw cause;
    };
    const done = (answers: T): T => {
      ended(answers);
      return answers;
    };
    try {
      const writing = this.#noteTime(write());
      return isPromise(writing) ? writing.then(done, failed) : done(writing);
    } catch (cause) {
      return failed(cause);
    }
  }
}

function listGroup({ edgeId, fromId }: Pick<EdgeRow, 'edgeId' | 'fromId'>): string {
  return `${edgeId} ${fromId}`;
}

function entriesGroup({ index, value }: Pick<EntryRow, 'index' | 'value'>): string {
  return `${index} ${value}`;
}
