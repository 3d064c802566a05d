import { anything, atLeast, checkOptions, integer, type OptionTable, oneOf } from '../errors/checkOptions.ts';
import { itemAt } from '../utils/itemAt.ts';
import type { MaybePromise } from '../utils/MaybePromise.ts';
import { Backfills } from './Backfills.ts';
import { Expiry } from './Expiry.ts';
import { KvetchOptionError } from './errors.ts';
import { createIdGenerator, type IdGenerator } from './ids/createIdGenerator.ts';
import { Kvetch } from './Kvetch.ts';
import type { KvetchBatching } from './KvetchBatching.ts';
import type {
  ChangeListener,
  FaultPoint,
  KvetchCache,
  KvetchChange,
  KvetchContext,
  KvetchLimits,
  RepairHint,
  WhileBuilding,
} from './KvetchContext.ts';
import { KvetchStats } from './KvetchStats.ts';
import { LocalStore } from './local/LocalStore.ts';
import { ObjectMemory, type ProcessCacheOptions } from './local/ObjectMemory.ts';
import { Outbox } from './outbox/Outbox.ts';
import { Relay } from './outbox/Relay.ts';
import { Guesses } from './reads/Guesses.ts';
import { SharedTurns } from './reads/SharedTurns.ts';
import { Turn } from './reads/Turn.ts';
import type { KvetchSchemaConfig } from './schema/definitions.ts';
import { KvetchSchema } from './schema/KvetchSchema.ts';
import { evenRanges, type ShardRange } from './shards/ranges.ts';
import type { ShardCluster } from './shards/ShardCluster.ts';
import type { ShardTopology } from './shards/ShardMap.ts';
import type { ShardStore } from './shards/ShardStore.ts';
import { Shards } from './shards/Shards.ts';
import type { StoreOf } from './TypedKvetch.ts';
import { Lines } from './writes/Lines.ts';
import { ObjectLines } from './writes/ObjectLines.ts';
import { LastBody } from './writes/patchBody.ts';
import { UnitLines } from './writes/unit/UnitLines.ts';

/** The options of `createKvetch`. */
export interface KvetchOptions<TConfig extends KvetchSchemaConfig = KvetchSchemaConfig> {
  /** The result of `defineKvetchSchema`. */
  readonly schema: KvetchSchema<TConfig>;
  /**
   * The stores, among which the logical shards are divided evenly; ranges that name the store of each shard; or stores between
   * which shards can move, such as `mysqlCluster` makes.
   */
  readonly shards: readonly ShardStore[] | readonly ShardRange[] | ShardCluster;
  /** A cache that processes share: `redisCache(…)`. Default: none. Spec 9. */
  readonly cache?: KvetchCache;
  /**
   * Keeps objects that were read in this process for a moment. Readers see the writes of this process at once, and
   * those of other processes after `ttlMs`; with `kvetch.with({ freshness })`, at once, too. Reactive reads do not use it
   * (docs/consistency.md). Reads of shards that answer synchronously are not kept. Default: no such cache.
   */
  readonly processCache?: boolean | ProcessCacheOptions;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number;
  /** Makes the ids of new objects (spec 6.1). Default: by clock, counter and random bits. For tests. */
  readonly ids?: IdGenerator;
  /** How much one call may ask for. */
  readonly limits?: Partial<KvetchLimits>;
  /** Called with the dependency key of everything that is read. */
  readonly onRead?: (key: string) => void;
  /** Called with the changes of each write, after commit and cache. */
  readonly onWrite?: (change: KvetchChange) => void;
  /**
   * Called with each committed change before its writer is answered, and again by a relay where that failed: the
   * `changes` of `createReactive`. Give it to all processes that write to these shards, and to those that clean them.
   */
  readonly changes?: ChangeListener;
  /**
   * Keeps the changes of all objects and plain edges for `kvetch.changes`, each for so many milliseconds. The stores remember
   * it, and all processes obey; 0 ends it. Default: as the stores remember, at first no changes. Spec 6.13.
   */
  readonly changeFeed?: { readonly retentionMs: number };
  /** Called when a reader or a write finds work for the cleaners. */
  readonly onRepair?: (hint: RepairHint) => void;
  /** Tests can throw or wait at named points of writes. @internal */
  readonly faults?: (point: FaultPoint) => MaybePromise<void>;
  /** Whether a create or update whose edges or index entries could not be written throws `DerivedWriteError`. */
  readonly strictDerived?: boolean;
  /**
   * The answer of reads from an edge or index that came into the schema after objects that it follows from, until a full
   * run of the cleaners has filled it in: `refuse` (default) is a `BuildingError`, for writes of unique values, too;
   * `answer` gives the present rows, and lets a unique value be given twice.
   */
  readonly whileBuilding?: WhileBuilding;
  /**
   * How often (milliseconds) this process looks for writes that others have not finished: how long the cached values of
   * a crashed writer are seen, beside a second of grace. 0: never, then cleaners do it. Default 500 with a cache,
   * "changes" or an `onDelete` that clears or deletes, else 0.
   */
  readonly outboxPollMs?: number;
  /** Lets simultaneous requests share calls (rule R16): load steps, and reads by `forRequest()`. Default: none do. */
  readonly batching?: boolean | KvetchBatching;
  /**
   * How many ids of lists this process remembers, in order to ask for a list and its objects in one call: a list
   * mostly names the same objects as last time. Objects that it no longer names are thrown away (`stats.aheadWasted`).
   * Some 60 bytes each; 0 for none. Default 100,000. Spec 10.3.6.
   */
  readonly guessedIds?: number;
}

