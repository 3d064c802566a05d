/**
 * The tables of one database: the common subset of MariaDB from 10.2, MySQL 5.7 and 8. Ids are 16 bytes, which sort as
 * their canonical text; texts that are compared are bytes, so that nothing is folded or padded; times are microseconds.
 *
 * `slot` makes one table serve both kinds of index: an entry's own target, or sixteen zero bytes for the one entry that
 * a value of a unique index can have.
 */
export const tables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS kvetch_meta (
  k VARBINARY(64) NOT NULL PRIMARY KEY,
  v VARBINARY(255) NOT NULL
)`,
  `CREATE TABLE IF NOT EXISTS kvetch_objects (
  obj_id BINARY(16) NOT NULL PRIMARY KEY,
  shard SMALLINT UNSIGNED NOT NULL,
  type_id INT UNSIGNED NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  codec TINYINT UNSIGNED NOT NULL,
  created_us BIGINT UNSIGNED NOT NULL,
  updated_us BIGINT UNSIGNED NOT NULL,
  body MEDIUMBLOB NOT NULL,
  KEY kvetch_objects_browse (type_id, state, obj_id),
  KEY kvetch_objects_scan (updated_us, obj_id),
  KEY kvetch_objects_shard (shard, obj_id)
)`,
  `CREATE TABLE IF NOT EXISTS kvetch_edges (
  edge_id INT UNSIGNED NOT NULL,
  from_id BINARY(16) NOT NULL,
  to_id BINARY(16) NOT NULL,
  shard SMALLINT UNSIGNED NOT NULL,
  pos BIGINT UNSIGNED NOT NULL,
  src_version BIGINT UNSIGNED NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  created_us BIGINT UNSIGNED NOT NULL,
  updated_us BIGINT UNSIGNED NOT NULL,
  codec TINYINT UNSIGNED NOT NULL,
  body MEDIUMBLOB NULL,
  PRIMARY KEY (edge_id, from_id, to_id),
  KEY kvetch_edges_list (edge_id, from_id, state, pos, to_id),
  KEY kvetch_edges_scan (updated_us, edge_id, from_id, to_id),
  KEY kvetch_edges_shard (shard, edge_id, from_id, to_id)
)`,
  `CREATE TABLE IF NOT EXISTS kvetch_entries (
  index_name VARBINARY(64) NOT NULL,
  value VARBINARY(1040) NOT NULL,
  slot BINARY(16) NOT NULL,
  target_id BINARY(16) NOT NULL,
  shard SMALLINT UNSIGNED NOT NULL,
  src_version BIGINT UNSIGNED NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  created_us BIGINT UNSIGNED NOT NULL,
  updated_us BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (index_name, value, slot),
  KEY kvetch_entries_page (index_name, value, state, target_id),
  KEY kvetch_entries_scan (updated_us, index_name, target_id, value),
  KEY kvetch_entries_shard (shard, index_name, value, slot)
)`,
  `CREATE TABLE IF NOT EXISTS kvetch_shards (
  shard SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
  state TINYINT UNSIGNED NOT NULL,
  epoch BIGINT UNSIGNED NOT NULL
)`,
  `CREATE TABLE IF NOT EXISTS kvetch_cleaner (
  task VARBINARY(255) NOT NULL PRIMARY KEY,
  watermark_us BIGINT UNSIGNED NOT NULL DEFAULT 0,
  scan_cursor BLOB NULL,
  lease_owner VARBINARY(255) NULL,
  lease_until_us BIGINT UNSIGNED NOT NULL DEFAULT 0
)`,
].map((table) => `${table} ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);

/** The lengths that columns can hold, checked before anything is sent: a lenient `sql_mode` would cut what is longer. */
export const MAX_NAME_BYTES = 64;
export const MAX_VALUE_BYTES = 1040;
