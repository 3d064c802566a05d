import { idOfBytes } from '../ids/idBytes.ts';
import { isOrdered } from '../schema/listNumbers.ts';
import { CODEC_JSON, type EdgeRow, type EntryRow, type ObjectRow, type RowState } from '../shards/rows.ts';
import type { EndRow } from '../shards/ShardStore.ts';
import { idBytes, integer, keyBytes, MAX_UINT32, nameBytes, type SqlValue } from './literals.ts';

/** A row of an answer, by column number. */
export type SqlRow = readonly unknown[];

export const objectColumns = 'obj_id, shard, type_id, version, state, codec, created_us, updated_us, body';
/** The column that the lists of a table of edges are ordered by. */
export type EdgePlace = 'pos' | 'sort_key';
export const placeOf = ({ edgeId }: { readonly edgeId: number }): EdgePlace => (isOrdered(edgeId) ? 'sort_key' : 'pos');

/** The columns of an edge or an entry that are not in the request for its page. */
const edgePageColumns = (place: EdgePlace): string =>
  `to_id, ${place}, src_version, created_us, updated_us, codec, body`;
const entryPageColumns = 'target_id, src_version, created_us, updated_us';
export const edgeColumns: Readonly<Record<EdgePlace, string>> = byPlace(
  (place) => `edge_id, from_id, shard, state, ${edgePageColumns(place)}`,
);
export const entryColumns: string = `index_name, value, shard, state, ${entryPageColumns}`;
/** Where the shard is among the columns of an edge or an entry. */
export const SHARD_AT = 2;

