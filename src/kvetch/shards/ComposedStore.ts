import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { EdgePageRequest, EntryPageRequest } from './pageRequests.ts';
import { readEachKind } from './readEachKind.ts';
import type { EdgeRow, EntryRow, ObjectRow, StoredRows } from './rows.ts';
import type {
  Batch,
  BrowseRequest,
  Built,
  CleanerState,
  CountRequest,
  DueNote,
  EdgeKey,
  EdgePut,
  EdgeStore,
  EntryClaim,
  EntryKey,
  EntryPut,
  EntryStore,
  Lease,
  LeaseRequest,
  LeaseStore,
  LeaseTerm,
  MixedAnswers,
  MixedOptions,
  MixedReads,
  ObjectInsert,
  ObjectReplacement,
  ObjectRewrite,
  ObjectStore,
  OutboxStore,
  PurgeRequest,
  ReadOptions,
  ScanPage,
  ScanRequest,
  ShardSpan,
  ShardStore,
  Stamp,
  UnitStamps,
  UnitWrite,
} from './ShardStore.ts';
import { scanAll } from './scanAll.ts';

/** The parts of a store; a whole store is any of them, too. */
export interface StoreParts {
  readonly objects: ObjectStore;
  readonly edges: EdgeStore;
  readonly entries: EntryStore;
  readonly leases: LeaseStore;
  readonly outbox: OutboxStore;
}

/** A store whose parts answer its calls, each at once or later as it can. Its kind does calls of several parts. */
export abstract class ComposedStore<TParts extends StoreParts> implements ShardStore {
  readonly name: string;
  protected readonly parts: TParts;

  constructor(name: string, parts: TParts) {
    this.name = name;
    this.parts = parts;
  }

  abstract writeUnits(units: readonly UnitWrite[]): Batch<UnitStamps>;

  abstract purge(request: PurgeRequest): MaybePromise<number>;

  abstract close(): MaybePromise<void>;

  /** Reads everything at once, which is one moment where the parts answer at once. */
  async snapshot(shards: ShardSpan, visit: (rows: StoredRows) => Promise<void>): Promise<void> {
    for (const rows of await scanAll(this, shards)) await visit(rows);
  }

  /** Each kind by its own method, side by side. */
  read(reads: MixedReads, options?: MixedOptions): MaybePromise<MixedAnswers> {
    return readEachKind(this, reads, options);
  }

  readObjects(ids: readonly string[], options?: ReadOptions): Batch<ObjectRow | null> {
    return this.parts.objects.readObjects(ids, options);
  }

  browse(requests: readonly BrowseRequest[]): Batch<readonly ObjectRow[]> {
    return this.parts.objects.browse(requests);
  }

  scanObjects(request: ScanRequest): MaybePromise<ScanPage<ObjectRow>> {
    return this.parts.objects.scanObjects(request);
  }

  insertObjects(inserts: readonly ObjectInsert[]): Batch<ObjectRow | null> {
    return this.parts.objects.insertObjects(inserts);
  }

  replaceObjects(replacements: readonly ObjectReplacement[]): Batch<boolean> {
    return this.parts.objects.replaceObjects(replacements);
  }

  rewriteObjects(rewrites: readonly ObjectRewrite[]): Batch<ObjectRow | null> {
    return this.parts.objects.rewriteObjects(rewrites);
  }

  readEdgePages(requests: readonly EdgePageRequest[], options?: ReadOptions): Batch<readonly EdgeRow[]> {
    return this.parts.edges.readEdgePages(requests, options);
  }

  countEdges(requests: readonly CountRequest[], options?: ReadOptions): Batch<number> {
    return this.parts.edges.countEdges(requests, options);
  }

  readEdges(keys: readonly EdgeKey[], options?: ReadOptions): Batch<EdgeRow | null> {
    return this.parts.edges.readEdges(keys, options);
  }

  scanEdges(request: ScanRequest): MaybePromise<ScanPage<EdgeRow>> {
    return this.parts.edges.scanEdges(request);
  }

  putEdges(puts: readonly EdgePut[]): Batch<Stamp | null> {
    return this.parts.edges.putEdges(puts);
  }

  readEntryPages(requests: readonly EntryPageRequest[], options?: ReadOptions): Batch<readonly EntryRow[]> {
    return this.parts.entries.readEntryPages(requests, options);
  }

  readEntries(keys: readonly EntryKey[]): Batch<EntryRow | null> {
    return this.parts.entries.readEntries(keys);
  }

  readHolders(keys: ReadonlyArray<Pick<EntryRow, 'index' | 'value'>>): Batch<EntryRow | null> {
    return this.parts.entries.readHolders(keys);
  }

  scanEntries(request: ScanRequest): MaybePromise<ScanPage<EntryRow>> {
    return this.parts.entries.scanEntries(request);
  }

  putEntries(puts: readonly EntryPut[]): Batch<Stamp | null> {
    return this.parts.entries.putEntries(puts);
  }

  claimEntries(claims: readonly EntryClaim[]): Batch<EntryRow | null> {
    return this.parts.entries.claimEntries(claims);
  }

  builtOf(typeIds: readonly number[]): MaybePromise<Built> {
    return this.parts.leases.builtOf(typeIds);
  }

  addBuilt(marks: ReadonlyMap<string, string>): MaybePromise<void> {
    return this.parts.leases.addBuilt(marks);
  }

  acquireLease(request: LeaseRequest): MaybePromise<Lease | null> {
    return this.parts.leases.acquireLease(request);
  }

  saveCleanerState(task: string, owner: string, state: CleanerState, term: LeaseTerm): MaybePromise<boolean> {
    return this.parts.leases.saveCleanerState(task, owner, state, term);
  }

  releaseLease(task: string, owner: string): MaybePromise<void> {
    return this.parts.leases.releaseLease(task, owner);
  }

  readNotes(after: DueNote | null, limit: number, withinMs?: number): MaybePromise<readonly DueNote[]> {
    return this.parts.outbox.readNotes(after, limit, withinMs);
  }

  settleNotes(ids: readonly string[]): MaybePromise<void> {
    return this.parts.outbox.settleNotes(ids);
  }

  postponeNotes(ids: readonly string[], delayMs: number): MaybePromise<void> {
    return this.parts.outbox.postponeNotes(ids, delayMs);
  }
}