const defaultLimits: KvetchLimits = {
  maxBodyBytes: 1 << 20,
  defaultFirst: 100,
  maxFirst: 1000,
  maxSummed: 10_000,
  updateWaitMs: 10_000,
  claimGraceMs: 10_000,
  shardMoveWaitMs: 10_000,
};

const kvetchOptions: OptionTable<KvetchOptions> = {
  schema: anything,
  shards: anything,
  cache: anything,
  processCache: { maxEntries: integer(1), maxBytes: integer(1), ttlMs: integer(1) },
  clock: anything,
  ids: anything,
  limits: {
    maxBodyBytes: integer(0),
    defaultFirst: integer(0),
    maxFirst: integer(0),
    maxSummed: integer(0),
    updateWaitMs: integer(0),
    claimGraceMs: integer(0),
    shardMoveWaitMs: integer(0),
  },
  onRead: anything,
  onWrite: anything,
  changes: anything,
  changeFeed: { retentionMs: integer(0) },
  onRepair: anything,
  faults: anything,
  strictDerived: anything,
  whileBuilding: oneOf('refuse', 'answer'),
  outboxPollMs: integer(0),
  batching: { maxWaitMs: atLeast(0), maxSize: atLeast(1), maxCalls: atLeast(1) },
  guessedIds: integer(0),
};

/**
 * Opens a store over shards: `memoryShards`, `sqliteShards`, `mysqlShards`, `mysqlCluster`. It makes no call before the first
 * read or write. Spec 6 and 9, docs/kvetch.md.
 *
 * @throws PlanqlError with the code `BAD_OPTION`, for options that it does not know or cannot use.
 */
