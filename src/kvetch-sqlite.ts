/** `planql/kvetch/sqlite`: shards in SQLite files. */
export { type SqliteShardsOptions, sqliteShards } from './kvetch/sqlite/sqliteShards.ts';
