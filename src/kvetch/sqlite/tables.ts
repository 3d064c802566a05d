/**
 * The tables of one store. Ids are kept as canonical text, which sorts as their bytes do; times are microseconds.
 * Keys of ordered lists are hexadecimal digits, which sort as their bytes do. Edges and entries live in their primary key (`WITHOUT ROWID`), as they are small and read in key order.
 */
export const tables: string = `
CREATE TABLE IF NOT EXISTS kvetch_meta (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS kvetch_objects (
  obj_id TEXT NOT NULL PRIMARY KEY,
  shard INTEGER NOT NULL,
  type_id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  state INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS kvetch_objects_browse ON kvetch_objects (type_id, state, obj_id);
CREATE INDEX IF NOT EXISTS kvetch_objects_scan ON kvetch_objects (updated_us, obj_id);

${edgeTable('kvetch_edges', 'pos', 'INTEGER')}
${edgeTable('kvetch_ordered', 'sort_key', 'TEXT')}
CREATE TABLE IF NOT EXISTS kvetch_entries (
  index_name TEXT NOT NULL,
  value TEXT NOT NULL,
  target_id TEXT NOT NULL,
  shard INTEGER NOT NULL,
  src_version INTEGER NOT NULL,
  state INTEGER NOT NULL,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  PRIMARY KEY (index_name, value, target_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kvetch_entries_page ON kvetch_entries (index_name, value, state, target_id);
CREATE INDEX IF NOT EXISTS kvetch_entries_scan ON kvetch_entries (updated_us, index_name, target_id, value);

CREATE TABLE IF NOT EXISTS kvetch_outbox (
  note_id TEXT PRIMARY KEY,
  shard INTEGER NOT NULL,
  due_us INTEGER NOT NULL,
  note_keys TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kvetch_outbox_due ON kvetch_outbox (due_us, note_id);

CREATE TABLE IF NOT EXISTS kvetch_cleaner (
  task TEXT PRIMARY KEY,
  watermark_us INTEGER NOT NULL DEFAULT 0,
  cursor TEXT,
  lease_owner TEXT,
  lease_until_us INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
`;

/** A table of edges: by arrival (`pos`), or in an order (`sort_key`). */
function edgeTable(name: string, place: string, type: string): string {
  return `CREATE TABLE IF NOT EXISTS ${name} (
  edge_id INTEGER NOT NULL,
  from_id TEXT NOT NULL,
  to_id TEXT NOT NULL,
  shard INTEGER NOT NULL,
  ${place} ${type} NOT NULL,
  src_version INTEGER NOT NULL,
  state INTEGER NOT NULL,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  body TEXT,
  PRIMARY KEY (edge_id, from_id, to_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ${name}_list ON ${name} (edge_id, from_id, state, ${place}, to_id);
CREATE INDEX IF NOT EXISTS ${name}_scan ON ${name} (updated_us, edge_id, from_id, to_id);
`;
}
