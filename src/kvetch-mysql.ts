/** `planql/kvetch/mysql`: shards in MySQL and MariaDB databases. */

export type { MysqlCluster, MysqlClusterOptions } from './kvetch/mysql/MysqlCluster.ts';
export type { MysqlShardStore } from './kvetch/mysql/MysqlShardStore.ts';
export type { MysqlShardOptions } from './kvetch/mysql/mysqlOptions.ts';
export { mysqlCluster, mysqlShard, mysqlShards } from './kvetch/mysql/mysqlShards.ts';
