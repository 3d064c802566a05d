import { KvetchOptionError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import { evenSpan } from '../shards/ranges.ts';
import { MysqlCluster, type MysqlClusterOptions } from './MysqlCluster.ts';
import type { MysqlShardStore } from './MysqlShardStore.ts';
import { asOptions, type MysqlShardOptions, toSettings } from './mysqlOptions.ts';
import { openStore } from './openStore.ts';

/**
 * Makes one store in a MySQL or MariaDB database, for a single node or a range of a shard map. It connects with its first call.
 *
 * @throws KvetchOptionError for wrong options.
 */
export function mysqlShard(options: MysqlShardOptions | string): MysqlShardStore {
  return openStore(toSettings(asOptions(options)), [0, LOGICAL_SHARDS - 1], null);
}

/**
 * Shards in databases, on one server or on many: the logical shards are divided evenly among them, in this order. Each
 * database remembers which of how many it is, and is not opened as another one.
 */
export function mysqlShards(
  servers: ReadonlyArray<MysqlShardOptions | string>,
  common: Omit<MysqlShardOptions, 'uri' | 'name' | 'replicas'> = {},
): readonly MysqlShardStore[] {
  if (servers.length < 1 || servers.length > LOGICAL_SHARDS) {
    throw new KvetchOptionError(
      `mysqlShards needs from 1 to ${LOGICAL_SHARDS} servers, and was given ${servers.length}.`,
    );
  }
  const settings = servers.map((server, at) => toSettings({ name: `mysql-${at}`, ...common, ...asOptions(server) }));
  return settings.map((one, at) => openStore(one, evenSpan(at, servers.length), `${at + 1} of ${servers.length}`));
}

/** Servers between which shards can be moved while programs run; see `MysqlCluster.init` for the first time. */
export function mysqlCluster(options: MysqlClusterOptions): MysqlCluster {
  return new MysqlCluster(options);
}