export function createKvetch<TConfig extends KvetchSchemaConfig = KvetchSchemaConfig>(
  options: KvetchOptions<TConfig>,
): StoreOf<TConfig> {
  checkOptions('createKvetch', options, kvetchOptions, KvetchOptionError);
  const { schema, cache = null, changes = null, clock = Date.now } = options;
  if (!(schema instanceof KvetchSchema))
    throw new KvetchOptionError('createKvetch needs a "schema" made by defineKvetchSchema.');
  const stats = new KvetchStats(cache?.stats);
  const limits = { ...defaultLimits, ...options.limits };
  const shards = new Shards(toTopology(options.shards, wrapper(options, stats), limits.shardMoveWaitMs), stats);
  if (options.changeFeed !== undefined) keepChanges(shards.stores, options.changeFeed.retentionMs);
  const needsCache = cache?.invalidate !== undefined;
  const needs = { needsCache, needsListener: changes !== null };
  const isWatched = needsCache || changes !== null;
  const hasRelay = isWatched || schema.hasBoundLists;
  const { outboxPollMs = hasRelay ? 500 : 0 } = options;
  const { whileBuilding = 'refuse', guessedIds = 100_000 } = options;
  const batching = options.batching === true ? {} : options.batching || null;
  const context: KvetchContext = {
    schema,
    shards,
    limits,
    hooks: {
      onRead: options.onRead ?? null,
      onWrite: options.onWrite ?? null,
      onRepair: options.onRepair ?? null,
      fault: options.faults ?? null,
    },
    cache,
    changes,
    stats,
    clock,
    givenClock: options.clock ?? null,
    nowUs: ascendingMicroseconds(clock),
    ids: options.ids ?? createIdGenerator({ clock }),
    strictDerived: options.strictDerived ?? false,
    unchecked: false,
    expiry: Expiry.of(schema, clock),
    seesExpired: false,
    backfills: new Backfills(schema, shards.stores),
    whileBuilding,
    batching,
    sharing: batching === null ? null : new SharedTurns(shards, stats, batching),
    fresh: null,
    objectLines: new ObjectLines(),
    lastBody: new LastBody(),
    checks: new Turn(shards, stats),
    lines: new Lines(),
    unitLines: new UnitLines(),
    guesses: guessedIds === 0 ? null : new Guesses(guessedIds),
    scope: null,
    wrote: null,
    outbox: new Outbox(shards, stats, needs, isWatched || (options.outboxPollMs ?? 0) > 0),
    closing: new AbortController(),
    relay: null,
  };
  const relay = outboxPollMs === 0 ? null : new Relay(context, outboxPollMs);
  return new Kvetch({ ...context, relay }) as StoreOf<TConfig>;
}

function keepChanges(stores: readonly ShardStore[], retentionMs: number): void {
  for (const { name, changes } of stores) {
    if (changes === undefined)
      throw new KvetchOptionError(`createKvetch: the store "${name}" cannot keep a "changeFeed".`);
    changes.keep(retentionMs);
  }
}

/** The layers in front of each store, once for each: this process, then the cache. */
function wrapper(
  { cache, processCache, faults }: KvetchOptions,
  stats: KvetchStats,
): (store: ShardStore) => ShardStore {
  const memory = processCache ? new ObjectMemory(processCache === true ? {} : processCache) : null;
  const beforeCache = async (): Promise<void> => faults?.('beforeCache');
  const wrapped = new Map<ShardStore, ShardStore>();
  return (store) => {
    const known = wrapped.get(store) ?? new LocalStore(cache?.wrap(store, beforeCache) ?? store, memory, stats);
    wrapped.set(store, known);
    return known;
  };
}

function toTopology(
  shards: KvetchOptions['shards'],
  wrap: (store: ShardStore) => ShardStore,
  moveWaitMs: number,
): ShardTopology {
  const wrapRanges = (ranges: readonly ShardRange[]): readonly ShardRange[] =>
    ranges.map((range) => ({ ...range, store: wrap(range.store) }));
  if (isCluster(shards)) {
    const loadRanges = async () => wrapRanges(await shards.loadRanges());
    return { stores: shards.stores.map(wrap), ranges: null, loadRanges, moveWaitMs };
  }
  if (!Array.isArray(shards) || shards.length === 0) {
    throw new KvetchOptionError('createKvetch needs "shards": a list of stores such as memoryShards(1), or a cluster.');
  }
  const first = itemAt(shards, 0);
  const given = 'store' in first ? shards : evenRanges(shards);
  const ranges = wrapRanges(given);
  return { stores: [...new Set(ranges.map(({ store }) => store))], ranges, loadRanges: null, moveWaitMs };
}

function isCluster(shards: KvetchOptions['shards']): shards is ShardCluster {
  return typeof shards === 'object' && shards !== null && 'loadRanges' in shards;
}

/** Microseconds that never stand still or go back, even where the clock does. */
function ascendingMicroseconds(clock: () => number): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Math.floor(clock() * 1000));
    return last;
  };
}
