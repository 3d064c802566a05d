import type { EdgeRow, EntryRow, ObjectRow, RowState } from '../shards/rows.ts';
import type { SqlRow } from './openDatabase.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const special = /[\0\x01]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const everySpecial = /[\0\x01]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const everyEscape = /\x01[\x01\x02]/g;

export const objectColumns =
  'o.obj_id, o.shard, o.type_id, o.version, o.state, o.codec, o.created_us, o.updated_us, o.body';
export const edgeColumns =
  'e.edge_id, e.from_id, e.to_id, e.shard, e.pos, e.src_version, e.state, e.created_us, e.updated_us, e.codec, e.body';
export const entryColumns =
  'x.index_name, x.value, x.target_id, x.shard, x.src_version, x.state, x.created_us, x.updated_us';

/** The columns are what the table says they are: the casts below only repeat it. */
export function toObjectRow(row: SqlRow): ObjectRow {
  return {
    id: row.obj_id as string,
    shard: row.shard as number,
    typeId: row.type_id as number,
    version: row.version as number,
    state: row.state as RowState,
    codec: row.codec as number,
    createdUs: row.created_us as number,
    updatedUs: row.updated_us as number,
    body: row.body as string,
    record: null,
  };
}

export function toEdgeRow(row: SqlRow): EdgeRow {
  return {
    edgeId: row.edge_id as number,
    fromId: row.from_id as string,
    toId: row.to_id as string,
    shard: row.shard as number,
    pos: row.pos as number,
    srcVersion: row.src_version as number,
    state: row.state as RowState,
    createdUs: row.created_us as number,
    updatedUs: row.updated_us as number,
    codec: row.codec as number,
    body: row.body as string | null,
    record: null,
  };
}

export function toEntryRow(row: SqlRow): EntryRow {
  return {
    index: row.index_name as string,
    value: unescapeNul(row.value as string),
    targetId: row.target_id as string,
    shard: row.shard as number,
    srcVersion: row.src_version as number,
    state: row.state as RowState,
    createdUs: row.created_us as number,
    updatedUs: row.updated_us as number,
  };
}

/**
 * A text without NUL characters, as SQLite keeps it: some drivers and SQL functions end a text at its first NUL. Order
 * is kept.
 */
export function escapeNul(text: string): string {
  return special.test(text) ? text.replace(everySpecial, (found) => (found === '\0' ? '\x01\x01' : '\x01\x02')) : text;
}

/** The inverse of `escapeNul`. */
function unescapeNul(text: string): string {
  return text.includes('\x01') ? text.replace(everyEscape, (found) => (found === '\x01\x01' ? '\0' : '\x01')) : text;
}
