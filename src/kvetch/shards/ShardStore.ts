import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { ConsistencyToken } from './ConsistencyToken.ts';
import type { CountRequest, EdgePageRequest, EntryPageRequest } from './pageRequests.ts';
import type { EdgeRow, EntryRow, ObjectRow, OutboxNote, StoredRows } from './rows.ts';

export type { CountRequest } from './pageRequests.ts';

/** One entry of a batch's answer: a value, or the error of this entry alone. */
export type Entry<T> = T | Error;

/** The answer to a batch: exactly one entry per request, in request order. */
export type Batch<T> = MaybePromise<ReadonlyArray<Entry<T>>>;

/** The options of a read beside its keys. A store without a cache has nothing to do for them. */
export interface ReadOptions {
  /** `store`: caches are left out. A `ConsistencyToken`: cached rows must show these writes. `null`: any cached rows. */
  readonly fresh: ConsistencyToken | 'store' | null;
  /**
   * Whether the read's dependencies are recorded. Then it must be true of a moment after its request began: no earlier
   * knowledge of this process or a replica answers it.
   */
  readonly isTracked: boolean;
  /** Counts cached and loaded keys, for `explain({ analyze: true })`. */
  readonly trace: ((name: string, count: number) => void) | null;
}

/** The keys and rows of the kinds of reads that can go to a store together. */
interface ReadKinds {
  objects: { key: string; row: ObjectRow | null };
  pages: { key: EdgePageRequest; row: readonly EdgeRow[] };
  counts: { key: CountRequest; row: number };
  entries: { key: EntryPageRequest; row: readonly EntryRow[] };
}

export type ReadKind = keyof ReadKinds;
export type ReadKey<K extends ReadKind> = ReadKinds[K]['key'];
export type ReadRow<K extends ReadKind> = ReadKinds[K]['row'];

/** Reads of several kinds that go to a store together. Kinds that nobody asks for have empty lists. */
export type MixedReads = { readonly [K in ReadKind]: ReadonlyArray<ReadKey<K>> };

/** The answers, each list as its own method would give it; a kind that fails as a whole has errors as entries. */
export type MixedAnswers = { readonly [K in ReadKind]: ReadonlyArray<Entry<ReadRow<K>>> };

/** The options of the reads of each kind. */
export type MixedOptions = { readonly [K in ReadKind]?: ReadOptions };

/** Logical shards, both ends included. */
export type ShardSpan = readonly [from: number, to: number];

export interface BrowseRequest {
  readonly typeId: number;
  /**
   * Only objects of these shards: those that the caller believes to be here. Where shards do not move there are no
   * others.
   */
  readonly shards: readonly ShardSpan[];
  readonly afterId: string | null;
  readonly limit: number;
  /** From the last id, or from before `afterId`: the rows come in that order. */
  readonly reverse?: boolean;
}

export type EdgeKey = Pick<EdgeRow, 'edgeId' | 'fromId' | 'toId'>;
export type EntryKey = Pick<EntryRow, 'index' | 'value' | 'targetId'>;

/** `time`: by `updatedUs`, then by key: recent changes. `key`: by key, as the rows lie: the cheapest way by all of them. */
export type ScanOrder = 'time' | 'key';

/** A window of rows for cleaners: all shards from `fromShard` to `toShard`. */
export interface ScanRequest {
  readonly order: ScanOrder;
  readonly fromShard: number;
  readonly toShard: number;
  readonly fromUs: number;
  readonly toUs: number;
  /** The last row of the page before in this order, or `null`. */
  readonly after: string | null;
  readonly limit: number;
}

export interface ScanPage<TRow> {
  readonly rows: readonly TRow[];
  /** The next value of `after`; `null` when the window is done. */
  readonly next: string | null;
}

/** Writes a new object, and with it in one transaction the edges that live on the same shard. */
export interface ObjectInsert {
  readonly row: ObjectRow;
  readonly edges: readonly EdgePut[];
  /** Left in the same transaction, if anything is written. */
  readonly note?: OutboxNote | undefined;
  /** Claims that are confirmed in the same transaction: where one is lost, nothing is written. */
  readonly claims?: readonly EntryRow[];
}