/** A table with the columns that are read. */
export interface TableColumns {
  readonly table: string;
  readonly columns: string;
  /** The primary key of no row: with `FALSE` in its place MariaDB would read the whole table to find nothing. */
  readonly nothing: string;
  /** All columns are of bytes: their types do not change beside a NULL of no table. */
  readonly areBytes?: boolean;
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
export const edgeTables: Readonly<Record<EdgePlace, RowTable<EdgeRow>>> = byPlace((place) => ({
  table: place === 'pos' ? 'kvetch_edges' : 'kvetch_ordered',
  columns: edgeColumns[place],
  toRow: toEdgeRow,
  nothing: "edge_id = 0 AND from_id = x'' AND to_id = x''",
}));
export const entryTable: RowTable<EntryRow> = {
  table: 'kvetch_entries',
  columns: entryColumns,
  toRow: toEntryRow,
  nothing: "index_name = x'' AND value = x'' AND slot = x''",
};
export const edgePages: Readonly<Record<EdgePlace, TableColumns>> = byPlace((place) => ({
  ...edgeTables[place],
  columns: edgePageColumns(place),
}));
/** What the index of a list has: reading it looks no row up. */
export const edgePlaces: Readonly<Record<EdgePlace, TableColumns>> = byPlace((place) => ({
  ...edgeTables[place],
  columns: `to_id, ${place}`,
  areBytes: place === 'sort_key',
}));
export const entryPages: TableColumns = { ...entryTable, columns: entryPageColumns };

/** Something for each table of edges. */
export function byPlace<T>(make: (place: EdgePlace) => T): Readonly<Record<EdgePlace, T>> {
  return { pos: make('pos'), sort_key: make('sort_key') };
}

const ZERO = Buffer.alloc(16);

/** The values of `objectColumns`. */
export type ObjectValues = [
  id: Buffer,
  shard: number,
  typeId: number,
  version: number,
  state: number,
  codec: number,
  createdUs: number,
  updatedUs: number,
  body: Buffer,
];

export function objectValues(row: ObjectRow): ObjectValues {
  const { id, shard, typeId, version, state, codec, createdUs, updatedUs, body } = row;
  const known = [idBytes(id), integer(shard, 4095), integer(typeId, MAX_UINT32)] as const;
  const numbers = [integer(version), state, integer(codec, 255), integer(createdUs), integer(updatedUs)] as const;
  return [...known, ...numbers, Buffer.from(body, 'utf8')];
}

/** The values of `edgeColumns`. */
export function edgeValues(row: EdgeRow): SqlValue[] {
  const { edgeId, fromId, toId, shard, pos, key = '', srcVersion, state, createdUs, updatedUs, codec, body } = row;
  const place = placeOf(row) === 'pos' ? integer(pos) : Buffer.from(key, 'hex');
  const known = [integer(edgeId, MAX_UINT32), idBytes(fromId), integer(shard, 4095), state];
  const numbers = [place, integer(srcVersion), integer(createdUs), integer(updatedUs), integer(codec, 255)];
  return [...known, idBytes(toId), ...numbers, body === null ? null : Buffer.from(body, 'utf8')];
}

/** The values of `entryColumns`, and of `slot` behind them. */
export type EntryValues = [
  name: Buffer,
  value: Buffer,
  shard: number,
  state: number,
  target: Buffer,
  srcVersion: number,
  createdUs: number,
  updatedUs: number,
  slot: Buffer,
];

export function entryValues(row: EntryRow, unique: boolean): EntryValues {
  const { index, value, targetId, shard, srcVersion, state, createdUs, updatedUs } = row;
  const target = idBytes(targetId);
  const known = [nameBytes(index), keyBytes(value), integer(shard, 4095), state] as const;
  return [...known, target, integer(srcVersion), integer(createdUs), integer(updatedUs), unique ? ZERO : target];
}

// The columns have the types of their tables: the casts only repeat them.
export const numberAt = (row: SqlRow, at: number): number => row[at] as number;
const stateAt = (row: SqlRow, at: number): RowState => row[at] as RowState;
const nullableBytesAt = (row: SqlRow, at: number): Buffer | null => row[at] as Buffer | null;
const bytesAt = (row: SqlRow, at: number): Buffer => row[at] as Buffer;
export const idAt = (row: SqlRow, at: number): string => idOfBytes(bytesAt(row, at));
export const textAt = (row: SqlRow, at: number): string => bytesAt(row, at).toString('utf8');

/** Reads `objectColumns` from column `at` on. */
export function toObjectRow(row: SqlRow, at = 0): ObjectRow {
  return {
    id: idOfBytes(bytesAt(row, at)),
    shard: numberAt(row, at + 1),
    typeId: numberAt(row, at + 2),
    version: numberAt(row, at + 3),
    state: stateAt(row, at + 4),
    codec: numberAt(row, at + 5),
    createdUs: numberAt(row, at + 6),
    updatedUs: numberAt(row, at + 7),
    body: bytesAt(row, at + 8).toString('utf8'),
    record: null,
  };
}

/** What tells whether an object can be an end. */
export const endColumns = 'obj_id, type_id, state';

export function toEndRow(row: SqlRow): EndRow {
  return { id: idAt(row, 0), typeId: numberAt(row, 1), state: stateAt(row, 2) };
}

/** Reads `edgeColumns` from column `at` on. */
export function toEdgeRow(row: SqlRow, at = 0): EdgeRow {
  const fromId = idOfBytes(bytesAt(row, at + 1));
  const known = { edgeId: numberAt(row, at), fromId, shard: numberAt(row, at + 2), state: stateAt(row, at + 3) };
  return toListedEdge(known, row, at + 4);
}

type EdgeList = Pick<EdgeRow, 'edgeId' | 'fromId' | 'shard' | 'state'>;

/** Reads the columns of `edgePages` from column `at` on. */
export function toListedEdge(list: EdgeList, row: SqlRow, at: number): EdgeRow {
  const body = nullableBytesAt(row, at + 6);
  return {
    ...toPlacedEdge(list, row, at),
    srcVersion: numberAt(row, at + 2),
    createdUs: numberAt(row, at + 3),
    updatedUs: numberAt(row, at + 4),
    codec: numberAt(row, at + 5),
    body: body === null ? null : body.toString('utf8'),
  };
}

/** Reads the columns of `edgePlaces` from column `at` on. */
export function toPlacedEdge({ edgeId, fromId, shard, state }: EdgeList, row: SqlRow, at: number): EdgeRow {
  const place = row[at + 1];
  return {
    edgeId,
    fromId,
    toId: idOfBytes(bytesAt(row, at)),
    shard,
    pos: Buffer.isBuffer(place) ? 0 : (place as number),
    ...(Buffer.isBuffer(place) && { key: place.toString('hex') }),
    srcVersion: 0,
    state,
    createdUs: 0,
    updatedUs: 0,
    codec: CODEC_JSON,
    body: null,
    record: null,
  };
}

/** Reads `entryColumns` from column `at` on. */
export function toEntryRow(row: SqlRow, at = 0): EntryRow {
  const [index, value] = [textAt(row, at), textAt(row, at + 1)];
  const known = { index, value, shard: numberAt(row, at + 2), state: stateAt(row, at + 3) };
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
    targetId: idOfBytes(bytesAt(row, at)),
    shard,
    srcVersion: numberAt(row, at + 1),
    state,
    createdUs: numberAt(row, at + 2),
    updatedUs: numberAt(row, at + 3),
  };
}
