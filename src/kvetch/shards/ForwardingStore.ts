import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { EdgePageRequest, EntryPageRequest } from './pageRequests.ts';
import type { EdgeRow, EntryRow, ObjectRow } from './rows.ts';
import type {
  Batch,
  BrowseRequest,
  CleanerState,
  CountRequest,
  EdgeKey,
  EdgePut,
  EntryClaim,
  EntryKey,
  EntryPut,
  LeaseRequest,
  ObjectInsert,
  ObjectReplacement,
  PurgeRequest,
  ReadOptions,
  ScanPage,
  ScanRequest,
  ShardStore,
} from './ShardStore.ts';

/** A read that wants nothing in particular. */
export const plainRead: ReadOptions = { fresh: null, trace: null };

/** A store in front of another, whose answers it hands on: a cache overrides what it has to do with. */
export class ForwardingStore implements ShardStore {
  readonly store: ShardStore;

  constructor(store: ShardStore) {
    this.store = store;
  }

  get name(): string {
    return this.store.name;
  }

  readObjects(ids: readonly string[], options?: ReadOptions): Batch<ObjectRow | null> {
    return this.store.readObjects(ids, options);
  }

  readEdgePages(requests: readonly EdgePageRequest[], options?: ReadOptions): Batch<readonly EdgeRow[]> {
    return this.store.readEdgePages(requests, options);
  }

  readEntryPages(requests: readonly EntryPageRequest[], options?: ReadOptions): Batch<readonly EntryRow[]> {
    return this.store.readEntryPages(requests, options);
  }

  countEdges(requests: readonly CountRequest[]): Batch<number> {
    return this.store.countEdges(requests);
  }

  browse(requests: readonly BrowseRequest[]): Batch<readonly ObjectRow[]> {
    return this.store.browse(requests);
  }

  readEdges(keys: readonly EdgeKey[]): Batch<EdgeRow | null> {
    return this.store.readEdges(keys);
  }

  readEntries(keys: readonly EntryKey[]): Batch<EntryRow | null> {
    return this.store.readEntries(keys);
  }

  readHolders(keys: ReadonlyArray<Pick<EntryRow, 'index' | 'value'>>): Batch<EntryRow | null> {
    return this.store.readHolders(keys);
  }

  scanObjects(request: ScanRequest): MaybePromise<ScanPage<ObjectRow>> {
    return this.store.scanObjects(request);
  }

  scanEdges(request: ScanRequest): MaybePromise<ScanPage<EdgeRow>> {
    return this.store.scanEdges(request);
  }

  scanEntries(request: ScanRequest): MaybePromise<ScanPage<EntryRow>> {
    return this.store.scanEntries(request);
  }

  insertObjects(inserts: readonly ObjectInsert[]): Batch<ObjectRow | null> {
    return this.store.insertObjects(inserts);
  }

  replaceObjects(replacements: readonly ObjectReplacement[]): Batch<boolean> {
    return this.store.replaceObjects(replacements);
  }

  putEdges(puts: readonly EdgePut[]): Batch<null> {
    return this.store.putEdges(puts);
  }

  putEntries(puts: readonly EntryPut[]): Batch<null> {
    return this.store.putEntries(puts);
  }

  claimEntries(claims: readonly EntryClaim[]): Batch<EntryRow | null> {
    return this.store.claimEntries(claims);
  }

  purge(request: PurgeRequest): MaybePromise<number> {
    return this.store.purge(request);
  }

  acquireLease(request: LeaseRequest): MaybePromise<CleanerState | null> {
    return this.store.acquireLease(request);
  }

  saveCleanerState(task: string, owner: string, state: CleanerState): MaybePromise<boolean> {
    return this.store.saveCleanerState(task, owner, state);
  }

  releaseLease(task: string, owner: string): MaybePromise<void> {
    return this.store.releaseLease(task, owner);
  }

  close(): MaybePromise<void> {
    return this.store.close();
  }
}