export interface ObjectReplacement {
  readonly row: ObjectRow;
  /** The version that must still be there, live. */
  readonly expectedVersion: number;
  readonly notes?: readonly OutboxNote[];
  readonly claims?: readonly EntryRow[];
}

/** Makes the new row of the present one, under a lock. */
export interface ObjectRewrite {
  readonly id: string;
  /** Called with the live row, perhaps again with a newer one; `null`: it stays. */
  readonly rewrite: (row: ObjectRow) => ObjectReplacement | null;
}

export interface EdgePut {
  readonly row: EdgeRow;
  /** Whether a live edge keeps its place, as plain edges do. Derived edges take the place that their object remembers. */
  readonly keepPosition: boolean;
  /** The edge is no object's: the store gives it version and place by its own clock, and of two writes the later wins. */
  readonly stamped?: boolean;
  /** The edge follows from no object: the put leaves a change (spec 6.13.1). */
  readonly isPlain?: boolean;
  readonly note?: OutboxNote | undefined;
}

export interface EntryPut {
  readonly row: EntryRow;
  /** The entry of a unique index: only tombstones are put, and only the holder's own; `claimEntries` does the rest. */
  readonly unique: boolean;
  /** The same for an entry of an index that is kept by hand. */
  readonly stamped?: boolean;
  readonly note?: OutboxNote | undefined;
}

/** The stamp of a store on a row. */
export interface Stamp {
  readonly srcVersion: number;
  /** Of an edge; 0 for an entry. */
  readonly pos: number;
}

export interface EntryClaim {
  readonly row: EntryRow;
  /** Take the value over from this holder, if it is still the same. */
  readonly replaces: EntryRow | null;
}

/** Rows to remove for good, each only if it still is the tombstone that was seen. */
export type PurgeRequest = StoredRows;

/** The state that a cleaner keeps per store and task. */
export interface CleanerState {
  readonly watermarkUs: number;
  readonly cursor: string | null;
}

/** For how long a lease is taken or renewed. */
export interface LeaseTerm {
  /** Microseconds since 1970; `null`: by the node's clock, which all processes share. */
  readonly nowUs: number | null;
  readonly leaseUs: number;
}

export interface LeaseRequest extends LeaseTerm {
  readonly task: string;
  readonly owner: string;
}

/** A lease that was taken: the notes of the cleaners before, and the time by which it was taken. */
export interface Lease extends CleanerState {
  readonly nowUs: number;
}

/** The objects of a node. */
export interface ObjectStore {
  /** Tombstones included; `null` for ids that never were or are purged. */
  readObjects(ids: readonly string[], options?: ReadOptions): Batch<ObjectRow | null>;
  /** Live objects of a type, by id. */
  browse(requests: readonly BrowseRequest[]): Batch<readonly ObjectRow[]>;
  scanObjects(request: ScanRequest): MaybePromise<ScanPage<ObjectRow>>;
  /** `null` where the object was inserted; the row that is there (live or tombstone) where nothing was done. */
  insertObjects(inserts: readonly ObjectInsert[]): Batch<ObjectRow | null>;
  /** Whether the row was replaced: compare-and-set on version. */
  replaceObjects(replacements: readonly ObjectReplacement[]): Batch<boolean>;
  /** Locks each row, so that no other writer is faster: the new row, `null` where nothing was written. */
  rewriteObjects(rewrites: readonly ObjectRewrite[]): Batch<ObjectRow | null>;
}

/** The rows that one transaction writes. */
export interface UnitRows {
  /** Objects whose ids nobody has used. */
  readonly inserts: readonly ObjectRow[];
  /** New rows of objects that are there. */
  readonly replacements: readonly ObjectRow[];
  /** Claims that are confirmed: where one is lost, nothing is written. */
  readonly claims: readonly EntryRow[];
  readonly edges: readonly EdgePut[];
  readonly entries: readonly EntryPut[];
  readonly note?: OutboxNote | undefined;
}

