import { createKvetch, type Kvetch, memoryShards, type ShardStore } from 'planql/kvetch';
import { mysqlShards } from 'planql/kvetch/mysql';
import { redisCache } from 'planql/kvetch/redis';
import { sqliteShards } from 'planql/kvetch/sqlite';
import { type StoreCounts, slowStore } from '../../../examples/issue-tracker/slowStore.ts';
import { type Filled, fill, type Size, storeSchema } from '../../../examples/issue-tracker/store.ts';

/** How many milliseconds each call takes in the slow place. */
const SLOW_MS = 4;

export type PlaceName = 'memory' | 'slow' | 'sqlite' | 'mysql' | 'redis';

export const placeTitles: Readonly<Record<PlaceName, string>> = {
  memory: 'in memory',
  slow: `in memory, ${SLOW_MS} ms a call`,
  sqlite: 'a SQLite file',
  mysql: 'two MySQL servers',
  redis: 'two MySQL servers and Redis, warm',
};

/** Where servers and files are. */
export interface IssuePlaces {
  readonly mysql: readonly string[];
  readonly redis: string;
  readonly sqlite: string;
}

interface OpenKvetch {
  readonly kvetch: Kvetch;
  close(): Promise<void>;
}

/** A place with the data of the issue tracker. */
export interface OpenPlace {
  readonly filled: Filled;
  /** The same data for one program, which shares nothing with others but rows. */
  open(isShared: boolean): Promise<OpenKvetch>;
  /** The same data behind a store that counts; null for places with several servers. */
  counted(counts: StoreCounts): Kvetch | null;
  close(): Promise<void>;
}

/** Opens a place and fills it. */
export async function openPlace(name: PlaceName, places: IssuePlaces, size: Size): Promise<OpenPlace> {
  const isRemote = name === 'mysql' || name === 'redis';
  const shards = isRemote
    ? mysqlShards(places.mysql, { createDatabase: true })
    : name === 'sqlite'
      ? sqliteShards({ file: places.sqlite })
      : memoryShards(1);
  const slowed = (counts: StoreCounts, milliseconds: number): readonly ShardStore[] =>
    shards.map((store) => slowStore(store, milliseconds, counts));
  const ownShards = (): readonly ShardStore[] => {
    if (isRemote) return mysqlShards(places.mysql);
    return name === 'slow' ? slowed({ calls: 0, keys: 0, waits: 0 }, SLOW_MS) : shards;
  };
  const first = createKvetch({ schema: storeSchema, shards });
  const filled = await fill(first, size);
  return {
    filled,
    async open(isShared) {
      const cache = name === 'redis' ? redisCache({ url: places.redis, timeoutMs: 2000 }) : null;
      const options = { schema: storeSchema, shards: ownShards(), batching: isShared };
      const kvetch = createKvetch(cache === null ? options : { ...options, cache });
      await cache?.ready();
      return {
        kvetch,
        async close() {
          if (isRemote) await kvetch.close();
          await cache?.close();
        },
      };
    },
    counted: (counts) => (isRemote ? null : createKvetch({ schema: storeSchema, shards: slowed(counts, 1) })),
    close: () => first.close(),
  };
}
