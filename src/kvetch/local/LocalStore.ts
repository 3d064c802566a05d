import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { KvetchStats } from '../KvetchStats.ts';
import type { ConsistencyToken } from '../shards/ConsistencyToken.ts';
import { chain, isPromise, together } from '../shards/chain.ts';
import { ForwardingStore, plainRead } from '../shards/ForwardingStore.ts';
import {
  countedPartOf,
  type EdgePageRequest,
  type EntryPageRequest,
  isSameEntryStart,
  isSameStart,
} from '../shards/pageRequests.ts';
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
  ObjectRewrite,
  PurgeRequest,
  ReadOptions,
  ShardStore,
  Stamp,
  UnitRows,
  UnitStamps,
  UnitWrite,
} from '../shards/ShardStore.ts';
import { InFlightReads } from './InFlightReads.ts';
import { JointRead } from './JointRead.ts';
import type { ObjectMemory } from './ObjectMemory.ts';

/**
 * A store as one process sees it: equal reads that are under way are one read, and objects may be remembered for a
 * moment. A write of this process ends both for its rows before its caller is answered. Spec 9.5.
 */
export class LocalStore extends ForwardingStore {
  readonly #memory: ObjectMemory | null;
  #isAtOnce: boolean;
  readonly #stats: KvetchStats;
  readonly #objects: InFlightReads<string, ObjectRow | null>;
  readonly #lists: InFlightReads<EdgePageRequest, readonly EdgeRow[]>;
  readonly #counts: InFlightReads<CountRequest, number>;
  readonly #entries: InFlightReads<EntryPageRequest, readonly EntryRow[]>;

