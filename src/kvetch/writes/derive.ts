import { isListed, joinKeys, keysOf, sourceOfObject, sourcesOf } from '../codec/listSource.ts';
import type { Envelope } from '../codec/objectBody.ts';
import { orderKey } from '../codec/orderKey.ts';
import { parseId } from '../ids/parseId.ts';
import { shardOfId, shardOfValue } from '../ids/routing.ts';
import type { EdgeType, IndexType, ObjectType } from '../schema/KvetchSchema.ts';
import { CODEC_JSON, type EdgeRow, type EntryRow, LIVE, type RowState, TOMBSTONE } from '../shards/rows.ts';

/** An edge that follows from an object's attributes. */
export interface DerivedEdge {
  readonly edge: EdgeType;
  readonly fromId: string;
  /** In an ordered list. */
  readonly key?: string;
}

/** An index entry that follows from an object's attributes. */
export interface DerivedEntry {
  readonly index: IndexType;
  readonly value: string;
}

/** Everything that follows from the attributes of one object. */
export interface Derived {
  readonly edges: readonly DerivedEdge[];
  readonly entries: readonly DerivedEntry[];
}

export const nothingDerived: Derived = { edges: [], entries: [] };

/**
 * Computes the derived rows of an object's attributes. Throws a `BadValueError` for one that its index or order cannot
 * hold.
 */
export function derive(type: ObjectType, id: string, attributes: Readonly<Record<string, unknown>>): Derived {
  const entries: DerivedEntry[] = [];
  for (const index of type.indexes) {
    const value = entryKey(index, attributes, type.name);
    if (value !== null) entries.push({ index, value });
  }
  const stored = storedEdges(type, attributes);
  return { edges: type.lists.length === 0 ? stored : [...stored, ...valueLists(type, id, attributes)], entries };
}

/** The index key of attributes; `null` where there is no entry. */
export function entryKey(
  { attrs, where }: IndexType,
  attributes: Readonly<Record<string, unknown>>,
  place: string,
): string | null {
  if (where.length > 0 && !isListed(where, attributes, place)) return null;
  const keys = keysOf(attrs, attributes, place);
  return keys === null ? null : joinKeys(keys, place);
}

function storedEdges(type: ObjectType, attributes: Readonly<Record<string, unknown>>): readonly DerivedEdge[] {
  const edges: DerivedEdge[] = [];
  for (const edge of type.storedIdEdges) {
    const fromId = parseId(attributes[edge.storedIdAttr ?? '']);
    if (fromId === null) continue;
    if (edge.where.length > 0 && !isListed(edge.where, attributes, type.name)) continue;
    edges.push(
      edge.order === null ? { edge, fromId } : { edge, fromId, key: orderKey(edge.order, attributes, type.name) },
    );
  }
  return edges;
}

/** The places of an object in the lists of its values. */
function valueLists(
  type: ObjectType,
  id: string,
  attributes: Readonly<Record<string, unknown>>,
): readonly DerivedEdge[] {
  const edges: DerivedEdge[] = [];
  for (const edge of type.lists) {
    const fromId = valueListOf(edge, id, attributes, type.name);
    if (fromId !== null) edges.push({ edge, fromId, key: orderKey(edge.order ?? [], attributes, type.name) });
  }
  return edges;
}

/** The source of the list of values in which an object is; `null`: in none. */
export function valueListOf(
  { source, where }: EdgeType,
  id: string,
  attributes: Readonly<Record<string, unknown>>,
  place: string,
): string | null {
  if (source === null || !isListed(where, attributes, place)) return null;
  const keys = keysOf(source.attrs, attributes, place);
  return keys === null ? null : sourceOfObject(source, keys, id);
}

/** The sources of all parts of the list of values in which an object is; `null`: in none. */
export function valueListsOf(
  { source, where }: EdgeType,
  attributes: Readonly<Record<string, unknown>>,
  place: string,
): readonly string[] | null {
  if (source === null || !isListed(where, attributes, place)) return null;
  const keys = keysOf(source.attrs, attributes, place);
  return keys === null ? null : sourcesOf(source, keys);
}

