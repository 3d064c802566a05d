/** `planql/kvetch/mysql`: shards in MySQL and MariaDB databases. */

export type { MysqlShardStore } from './kvetch/mysql/MysqlShardStore.ts';
export type { MysqlShardOptions } from './kvetch/mysql/mysqlOptions.ts';
export { mysqlShard, mysqlShards } from './kvetch/mysql/mysqlShards.ts';
export type { BreakerOptions } from './kvetch/shards/Breaker.ts';
