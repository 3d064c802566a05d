import { edgeData } from '../codec/decodeEdge.ts';
import { attempt } from '../reads/attempt.ts';
import type { EdgeType, KvetchSchema } from '../schema/KvetchSchema.ts';
import { type EdgeRow, TOMBSTONE } from '../shards/rows.ts';
import { orderKeyOf } from '../writes/plainWrites.ts';

/**
 * The rows to put for a live row of a plain edge whose definition got an order, or another one: the row at the place
 * that its data says, and a tombstone of the row without an order. Both have the version of the row, so that later
 * writes win. Data that the order cannot hold comes last.
 */
export function reordered(schema: KvetchSchema, row: EdgeRow, nowUs: number): readonly EdgeRow[] {
  const moved = schema.findReordered(row.edgeId);
  if (moved !== null) {
    const { record: _, ...rest } = row;
    const placed: EdgeRow = {
      ...rest,
      edgeId: moved.edgeId,
      pos: 0,
      key: keyOf(moved, row),
      updatedUs: nowUs,
      record: null,
    };
    return [placed, { ...row, state: TOMBSTONE, updatedUs: nowUs, record: null }];
  }
  const edge = schema.findEdge(row.edgeId);
  if (edge === null || edge.order === null) return [];
  const key = keyOf(edge, row);
  return key === row.key ? [] : [{ ...row, key, updatedUs: nowUs, record: null }];
}

function keyOf(edge: EdgeType, row: EdgeRow): string {
  const key = attempt(() => orderKeyOf(edge, edgeData(row)));
  return key instanceof Error ? orderKeyOf(edge, null) : key;
}
