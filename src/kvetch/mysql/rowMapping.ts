import { idOfBytes } from '../ids/idBytes.ts';
import type { EdgeRow, EntryRow, ObjectRow, RowState } from '../shards/rows.ts';
import { idBytes, integer, keyBytes, MAX_UINT32, nameBytes, type SqlValue } from './literals.ts';

/** A row of an answer, by column number. */
export type SqlRow = readonly unknown[];

export const objectColumns = 'obj_id, shard, type_id, version, state, codec, created_us, updated_us, body';
/** Of an edge or an entry, what who asks for its page does not know. */
const edgePageColumns = 'to_id, pos, src_version, created_us, updated_us, codec, body';
const entryPageColumns = 'target_id, src_version, created_us, updated_us';
export const edgeColumns: string = `edge_id, from_id, shard, state, ${edgePageColumns}`;
export const entryColumns: string = `index_name, value, shard, state, ${entryPageColumns}`;
/** Where the shard is among the columns of an edge or an entry. */
export const SHARD_AT = 2;

/** A table of which columns are read. */
export interface TableColumns {
  readonly table: string;
  readonly columns: string;
  /** The primary key of no row: with `FALSE` in its place MariaDB would read the whole table to find nothing. */
  readonly nothing: string;
}

/** A table whose rows are read as a whole: `toRow` reads `columns` from column `at` on. */
export interface RowTable<TRow> extends TableColumns {
  readonly toRow: (row: SqlRow, at?: number) => TRow;
}

export const objectTable: RowTable<ObjectRow> = {
  table: 'kvetch_objects',
  columns: objectColumns,
  toRow: toObjectRow,
  nothing: "obj_id = x''",
};
export const edgeTable: RowTable<EdgeRow> = {
  table: 'kvetch_edges',
  columns: edgeColumns,
  toRow: toEdgeRow,
  nothing: "edge_id = 0 AND from_id = x'' AND to_id = x''",
};
export const entryTable: RowTable<EntryRow> = {
  table: 'kvetch_entries',
  columns: entryColumns,
  toRow: toEntryRow,
  nothing: "index_name = x'' AND value = x'' AND slot = x''",
};
export const edgePages: TableColumns = { ...edgeTable, columns: edgePageColumns };
export const entryPages: TableColumns = { ...entryTable, columns: entryPageColumns };

const ZERO = Buffer.alloc(16);

/** The values of `objectColumns`. */
export function objectValues(row: ObjectRow): SqlValue[] {
  const { id, shard, typeId, version, state, codec, createdUs, updatedUs, body } = row;
  const numbers = [integer(shard, 4095), integer(typeId, MAX_UINT32), integer(version), state, integer(codec, 255)];
  return [idBytes(id), ...numbers, integer(createdUs), integer(updatedUs), Buffer.from(body, 'utf8')];
}

/** The values of `edgeColumns`. */
export function edgeValues(row: EdgeRow): SqlValue[] {
  const { edgeId, fromId, toId, shard, pos, srcVersion, state, createdUs, updatedUs, codec, body } = row;
  const known = [integer(edgeId, MAX_UINT32), idBytes(fromId), integer(shard, 4095), state];
  const numbers = [integer(pos), integer(srcVersion), integer(createdUs), integer(updatedUs), integer(codec, 255)];
  return [...known, idBytes(toId), ...numbers, body === null ? null : Buffer.from(body, 'utf8')];
}

/** The values of `entryColumns`, and of `slot` behind them. */
export function entryValues(row: EntryRow, unique: boolean): SqlValue[] {
  const { index, value, targetId, shard, srcVersion, state, createdUs, updatedUs } = row;
  const target = idBytes(targetId);
  const known = [nameBytes(index), keyBytes(value), integer(shard, 4095), state];
  return [...known, target, integer(srcVersion), integer(createdUs), integer(updatedUs), unique ? ZERO : target];
}

/** Reads `objectColumns` from column `at` on. The columns are what the table says they are: the casts only repeat it. */
export function toObjectRow(row: SqlRow, at = 0): ObjectRow {
  return {
    id: idOfBytes(row[at] as Buffer),
    shard: row[at + 1] as number,
    typeId: row[at + 2] as number,
    version: row[at + 3] as number,
    state: row[at + 4] as RowState,
    codec: row[at + 5] as number,
    createdUs: row[at + 6] as number,
    updatedUs: row[at + 7] as number,
    body: (row[at + 8] as Buffer).toString('utf8'),
    record: null,
  };
}

/** Reads `edgeColumns` from column `at` on. */
export function toEdgeRow(row: SqlRow, at = 0): EdgeRow {
  const fromId = idOfBytes(row[at + 1] as Buffer);
  const known = { edgeId: row[at] as number, fromId, shard: row[at + 2] as number, state: row[at + 3] as RowState };
  return toListedEdge(known, row, at + 4);
}

/** Reads the columns of `edgePages` from column `at` on. */
export function toListedEdge(
  { edgeId, fromId, shard, state }: Pick<EdgeRow, 'edgeId' | 'fromId' | 'shard' | 'state'>,
  row: SqlRow,
  at: number,
): EdgeRow {
  const body = row[at + 6] as Buffer | null;
  return {
    edgeId,
    fromId,
    toId: idOfBytes(row[at] as Buffer),
    shard,
    pos: row[at + 1] as number,
    srcVersion: row[at + 2] as number,
    state,
    createdUs: row[at + 3] as number,
    updatedUs: row[at + 4] as number,
    codec: row[at + 5] as number,
    body: body === null ? null : body.toString('utf8'),
    record: null,
  };
}

/** Reads `entryColumns` from column `at` on. */
export function toEntryRow(row: SqlRow, at = 0): EntryRow {
  const [index, value] = [(row[at] as Buffer).toString('utf8'), (row[at + 1] as Buffer).toString('utf8')];
  const known = { index, value, shard: row[at + 2] as number, state: row[at + 3] as RowState };
  return toListedEntry(known, row, at + 4);
}

/** Reads the columns of `entryPages` from column `at` on. */
export function toListedEntry(
  { index, value, shard, state }: Pick<EntryRow, 'index' | 'value' | 'shard' | 'state'>,
  row: SqlRow,
  at: number,
): EntryRow {
  return {
    index,
    value,
    targetId: idOfBytes(row[at] as Buffer),
    shard,
    srcVersion: row[at + 1] as number,
    state,
    createdUs: row[at + 2] as number,
    updatedUs: row[at + 3] as number,
  };
}
