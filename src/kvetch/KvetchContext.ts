import type { MaybePromise } from '../utils/MaybePromise.ts';
import type { Backfills } from './Backfills.ts';
import type { Expiry } from './Expiry.ts';
import type { IdGenerator } from './ids/createIdGenerator.ts';
import type { KvetchBatching } from './KvetchBatching.ts';
import type { KvetchStats } from './KvetchStats.ts';
import type { Outbox } from './outbox/Outbox.ts';
import type { Guesses } from './reads/Guesses.ts';
import type { RequestScope } from './reads/RequestScope.ts';
import type { SharedTurns } from './reads/SharedTurns.ts';
import type { Sender } from './reads/Turn.ts';
import type { EdgeType, IndexType, KvetchSchema } from './schema/KvetchSchema.ts';
import type { ConsistencyToken } from './shards/ConsistencyToken.ts';
import type { ObjectRow, StoredRows } from './shards/rows.ts';
import type { EdgeStore, ReadOptions, ShardStore } from './shards/ShardStore.ts';
import type { Shards } from './shards/Shards.ts';
import type { Lines } from './writes/Lines.ts';
import type { ObjectLines } from './writes/ObjectLines.ts';
import type { LastBody } from './writes/patchBody.ts';
import type { UnitLines } from './writes/unit/UnitLines.ts';

/**
 * Where a write can be made to fail or wait, for tests: before or behind the step of that name. Edges and index
 * entries are written side by side, so their points do not order the other kind.
 */
export type FaultPoint =
  | 'afterClaim'
  | 'afterObject'
  | 'beforeEdge'
  | 'afterEdge'
  | 'beforeIndex'
  | 'afterIndex'
  | 'beforeCache'
  /** A unit over several servers: before each server is asked to prepare, and to apply; behind all of that; decided. */
  | 'beforePrepare'
  | 'afterPrepare'
  | 'afterDecide'
  | 'beforeApply'
  | 'afterApply';

/** The dependency keys of a committed write: `o:<id>`, `e:<edgeId>:<fromId>`, `i:<index>:<key>`, `t:<typeId>`. */
export interface KvetchChange {
  /** `relay`: an earlier change, of any kind, whose writer may not have reported it. */
  readonly kind:
    | 'create'
    | 'update'
    | 'delete'
    | 'insertEdge'
    | 'deleteEdge'
    | 'insertIndexEntry'
    | 'deleteIndexEntry'
    | 'unit'
    | 'relay';
  /** The dependency keys (spec 11.1.1) of all reads that the write may have changed. */
  readonly keys: readonly string[];
}

/** A listener that is told of committed changes and may record reads: the reactive layer (`reactive.changes`). Spec 11.4. */
export interface ChangeListener {
  /**
   * Takes the keys of reads that no plan step records (`prefix` before each name); null: they are not recorded now.
   * `isOfStep`: nothing but the step that runs now depends on them.
   */
  recorder(isOfStep?: boolean): ((prefix: string, names: readonly string[]) => void) | null;
  /**
   * Reports committed changes. Whether that succeeded; if not, the note of the write stays, and a relay reports again.
   * It never rejects.
   */
  invalidate(keys: readonly string[]): Promise<boolean>;
}

/** A fault that a cleaner would find: a reader or a failed write noticed it first. */
export interface RepairHint {
  readonly reason: 'stale-edge' | 'stale-entry' | 'derived-write-failed';
  /** The object whose derived rows are wrong. */
  readonly id: string;
  readonly edgeId: number | null;
  readonly fromId: string | null;
  readonly index: string | null;
}

/** A cache around the shard stores: it wraps reads and writes. */
export interface KvetchCache {
  /** `beforeCache` is passed between the store's commit and the work of the cache. */
  wrap(store: ShardStore, beforeCache?: () => Promise<void>): ShardStore;
  /** Removes the entries under dependency keys; whether all of them are gone. */
  invalidate?(keys: readonly string[]): Promise<boolean>;
  /** Whether the writes of this process under these keys have reached the cache. */
  hasTold?(keys: readonly string[]): boolean;
  /** Whether the cache can be reached now. */
  readonly isReady?: boolean;
  /** Goes on reporting this process' writes to it, for at most so many milliseconds. */
  flush?(withinMs: number): Promise<void>;
  /**
   * Compares cached entries with rows of the store, and removes older ones unless it is a dry run: how many there were.
   * The lists of edges among them are counted anew.
   */
  audit?(rows: StoredRows, dryRun: boolean, store: EdgeStore): Promise<number>;
  /** Its counters, for `kvetch.stats`. */
  readonly stats?: object;
}

