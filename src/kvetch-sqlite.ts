/** `planql/kvetch/sqlite`: shards in SQLite files. */
export type { SqliteDriver } from './kvetch/sqlite/openDatabase.ts';
export { type SqliteShardsOptions, sqliteShards } from './kvetch/sqlite/sqliteShards.ts';
