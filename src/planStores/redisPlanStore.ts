import { anything, checkOptions, integer, type OptionTable } from '../errors/checkOptions.ts';
import type { PlanStore } from '../plan/PlanStore.ts';
import { itemAt } from '../utils/itemAt.ts';
import { parsedPlan } from './parsedPlan.ts';

/** The part of a Redis client that is used: ioredis' `Redis` and `Cluster` have it. */
export interface RedisHashes {
  hget(hash: string, field: string): Promise<string | null>;
  hset(hash: string, field: string, value: string): Promise<unknown>;
  hscan(hash: string, cursor: string, count: 'COUNT', number: number): Promise<[cursor: string, pairs: string[]]>;
  expire(hash: string, seconds: number): Promise<unknown>;
}

/** The options of `redisPlanStore`. */
export interface RedisPlanStoreOptions {
  /** A client of ioredis, or anything with these four methods. It is yours to open and close. */
  readonly client: RedisHashes;
  /** The version or commit of plan resolvers, loaders and schema. Plans of another release are not used. */
  readonly release: string;
  /** The prefix of the names of hashes. Default `planql:plans:`. */
  readonly prefix?: string;
  /** For how many seconds after a release's last new plan its plans are kept. Default: a week. */
  readonly ttlSeconds?: number;
}

const WEEK = 7 * 24 * 3600;

const redisOptions: OptionTable<RedisPlanStoreOptions> = {
  client: anything,
  release: anything,
  prefix: anything,
  ttlSeconds: integer(1),
};

/** Plans in Redis, one hash for each release: for a fleet. The client is yours: it is neither opened nor closed here. */
export function redisPlanStore(options: RedisPlanStoreOptions): PlanStore {
  checkOptions('redisPlanStore', options, redisOptions);
  const { client, release, prefix = 'planql:plans:', ttlSeconds = WEEK } = options;
  const hash = `${prefix}${release}`;
  return {
    async get(key) {
      const text = await client.hget(hash, key);
      return text === null ? null : parsedPlan(text);
    },

    async set(key, plan) {
      await client.hset(hash, key, JSON.stringify(plan));
      await client.expire(hash, ttlSeconds);
    },

    async *all() {
      // A scan may give a field twice; the second is no news.
      let cursor = '0';
      do {
        const [next, pairs] = await client.hscan(hash, cursor, 'COUNT', 100);
        for (let index = 1; index < pairs.length; index += 2) yield parsedPlan(itemAt(pairs, index));
        cursor = next;
      } while (cursor !== '0');
    },
  };
}