/** How much one call may ask for. */
export interface KvetchLimits {
  /** The attributes of an object, or the data of an edge, as JSON in UTF-8. Default 1 MiB. */
  readonly maxBodyBytes: number;
  /** The page size when `first` is not given. Default 100. */
  readonly defaultFirst: number;
  /** The largest page. A larger `first` is reduced to it. Default 1,000. */
  readonly maxFirst: number;
  /** How many different values of a list are added up (`sumEdges`, `sumIndex`). With more, a sum is refused. Default 10,000. */
  readonly maxSummed: number;
  /**
   * For how many milliseconds an update or delete without `ifVersion`, or a unit, is repeated while others are faster. Default
   * 10 s. The retention of the cleaners must be longer, in all processes.
   */
  readonly updateWaitMs: number;
  /** For how long a claimed unique value is safe from others though its object does not show it. Default 10 s. */
  readonly claimGraceMs: number;
  /** For how many milliseconds a call waits for a shard that is between two stores. Default 10 s. */
  readonly shardMoveWaitMs: number;
}

/** How to read an edge or index that is not filled in yet: throw a `BuildingError`, or answer with the present rows. */
export type WhileBuilding = 'refuse' | 'answer';

interface KvetchHooks {
  readonly onRead: ((key: string) => void) | null;
  readonly onWrite: ((change: KvetchChange) => void) | null;
  readonly onRepair: ((hint: RepairHint) => void) | null;
  readonly fault: ((point: FaultPoint) => MaybePromise<void>) | null;
}

/** The common state of the parts of one Kvetch. */
export interface KvetchContext {
  readonly schema: KvetchSchema;
  readonly shards: Shards;
  readonly limits: KvetchLimits;
  readonly hooks: KvetchHooks;
  readonly cache: KvetchCache | null;
  readonly changes: ChangeListener | null;
  readonly stats: KvetchStats;
  readonly clock: () => number;
  /** The clock that the program gave; `null`: it is `Date.now`. */
  readonly givenClock: (() => number) | null;
  /** Strictly ascending microseconds: row times and list positions. */
  readonly nowUs: () => number;
  readonly ids: IdGenerator;
  readonly strictDerived: boolean;
  /** Writes do not look for the objects that stored ids name. */
  readonly unchecked: boolean;
  /** Which objects have expired; `null` where none does. */
  readonly expiry: Expiry | null;
  /** Objects that have expired are read as they are stored. */
  readonly seesExpired: boolean;
  /** Which edges and indexes are not filled in yet. */
  readonly backfills: Backfills;
  readonly whileBuilding: WhileBuilding;
  readonly batching: KvetchBatching | null;
  /** Sends requests' keys of the same time together; `null`: each sends its own. */
  readonly sharing: SharedTurns | null;
  /** How fresh reads are: see `ReadOptions`. */
  readonly fresh: ReadOptions['fresh'];
  /** Changes of objects that wait for others of this process. */
  readonly objectLines: ObjectLines;
  /** The result of the last update, on which the next one may be planned. */
  readonly lastBody: LastBody;
  /** Gathers the checks of ends that writes of one turn of the event loop make. */
  readonly checks: Sender;
  /** Writes of plain edges and entries by hand that wait for such checks, or behind them. */
  readonly lines: Lines;
  /** Units over several servers that wait for others of this process. */
  readonly unitLines: UnitLines;
  /** The ids that lists named when they were read last; `null` where they are not remembered. */
  readonly guesses: Guesses | null;
  /** The keys that one request has asked for; `null` where they are not remembered. */
  readonly scope: RequestScope | null;
  /** Gets the objects that a write of a request writes. */
  readonly wrote: ObjectRow[] | null;
  /** Notes of the writes of this process. */
  readonly outbox: Outbox;
  /** Aborted when the store is closed. */
  readonly closing: AbortController;
  /** Finishes writes that other processes left unfinished (spec 9.1, rule 4); `null` where it is switched off. */
  readonly relay: { stop(): Promise<void> } | null;
}

/** The same context with caches bypassed. Writes use it. */
export function fromStore(context: KvetchContext): KvetchContext {
  return context.fresh === 'store' ? context : { ...context, fresh: 'store', scope: null };
}

/** The same, with all objects that are stored. Cleaners, relays and imports use it. */
export function asStored(context: KvetchContext): KvetchContext {
  return { ...fromStore(context), seesExpired: true };
}

/** A row as readers and writers see it: an object that has expired is a tombstone. */
export function seenRow({ expiry, seesExpired }: KvetchContext, row: ObjectRow): ObjectRow {
  return expiry === null || seesExpired ? row : expiry.seen(row);
}

/** Throws where an edge or index is not filled in, unless the present rows are wanted. */
export function checkFilled({ backfills, whileBuilding }: KvetchContext, of: EdgeType | IndexType): void {
  if (whileBuilding === 'refuse') backfills.check(of);
}

/** The reads of a context that remembers its writes, or `null`. */
export function freshnessOf({ fresh }: KvetchContext): ConsistencyToken | null {
  return fresh === 'store' ? null : fresh;
}

/** Tells the reads of the caller of an object that it has written. */
export function noteObject(context: KvetchContext, row: ObjectRow): void {
  freshnessOf(context)?.noteObject(row);
  context.wrote?.push(row);
}

/** Reports a repair; a listener can fail without failing the call. */
export function reportRepair({ hooks, stats }: KvetchContext, hint: RepairHint): void {
  stats.repairs++;
  try {
    hooks.onRepair?.(hint);
  } catch {
    stats.hookErrors++;
  }
}