/** Writes rows of several kinds that live here, all or none. */
export interface UnitWrite {
  /** Objects that nobody else changes until the rows are written, each once. */
  readonly ids: readonly string[];
  /** Other objects of this node that are only looked at, each once. Others may change them. */
  readonly ends: readonly string[];
  /** All shards of `ids` and of what is written. */
  readonly shards: readonly number[];
  /** Called with the rows that are there, perhaps again with newer ones. Where it throws, nothing is written. */
  readonly plan: (rows: ReadonlyMap<string, ObjectRow>, ends: ReadonlyMap<string, EndRow>) => UnitRows;
}

/** What tells whether a row may lead to an object. */
export type EndRow = Pick<ObjectRow, 'id' | 'typeId' | 'state'>;

/** The stamps of stamped rows, `null` for others. */
export interface UnitStamps {
  readonly edges: ReadonlyArray<Stamp | null>;
  readonly entries: ReadonlyArray<Stamp | null>;
}

/** Transactions over all kinds of rows of a node. */
export interface UnitStore {
  writeUnits(units: readonly UnitWrite[]): Batch<UnitStamps>;
}

/** The edges of a node. */
export interface EdgeStore {
  /** Live edges in list order. An `afterId` without position that is unknown gives an empty page. */
  readEdgePages(requests: readonly EdgePageRequest[], options?: ReadOptions): Batch<readonly EdgeRow[]>;
  countEdges(requests: readonly CountRequest[], options?: ReadOptions): Batch<number>;
  /** Single rows by key, tombstones included. With options a cache may answer, which knows live ones alone. */
  readEdges(keys: readonly EdgeKey[], options?: ReadOptions): Batch<EdgeRow | null>;
  scanEdges(request: ScanRequest): MaybePromise<ScanPage<EdgeRow>>;
  /** The stamps of stamped edges, `null` for others. */
  putEdges(puts: readonly EdgePut[]): Batch<Stamp | null>;
}

/** The index entries of a node. */
export interface EntryStore {
  readEntryPages(requests: readonly EntryPageRequest[], options?: ReadOptions): Batch<readonly EntryRow[]>;
  /** Single rows by key, tombstones included: for cleaners. */
  readEntries(keys: readonly EntryKey[]): Batch<EntryRow | null>;
  /** The entries of unique indexes by value alone, tombstones included. */
  readHolders(keys: ReadonlyArray<Pick<EntryRow, 'index' | 'value'>>): Batch<EntryRow | null>;
  scanEntries(request: ScanRequest): MaybePromise<ScanPage<EntryRow>>;
  /** The stamps of stamped entries, `null` for others. */
  putEntries(puts: readonly EntryPut[]): Batch<Stamp | null>;
  /** `null` where the value now belongs to the row's target; the other holder where it does not. */
  claimEntries(claims: readonly EntryClaim[]): Batch<EntryRow | null>;
}

/** Which edges and indexes are filled in on a node. */
export interface Built {
  /** The marks, each with its name, and perhaps other facts that the node keeps. Marks of earlier versions have no name. */
  readonly marks: ReadonlyMap<string, string>;
  /** Of the types that were asked about, those with live objects. */
  readonly used: readonly number[];
}

/** The leases and progress of the cleaners on a node. */
export interface LeaseStore {
  builtOf(typeIds: readonly number[]): MaybePromise<Built>;
  /** Adds marks with their names. A name has one mark: others of it are removed. */
  addBuilt(marks: ReadonlyMap<string, string>): MaybePromise<void>;
  /** Takes or renews a lease; `null` while another owner has it. */
  acquireLease(request: LeaseRequest): MaybePromise<Lease | null>;
  /** Keeps progress and renews the lease; `false` when it was lost and nothing was kept. */
  saveCleanerState(task: string, owner: string, state: CleanerState, term: LeaseTerm): MaybePromise<boolean>;
  releaseLease(task: string, owner: string): MaybePromise<void>;
}

/** The unfinished work of writes to a node. */
export interface OutboxStore {
  /**
   * Notes that are older than a second by the node's clock, or were hastened: the first so many behind one. `withinMs`: also
   * those that will be due within so long.
   */
  readNotes(after: DueNote | null, limit: number, withinMs?: number): MaybePromise<readonly DueNote[]>;
  /** Removes notes whose work is done. */
  settleNotes(ids: readonly string[]): MaybePromise<void>;
  /** Makes notes due after so many milliseconds from now. */
  postponeNotes(ids: readonly string[], delayMs: number): MaybePromise<void>;
}

