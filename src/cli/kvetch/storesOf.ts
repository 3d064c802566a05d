import type { MysqlCluster } from '../../kvetch/mysql/MysqlCluster.ts';
import type { MysqlShardStore } from '../../kvetch/mysql/MysqlShardStore.ts';
import { evenRanges, type ShardRange } from '../../kvetch/shards/ranges.ts';
import type { ShardStore } from '../../kvetch/shards/ShardStore.ts';
import type { SqliteShardStore } from '../../kvetch/sqlite/SqliteShardStore.ts';
import { UsageError } from '../Command.ts';
import { type Config, isCluster } from './loadConfig.ts';

/** The stores of a configuration, by their interface. */
export type KnownStores =
  | { readonly kind: 'cluster'; readonly cluster: MysqlCluster; readonly stores: readonly MysqlShardStore[] }
  | { readonly kind: 'mysql'; readonly stores: readonly MysqlShardStore[]; readonly ranges: readonly ShardRange[] }
  | { readonly kind: 'sqlite'; readonly stores: readonly SqliteShardStore[]; readonly ranges: readonly ShardRange[] };

/** Throws a `UsageError` for stores in memory, and for custom ones. */
export function storesOf({ shards }: Config): KnownStores {
  if (isCluster(shards)) return { kind: 'cluster', cluster: shards, stores: shards.stores };
  const given: ReadonlyArray<ShardStore | ShardRange> = 'stores' in shards ? shards.stores : shards;
  const own = given.filter((one): one is ShardRange => 'store' in one);
  const ranges = own.length > 0 ? own : evenRanges(given.filter((one): one is ShardStore => !('store' in one)));
  const stores = [...new Set(ranges.map(({ store }) => store))];
  if (stores.every(isMysql)) return { kind: 'mysql', stores, ranges };
  if (stores.every(isSqlite)) return { kind: 'sqlite', stores, ranges };
  if (stores.some(({ isVolatile }) => isVolatile === true)) {
    throw new UsageError(
      '"shards" of the configuration are in memory: they are new with each process, so there is nothing to create, check or count. Use sqliteShards(…), mysqlShards(…) or mysqlCluster(…).',
    );
  }
  throw new UsageError(
    '"shards" of the configuration must all be made by one of sqliteShards(…), mysqlShards(…) and mysqlCluster(…) for this command.',
  );
}

function isMysql(store: ShardStore): store is MysqlShardStore {
  return 'holdings' in store;
}

function isSqlite(store: ShardStore): store is SqliteShardStore {
  return 'countRows' in store;
}
