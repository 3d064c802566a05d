import { MAX_ORDER_KEY_BYTES } from '../codec/orderKey.ts';

/** A table as it is created, and as `kvetch check` compares it with the present one. */
export interface Table {
  readonly name: string;
  /** Type, and optional properties, by name. */
  readonly columns: Readonly<Record<string, string>>;
  readonly primaryKey: readonly string[];
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

const ID = 'BINARY(16) NOT NULL';
const NUMBER = 'BIGINT UNSIGNED NOT NULL';
const SHORT = 'SMALLINT UNSIGNED NOT NULL';
const BYTE = 'TINYINT UNSIGNED NOT NULL';
const DEFINITION = 'INT UNSIGNED NOT NULL';

/** The lengths that columns can hold, checked before anything is sent: a lenient `sql_mode` would cut longer values. */
export const MAX_NAME_BYTES = 64;
export const MAX_VALUE_BYTES = 1040;
const MAX_SORT_KEY_BYTES: number = MAX_ORDER_KEY_BYTES;

/**
 * The tables of one database: the common subset of MariaDB from 10.2, MySQL 5.7 and 8. Ids are 16 bytes, which sort as
 * their canonical text; texts that are compared are bytes, so that nothing is folded or padded; times are microseconds.
 *
 * `slot` makes one table serve both kinds of index: an entry's own target, or sixteen zero bytes for the one entry that
 * a value of a unique index can have.
 */
export const tables: readonly Table[] = [
  {
    name: 'kvetch_meta',
    columns: { k: 'VARBINARY(64) NOT NULL', v: 'VARBINARY(255) NOT NULL' },
    primaryKey: ['k'],
    keys: {},
  },
  {
    name: 'kvetch_objects',
    columns: {
      ...{ obj_id: ID, shard: SHORT, type_id: DEFINITION, version: NUMBER, state: BYTE, codec: BYTE },
      ...{ created_us: NUMBER, updated_us: NUMBER, body: 'MEDIUMBLOB NOT NULL' },
    },
    primaryKey: ['obj_id'],
    keys: {
      kvetch_objects_browse: ['type_id', 'state', 'obj_id'],
      kvetch_objects_scan: ['updated_us', 'obj_id'],
      kvetch_objects_shard: ['shard', 'obj_id'],
    },
  },
  {
    name: 'kvetch_edges',
    columns: {
      ...{ edge_id: DEFINITION, from_id: ID, to_id: ID, shard: SHORT, pos: NUMBER, src_version: NUMBER, state: BYTE },
      ...{ created_us: NUMBER, updated_us: NUMBER, codec: BYTE, body: 'MEDIUMBLOB NULL' },
    },
    primaryKey: ['edge_id', 'from_id', 'to_id'],
    keys: {
      kvetch_edges_list: ['edge_id', 'from_id', 'state', 'pos', 'to_id'],
      kvetch_edges_scan: ['updated_us', 'edge_id', 'from_id', 'to_id'],
      kvetch_edges_shard: ['shard', 'edge_id', 'from_id', 'to_id'],
    },
  },
  {
    name: 'kvetch_ordered',
    columns: {
      ...{
        edge_id: DEFINITION,
        from_id: ID,
        to_id: ID,
        shard: SHORT,
        sort_key: `VARBINARY(${MAX_SORT_KEY_BYTES}) NOT NULL`,
      },
      ...{
        src_version: NUMBER,
        state: BYTE,
        created_us: NUMBER,
        updated_us: NUMBER,
        codec: BYTE,
        body: 'MEDIUMBLOB NULL',
      },
    },
    primaryKey: ['edge_id', 'from_id', 'to_id'],
    keys: {
      kvetch_ordered_list: ['edge_id', 'from_id', 'state', 'sort_key', 'to_id'],
      kvetch_ordered_scan: ['updated_us', 'edge_id', 'from_id', 'to_id'],
      kvetch_ordered_shard: ['shard', 'edge_id', 'from_id', 'to_id'],
    },
  },
  {
    name: 'kvetch_entries',
    columns: {
      ...{ index_name: `VARBINARY(${MAX_NAME_BYTES}) NOT NULL`, value: `VARBINARY(${MAX_VALUE_BYTES}) NOT NULL` },
      ...{ slot: ID, target_id: ID, shard: SHORT, src_version: NUMBER, state: BYTE },
      ...{ created_us: NUMBER, updated_us: NUMBER },
    },
    primaryKey: ['index_name', 'value', 'slot'],
    keys: {
      kvetch_entries_page: ['index_name', 'value', 'state', 'target_id'],
      kvetch_entries_scan: ['updated_us', 'index_name', 'target_id', 'value'],
      kvetch_entries_shard: ['shard', 'index_name', 'value', 'slot'],
    },
  },
  {
    name: 'kvetch_shards',
    columns: { shard: SHORT, state: BYTE, epoch: NUMBER },
    primaryKey: ['shard'],
    keys: {},
  },
  {
    name: 'kvetch_outbox',
    columns: { note_id: ID, shard: SHORT, due_us: NUMBER, note_keys: 'MEDIUMBLOB NOT NULL' },
    primaryKey: ['note_id'],
    keys: { kvetch_outbox_due: ['due_us', 'note_id'] },
  },
  {
    name: 'kvetch_cleaner',
    columns: {
      task: 'VARBINARY(255) NOT NULL',
      watermark_us: `${NUMBER} DEFAULT 0`,
      scan_cursor: 'BLOB NULL',
      lease_owner: 'VARBINARY(255) NULL',
      lease_until_us: `${NUMBER} DEFAULT 0`,
    },
    primaryKey: ['task'],
    keys: {},
  },
];

/** The changes that are kept for feeds (spec 6.13), in databases that keep any. */
export const changesTable: Table = {
  name: 'kvetch_changes',
  columns: { number: `${NUMBER} AUTO_INCREMENT`, at_us: NUMBER, change_keys: 'MEDIUMBLOB NOT NULL' },
  primaryKey: ['number'],
  keys: {},
};

export const ENGINE = 'ENGINE=InnoDB ROW_FORMAT=DYNAMIC';
export const COLLATION = 'utf8mb4_bin';

/** The statement that creates a table where there is none. */
export function createTable({ name, columns, primaryKey, keys }: Table): string {
  const lines = [
    ...Object.entries(columns).map(([column, definition]) => `${column} ${definition}`),
    `PRIMARY KEY (${primaryKey.join(', ')})`,
    ...Object.entries(keys).map(([key, of]) => `KEY ${key} (${of.join(', ')})`),
  ];
  return `CREATE TABLE IF NOT EXISTS ${name} (\n  ${lines.join(',\n  ')}\n) ${ENGINE} DEFAULT CHARACTER SET utf8mb4 COLLATE ${COLLATION}`;
}
