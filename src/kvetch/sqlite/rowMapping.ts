import type { EdgeRow, EntryRow, ObjectRow, RowState } from '../shards/rows.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are escaped
const special = /[\0\x01]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const everySpecial = /[\0\x01]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const everyEscape = /\x01[\x01\x02]/g;

export const objectColumns =
  'o.obj_id, o.shard, o.type_id, o.version, o.state, o.codec, o.created_us, o.updated_us, o.body';
/** A row of `objectColumns`. */
export interface ObjectColumns {
  readonly obj_id: string;
  readonly shard: number;
  readonly type_id: number;
  readonly version: number;
  readonly state: RowState;
  readonly codec: number;
  readonly created_us: number;
  readonly updated_us: number;
  readonly body: string;
}

/** The columns of edges; those of ordered lists have a key in place of a position. */
export const edgeColumns = (place: 'pos' | 'sort_key'): string =>
  `e.edge_id, e.from_id, e.to_id, e.shard, e.${place} AS place, e.src_version, e.state, e.created_us, e.updated_us, e.codec, e.body`;
/** A row of `edgeColumns`. */
export interface EdgeColumns {
  readonly edge_id: number;
  readonly from_id: string;
  readonly to_id: string;
  readonly shard: number;
  readonly place: number | string;
  readonly src_version: number;
  readonly state: RowState;
  readonly created_us: number;
  readonly updated_us: number;
  readonly codec: number;
  readonly body: string | null;
}

export const entryColumns =
  'x.index_name, x.value, x.target_id, x.shard, x.src_version, x.state, x.created_us, x.updated_us';

/** A row of `entryColumns`. */
export interface EntryColumns {
  readonly index_name: string;
  readonly value: string;
  readonly target_id: string;
  readonly shard: number;
  readonly src_version: number;
  readonly state: RowState;
  readonly created_us: number;
  readonly updated_us: number;
}

export function toObjectRow(row: ObjectColumns): ObjectRow {
  return {
    id: row.obj_id,
    shard: row.shard,
    typeId: row.type_id,
    version: row.version,
    state: row.state,
    codec: row.codec,
    createdUs: row.created_us,
    updatedUs: row.updated_us,
    body: row.body,
    record: null,
  };
}

export function toEdgeRow(row: EdgeColumns): EdgeRow {
  return {
    edgeId: row.edge_id,
    fromId: row.from_id,
    toId: row.to_id,
    shard: row.shard,
    ...(typeof row.place === 'number' ? { pos: row.place } : { pos: 0, key: row.place }),
    srcVersion: row.src_version,
    state: row.state,
    createdUs: row.created_us,
    updatedUs: row.updated_us,
    codec: row.codec,
    body: row.body,
    record: null,
  };
}

export function toEntryRow(row: EntryColumns): EntryRow {
  return {
    index: row.index_name,
    value: unescapeNul(row.value),
    targetId: row.target_id,
    shard: row.shard,
    srcVersion: row.src_version,
    state: row.state,
    createdUs: row.created_us,
    updatedUs: row.updated_us,
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