/** A transaction of a store that changed objects or plain edges. */
export interface KeptChange {
  /** The numbers of a store ascend, and none is left out. */
  readonly number: number;
  /** Milliseconds since 1970 by the clock of the node. */
  readonly atMs: number;
  /** What it may have changed: `o:<id>` and `e:<edgeId>:<fromId>:<toId>`. None where a transaction was rolled back. */
  readonly keys: readonly string[];
}

/** The next changes of a store. */
export interface ChangesPage {
  /** Names the sequence of numbers; `null` while no changes are kept. */
  readonly feed: string | null;
  /** The last number that was removed; 0 for none. */
  readonly gone: number;
  /** The last number that was given, as far as it is known. */
  readonly end: number;
  /** The store has no shards, and no changes are behind the number: none will come before it gets some. */
  readonly isDrained?: boolean;
  readonly changes: readonly KeptChange[];
}

/** The changes of a node, which it keeps for a time in the order of their numbers (spec 6.13). */
export interface ChangeStore {
  /**
   * Keeps changes from the next opening on, each for so many milliseconds; 0: none any more. All processes obey, from the
   * moment at the latest that the feed is read. Call it before anything else.
   */
  keep(retentionMs: number): void;
  /** The first so many behind a number. A change that comes later never has a lower number than one that was read. */
  read(after: number, limit: number): MaybePromise<ChangesPage>;
  /** A number behind which everything is that is committed later. */
  end(): MaybePromise<number>;
  /** Removes changes that were kept long enough. Returns how many. */
  drop(): MaybePromise<number>;
}

/** A note, and the time (microseconds) by the node's clock from which on others may finish its work. */
export interface DueNote extends OutboxNote {
  readonly dueUs: number;
}

/** For so long (milliseconds) the process that wrote a note is left to finish its work itself. */
export const NOTE_GRACE_MS = 1000;

/**
 * The rows of one physical node. Four kinds implement it (memory, SQLite, MySQL, and a cache around any of them) and
 * pass one contract suite, `test/kvetch/shardStoreContract.ts`.
 *
 * - Every read takes a batch and answers one entry per request, in request order. A store knows no schema and no
 *   routing: it is asked only for rows that live on it.
 * - A store answers at once when it can, or with a promise. A call that throws or rejects fails all its entries.
 * - Rows are immutable; a store may hand out the same row again and again.
 * - Derived writes are independent of order: of two puts to one key, the one with the higher `srcVersion` stays, and
 *   of equals the later. A put that loses changes nothing (see `mergeEdge`, `mergeEntry`). A stamped put never loses.
 */
export interface ShardStore extends ObjectStore, EdgeStore, EntryStore, UnitStore, LeaseStore, OutboxStore {
  /** Names the node in statistics and logs. Clients never see it. */
  readonly name: string;

  /** True where reads never give promises: then there is nothing to gather in a turn. */
  readonly answersAtOnce?: boolean;

  /** True where the calls of one turn of the event loop go out together: then keys of several kinds need no `read`. */
  readonly gathersCalls?: boolean;

  /** True where rows are gone with the process. */
  readonly isVolatile?: boolean;

  /** The changes that it keeps; a store that cannot keep any has none. */
  readonly changes?: ChangeStore;

  /** Reads of several kinds as one call: answers that are ready in one turn of the event loop go together. */
  read(reads: MixedReads, options?: MixedOptions): MaybePromise<MixedAnswers>;

  /**
   * Shows all rows of some shards, tombstones included, as they are at one moment, page by page: `visit` is
   * awaited. A failure may come after pages were shown; `ShardMovedError` comes before.
   */
  snapshot(shards: ShardSpan, visit: (rows: StoredRows) => Promise<void>): MaybePromise<void>;
  /**
   * How many statements a second other programs have sent to the store of late: cleaners pace themselves by it. A store
   * that nobody shares has none.
   */
  othersPerSecond?(): MaybePromise<number>;
  /** The number of rows that were removed. */
  purge(request: PurgeRequest): MaybePromise<number>;
  /** Ends its connections. Calls after it fail. */
  close(): MaybePromise<void>;
}
