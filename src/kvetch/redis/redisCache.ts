import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Redis } from 'ioredis';
import { anything, checkOptions, integer, type OptionTable, positive } from '../../errors/checkOptions.ts';
import { connect, type PlaceErrors, placeOptions, type RedisPlace } from '../../redis/connect.ts';
import { KvetchOptionError } from '../errors.ts';
import type { KvetchCache } from '../KvetchContext.ts';
import { LIVE, type ObjectRow, type StoredRows } from '../shards/rows.ts';
import type { EdgeStore } from '../shards/ShardStore.ts';
import { audit } from './audit.ts';
import { type CacheKey, CacheKeys } from './cacheKeys.ts';
import { Epoch } from './Epoch.ts';
import { entryKinds } from './entryKinds.ts';
import { Invalidations } from './Invalidations.ts';
import { ReadThrough } from './ReadThrough.ts';
import { RedisCacheStats } from './RedisCacheStats.ts';
import { RedisLink } from './RedisLink.ts';
import { RedisShardStore } from './RedisShardStore.ts';

/** The options of `redisCache`. */
export interface RedisCacheOptions extends RedisPlace {
  /** A connected ioredis client instead, with its offline queue off; `close()` leaves it as it was. */
  readonly client?: Redis | Cluster;
  /** The prefix of all keys. Default `kv:`. */
  readonly prefix?: string;
  /** How long entries live, in seconds, more or less a tenth. Default 3,600. */
  readonly ttlSeconds?: number;
  /** How long it is remembered that something does not exist. Default 10. */
  readonly negativeTtlSeconds?: number;
  /** How long a request to Redis may take, in milliseconds. Default 100. */
  readonly timeoutMs?: number;
  /** How many of the first edges or entries of a list are kept. Default 1,000. */
  readonly maxList?: number;
  /**
   * How many characters of objects and lists from Redis a process remembers, with the values parsed from them: an entry
   * that has not changed since is not parsed again. Redis is asked all the same. With their values
   * they take some four bytes a character. 0 for none; default 16 Mi.
   */
  readonly maxSeenChars?: number;
  /** How many reads may be under way to one store because Redis does not answer; others wait for their turn. Default 4. */
  readonly maxLoadsWithoutRedis?: number;
  /** How many reads may wait so; more fail with `STORE_BUSY`. Default 1,000. */
  readonly maxWaitingWithoutRedis?: number;
}

/** A cache in Redis: give it to `createKvetch({ cache })`, and close it after the store. */
export interface RedisCache extends KvetchCache {
  readonly stats: RedisCacheStats;
  /** Resolves when Redis answers and its epoch is known; no call has to wait for it. */
  ready(): Promise<void>;
  /** Compares the entries of Redis with rows of the store, and removes older ones. Returns how many there were. */
  audit(rows: StoredRows, dryRun: boolean, store: EdgeStore): Promise<number>;
  invalidate(keys: readonly string[]): Promise<boolean>;
  hasTold(keys: readonly string[]): boolean;
  readonly isReady: boolean;
  flush(withinMs: number): Promise<void>;
  /** Closes the connection. Close the store first: it may still have entries to remove. */
  close(): Promise<void>;
}

const redisOptions: OptionTable<RedisCacheOptions> = {
  ...placeOptions,
  client: anything,
  prefix: anything,
  ttlSeconds: positive,
  negativeTtlSeconds: positive,
  timeoutMs: positive,
  maxList: integer(0),
  maxSeenChars: integer(0),
  maxLoadsWithoutRedis: integer(1),
  maxWaitingWithoutRedis: integer(0),
};

/**
 * Makes a cache in one Redis server, behind Sentinels perhaps, or a Redis Cluster, for `createKvetch({ cache })`. Redis may
 * be down, now or later: reads then go to the store. Spec 9.3.
 *
 * @throws PlanqlError with the code `BAD_OPTION`.
 */
export function redisCache(options: RedisCacheOptions): RedisCache {
  checkOptions('redisCache', options, redisOptions, KvetchOptionError);
  const { maxSeenChars = 16 << 20 } = options;
  const client = options.client ?? connect(options, placeErrors);
  if (options.client === undefined) client.on('error', () => undefined); // also of those that come behind its end
  const stats = new RedisCacheStats();
  const timeoutMs = options.timeoutMs ?? 100;
  const link = new RedisLink(client, timeoutMs, stats);
  const keys = new CacheKeys(options.prefix ?? 'kv:', maxSeenChars);
  const ttlMs = (options.ttlSeconds ?? 3600) * 1000;
  const negativeMs = (options.negativeTtlSeconds ?? 10) * 1000;
  const objectTtl = (row: ObjectRow | null): number => jittered(row?.state === LIVE ? ttlMs : negativeMs);
  const listTtl = (): number => jittered(ttlMs); // an empty list is one too: an insert removes it
  const epoch = new Epoch(link, stats, keys.epoch(), timeoutMs);
  const invalidations = new Invalidations(link, stats, () => epoch.end());
  let isClosed = false;
  const reads = new ReadThrough(link, keys, stats, invalidations, epoch);
  const kinds = entryKinds({ keys, objectTtl, listTtl, maxList: options.maxList ?? 1000 });
  const { maxLoadsWithoutRedis = 4, maxWaitingWithoutRedis = 1000 } = options;
  const parts = { keys, kinds, reads, invalidations, epoch, maxLoadsWithoutRedis, maxWaitingWithoutRedis };

  const auditRows = async (rows: StoredRows, dryRun: boolean, store: EdgeStore): Promise<number> => {
    const fixed = await audit({ reads, invalidations, keys, kinds, store, dryRun }, rows);
    stats.auditFixes += fixed;
    return fixed;
  };
  const cachedOf = (dependencies: readonly string[]): readonly CacheKey[] =>
    dependencies.flatMap((dependency) => keys.ofDependency(dependency));

  return {
    stats,
    wrap(store, beforeCache = async () => undefined) {
      return new RedisShardStore(store, parts, beforeCache);
    },
    async ready() {
      while (epoch.text === null) {
        if (isClosed) throw new KvetchOptionError('The Redis cache is closed.');
        await sleep(5);
      }
    },
    audit: auditRows,
    invalidate: (dependencies) => invalidations.remove(cachedOf(dependencies)),
    hasTold: (dependencies) =>
      !invalidations.hasDirty || !cachedOf(dependencies).some((key) => invalidations.isDirty(key)),
    get isReady() {
      return epoch.text !== null;
    },
    flush: (withinMs) => invalidations.flush(withinMs),
    async close() {
      isClosed = true;
      epoch.close();
      invalidations.close();
      link.close(options.client === undefined ? 'disconnect' : 'leave');
    },
  };
}

const placeErrors: PlaceErrors = {
  missing: () => new KvetchOptionError('redisCache needs "url", "nodes", "sentinel: { master, nodes }" or "client".'),
  badNode: (node) => new KvetchOptionError(`redisCache: a node is "host:port", not "${node}".`),
};

function jittered(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds * (0.9 + Math.random() / 5)));
}