/** The rows that must be put when `b` becomes `a`: new ones, and those whose place has changed. */
export function derivedAfter(a: Derived, b: Derived): Derived {
  return {
    edges: a.edges.filter((x) => !b.edges.some((y) => isSameList(x, y) && x.key === y.key)),
    entries: derivedWithout(a, b).entries,
  };
}

function isSameList(one: DerivedEdge, other: DerivedEdge): boolean {
  return one.edge === other.edge && one.fromId === other.fromId;
}

/** The rows that are in `a` and not in `b`, wherever their places are. */
export function derivedWithout(a: Derived, b: Derived): Derived {
  return {
    edges: a.edges.filter((x) => !b.edges.some((y) => isSameList(x, y))),
    entries: a.entries.filter((x) => !b.entries.some((y) => x.index === y.index && x.value === y.value)),
  };
}

/**
 * Positions for the edges of an object: those it had, and `nowUs` for new ones. An edge that came into the schema after the
 * object has it where cleaners put it: at its creation.
 */
export function positionsOf(
  derived: Derived,
  added: Derived,
  before: Envelope['pos'],
  { nowUs, createdUs }: { readonly nowUs: number; readonly createdUs: number },
): Envelope['pos'] {
  const pos: Record<string, number> = {};
  for (const { edge } of derived.edges) {
    if (edge.order !== null) continue;
    const isNew = added.edges.some((one) => one.edge === edge);
    pos[edge.edgeId] = isNew ? nowUs : (before?.[edge.edgeId] ?? createdUs);
  }
  return Object.keys(pos).length === 0 ? undefined : pos;
}

/** The write that made a row. */
export interface Source {
  readonly id: string;
  readonly version: number;
  readonly nowUs: number;
}

export function edgeRow(
  { edge, fromId, key = '' }: DerivedEdge,
  { id, version, nowUs }: Source,
  pos: number,
  state: RowState,
): EdgeRow {
  return {
    edgeId: edge.edgeId,
    fromId,
    toId: id,
    shard: shardOfId(fromId),
    ...(edge.order === null ? { pos } : { pos: 0, key }),
    srcVersion: version,
    state,
    createdUs: edge.order === null ? pos : nowUs,
    updatedUs: nowUs,
    codec: CODEC_JSON,
    body: null,
    record: null,
  };
}

export function entryRow({ index, value }: DerivedEntry, { id, version, nowUs }: Source, state: RowState): EntryRow {
  return {
    index: index.name,
    value,
    targetId: id,
    shard: shardOfValue(value),
    srcVersion: version,
    state,
    createdUs: nowUs,
    updatedUs: nowUs,
  };
}

/** The rows that an addition puts: live edges at their positions, and entries of indexes that are not unique. */
export function liveRows(
  derived: Derived,
  source: Source,
  pos: Envelope['pos'],
): { edges: EdgeRow[]; entries: EntryRow[] } {
  return {
    edges: derived.edges.map((one) => edgeRow(one, source, pos?.[one.edge.edgeId] ?? source.nowUs, LIVE)),
    entries: derived.entries.filter(({ index }) => !index.unique).map((one) => entryRow(one, source, LIVE)),
  };
}

/** The rows that a removal puts: tombstones. */
export function deadRows(derived: Derived, source: Source): { edges: EdgeRow[]; entries: EntryRow[] } {
  return {
    edges: derived.edges.map((one) => edgeRow(one, source, source.nowUs, TOMBSTONE)),
    entries: derived.entries.map((one) => entryRow(one, source, TOMBSTONE)),
  };
}

/** The dependency keys of derived rows. */
export function derivedKeys({ edges, entries }: Derived): string[] {
  return [
    ...edges.map(({ edge, fromId }) => `e:${edge.edgeId}:${fromId}`),
    ...entries.map(({ index, value }) => `i:${index.name}:${value}`),
  ];
}
