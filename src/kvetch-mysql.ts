/** `planql/kvetch/mysql`: shards in MySQL and MariaDB databases. */

export type { ServerStats } from './kvetch/mysql/checkCluster.ts';
export type { InitialRange, MysqlCluster, MysqlClusterOptions } from './kvetch/mysql/MysqlCluster.ts';
export type { MysqlShardStore, ReplicaStatus } from './kvetch/mysql/MysqlShardStore.ts';
export type { MoveOptions, MoveProgress, MoveReport, Stage } from './kvetch/mysql/move/moveOptions.ts';
export type { MysqlReplicaOptions, MysqlShardOptions } from './kvetch/mysql/mysqlOptions.ts';
export { mysqlCluster, mysqlShard, mysqlShards } from './kvetch/mysql/mysqlShards.ts';
export type { BreakerOptions } from './kvetch/shards/Breaker.ts';
