import { indexKey } from '../codec/indexKey.ts';
import type { Envelope } from '../codec/objectBody.ts';
import { parseId } from '../ids/parseId.ts';
import { shardOfId, shardOfValue } from '../ids/routing.ts';
import type { EdgeType, IndexType, ObjectType } from '../schema/KvetchSchema.ts';
import { CODEC_JSON, type EdgeRow, type EntryRow, LIVE, type RowState, TOMBSTONE } from '../shards/rows.ts';

/** An edge that follows from an object's stored id. */
export interface DerivedEdge {
  readonly edge: EdgeType;
  readonly fromId: string;
}

/** An index entry that follows from an object's attribute. */
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

/** Computes the derived rows of attributes. Throws a `BadValueError` for one that its index cannot hold. */
export function derive(type: ObjectType, attributes: Readonly<Record<string, unknown>>): Derived {
  const entries: DerivedEntry[] = [];
  for (const index of type.indexes) {
    const value = attributes[index.attr ?? ''];
    if (value === undefined || value === null) continue;
    entries.push({ index, value: indexKey(index.kind, value, `${type.name}.${index.attr}`) });
  }
  return { edges: storedEdges(type, attributes), entries };
}

export function storedEdges(type: ObjectType, attributes: Readonly<Record<string, unknown>>): readonly DerivedEdge[] {
  const edges: DerivedEdge[] = [];
  for (const edge of type.storedIdEdges) {
    const fromId = parseId(attributes[edge.storedIdAttr ?? '']);
    if (fromId !== null) edges.push({ edge, fromId });
  }
  return edges;
}

/** The rows that are in `a` and not in `b`. */
export function derivedWithout(a: Derived, b: Derived): Derived {
  return {
    edges: a.edges.filter((x) => !b.edges.some((y) => x.edge === y.edge && x.fromId === y.fromId)),
    entries: a.entries.filter((x) => !b.entries.some((y) => x.index === y.index && x.value === y.value)),
  };
}

/** Positions for the edges of an object: those it had, and `nowUs` for new ones. */
export function positionsOf(derived: Derived, added: Derived, before: Envelope['pos'], nowUs: number): Envelope['pos'] {
  const pos: Record<string, number> = {};
  for (const { edge } of derived.edges) {
    const isNew = added.edges.some((one) => one.edge === edge);
    pos[edge.edgeId] = isNew ? nowUs : (before?.[edge.edgeId] ?? nowUs);
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
  { edge, fromId }: DerivedEdge,
  { id, version, nowUs }: Source,
  pos: number,
  state: RowState,
): EdgeRow {
  return {
    edgeId: edge.edgeId,
    fromId,
    toId: id,
    shard: shardOfId(fromId),
    pos,
    srcVersion: version,
    state,
    createdUs: pos,
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