  constructor(store: ShardStore, memory: ObjectMemory | null, stats: KvetchStats) {
    super(store);
    this.#isAtOnce = store.answersAtOnce === true;
    this.#memory = memory;
    this.#stats = stats;
    const onJoin = (count: number, trace: ReadOptions['trace']): void => {
      stats.joined += count;
      trace?.('joined', count);
    };
    this.#objects = new InFlightReads<string, ObjectRow | null>({
      ...{ subjectOf: itself, groupOf: itself, isSame: () => true, onJoin },
      accepts: (id, row, fresh) => isShown(fresh, row, (token, there) => token.isShownByObject(id, there)),
      onLand: memory === null ? null : (_id, row) => row !== null && memory.put(row),
    });
    this.#lists = new InFlightReads<EdgePageRequest, readonly EdgeRow[]>({
      ...{ subjectOf: ({ fromId }) => fromId, groupOf: listGroup, isSame: isSamePage, onJoin, onLand: null },
      accepts: (request, rows, fresh) => isShown(fresh, rows, (token, there) => token.isShownByList(request, there)),
    });
    this.#counts = new InFlightReads<CountRequest, number>({
      ...{ subjectOf: ({ fromId }) => fromId, groupOf: listGroup, onJoin, onLand: null },
      isSame: (one, other) => one.edgeId === other.edgeId && countedPartOf(one) === countedPartOf(other),
      accepts: (request, count, fresh) => isShown(fresh, count, (token) => !token.hasWritten(request)),
    });
    this.#entries = new InFlightReads<EntryPageRequest, readonly EntryRow[]>({
      ...{ subjectOf: ({ value }) => value, groupOf: entriesGroup, isSame: isSameEntryPage, onJoin, onLand: null },
      accepts: (request, rows, fresh) => isShown(fresh, rows, (token, there) => token.isShownByEntries(request, there)),
    });
  }

  override readObjects(ids: readonly string[], options: ReadOptions = plainRead): Batch<ObjectRow | null> {
    return this.#noteTime(this.#readObjects(ids, options, (batch) => this.store.readObjects(batch, options)));
  }

  override readEdgePages(
    requests: readonly EdgePageRequest[],
    options: ReadOptions = plainRead,
  ): Batch<readonly EdgeRow[]> {
    return this.#noteTime(share(this.#lists, requests, options, (batch) => this.store.readEdgePages(batch, options)));
  }

  override countEdges(requests: readonly CountRequest[], options: ReadOptions = plainRead): Batch<number> {
    return this.#noteTime(share(this.#counts, requests, options, (batch) => this.store.countEdges(batch, options)));
  }

  override readEntryPages(
    requests: readonly EntryPageRequest[],
    options: ReadOptions = plainRead,
  ): Batch<readonly EntryRow[]> {
    return this.#noteTime(
      share(this.#entries, requests, options, (batch) => this.store.readEntryPages(batch, options)),
    );
  }

  /** The keys of each kind that are neither remembered nor under way go on as one call. */
  override read(reads: MixedReads, options: MixedOptions = {}): MaybePromise<MixedAnswers> {
    const { objects = plainRead, pages = plainRead, counts = plainRead, entries = plainRead } = options;
    const joint = new JointRead(this.store, options);
    const lists: readonly Batch<unknown>[] = [
      this.#readObjects(reads.objects, objects, (batch) => joint.load('objects', batch)),
      share(this.#lists, reads.pages, pages, (batch) => joint.load('pages', batch)),
      share(this.#counts, reads.counts, counts, (batch) => joint.load('counts', batch)),
      share(this.#entries, reads.entries, entries, (batch) => joint.load('entries', batch)),
    ];
    joint.send();
    return together(lists, (answers) => {
      const [ofObjects, ofPages, ofCounts, ofEntries] = answers;
      return { objects: ofObjects, pages: ofPages, counts: ofCounts, entries: ofEntries } as MixedAnswers;
    });
  }

  /** Whether all reads so far gave their answers at once. */
  get answersAtOnce(): boolean {
    return this.#isAtOnce;
  }

  get gathersCalls(): boolean {
    return this.store.gathersCalls === true;
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
      return share(this.#objects, ids, options, load);
    const out: Entry<ObjectRow | null>[] = ids.map((id) => this.#recall(id, options) ?? null);
    const missing = ids.map((_, at) => at).filter((at) => out[at] === null);
    const hits = ids.length - missing.length;
    this.#stats.memoryHits += hits;
    options.trace?.('memory hits', hits);
    if (missing.length === 0) return out;
    const loading = share(
      this.#objects,
      missing.map((at) => itemAt(ids, at)),
      options,
      load,
    );
    return chain(loading, (rows) => {
      for (const [i, at] of missing.entries()) out[at] = itemAt(rows, i);
      return out;
    });
  }

  override insertObjects(inserts: readonly ObjectInsert[]): Batch<ObjectRow | null> {
    const write = () => this.store.insertObjects(inserts);
    return this.#write(write, (answers) => {
      for (const [at, { row, edges }] of inserts.entries()) {
        this.#objectWritten(row.id, answers?.[at] === null ? row : null);
        for (const edge of edges) this.#edgeWritten(edge.row);
      }
    });
  }

  override replaceObjects(replacements: readonly ObjectReplacement[]): Batch<boolean> {
    const write = () => this.store.replaceObjects(replacements);
    return this.#write(write, (answers) => {
      for (const [at, { row }] of replacements.entries())
        this.#objectWritten(row.id, answers?.[at] === true ? row : null);
    });
  }

  override rewriteObjects(rewrites: readonly ObjectRewrite[]): Batch<ObjectRow | null> {
    const write = () => this.store.rewriteObjects(rewrites);
    return this.#write(write, (answers) => {
      for (const [at, { id }] of rewrites.entries()) {
        const row = answers?.[at] ?? null;
        this.#objectWritten(id, row instanceof Error ? null : row);
      }
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

  override writeUnits(units: readonly UnitWrite[]): Batch<UnitStamps> {
    const planned: (UnitRows | null)[] = units.map(() => null);
    const watched = units.map((unit, at): UnitWrite => {
      const plan: UnitWrite['plan'] = (rows, ends) => {
        const own = unit.plan(rows, ends);
        planned[at] = own;
        return own;
      };
      return { ...unit, plan };
    });
    return this.#write(
      () => this.store.writeUnits(watched),
      (answers) => {
        for (const [at, { ids }] of units.entries()) {
          const { inserts = [], replacements = [], edges = [], entries = [] } = planned[at] ?? {};
          const isWritten = answers !== null && !(answers[at] instanceof Error);
          const written = new Map([...inserts, ...replacements].map((row) => [row.id, isWritten ? row : null]));
          for (const id of new Set([...ids, ...written.keys()])) this.#objectWritten(id, written.get(id) ?? null);
          for (const { row } of edges) this.#edgeWritten(row);
          for (const { row } of entries) this.#entries.end(entriesGroup(row));
        }
      },
    );
  }

  override purge(request: PurgeRequest): MaybePromise<number> {
    const write = () => this.store.purge(request);
    return this.#write(write, () => {
      for (const row of request.objects) this.#objectWritten(row.id, null);
      for (const row of request.edges) this.#edgeWritten(row);
      for (const row of request.entries) this.#entries.end(entriesGroup(row));
    });
  }

  #recall(id: string, { fresh }: ReadOptions): ObjectRow | undefined {
    const row = this.#memory?.get(id);
    const isFresh = row === undefined || !(fresh instanceof Object) || fresh.isShownByObject(id, row);
    return isFresh ? row : undefined;
  }

  #edgeWritten(row: EdgeRow): void {
    const group = listGroup(row);
    this.#lists.end(group);
    this.#counts.end(group);
  }

  /** `row`: the present row, `null` where it is unknown. */
  #objectWritten(id: string, row: ObjectRow | null): void {
    this.#objects.end(id);
    if (row !== null) this.#memory?.replace(row);
    else this.#memory?.remove(id);
  }

  /** Whether a write succeeds or fails, reads that began before its end are outdated. */
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

function itself(id: string): string {
  return id;
}

function isSamePage(one: EdgePageRequest, other: EdgePageRequest): boolean {
  return one.edgeId === other.edgeId && one.limit === other.limit && isSameStart(one, other);
}

function isSameEntryPage(one: EntryPageRequest, other: EntryPageRequest): boolean {
  return one.index === other.index && one.limit === other.limit && isSameEntryStart(one, other);
}

/** Whether an answer shows the writes of `fresh`. A failure is not asked for again. */
function isShown<T>(
  fresh: ReadOptions['fresh'],
  answer: Entry<T>,
  shows: (token: ConsistencyToken, answer: T) => boolean,
): boolean {
  return !(fresh instanceof Object) || answer instanceof Error || shows(fresh, answer);
}

/** Reads keys that are not under way already. Tracked reads, and reads from the store itself, join none. */
function share<TRequest, TOut>(
  flights: InFlightReads<TRequest, TOut>,
  requests: readonly TRequest[],
  options: ReadOptions,
  load: (requests: readonly TRequest[]) => Batch<TOut>,
): Batch<TOut> {
  const isAlone = options.fresh === 'store' || options.isTracked || requests.length === 0;
  return isAlone ? load(requests) : flights.read(requests, options, load);
}
