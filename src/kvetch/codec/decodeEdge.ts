import { CorruptRowError } from '../errors.ts';
import type { KvetchEdge } from '../KvetchEdge.ts';
import { edgeCursor } from '../reads/cursors.ts';
import { definedNumber } from '../schema/listNumbers.ts';
import { CODEC_JSON, type EdgeRow } from '../shards/rows.ts';
import { freezeJson, fromStored, type ShareState } from './fromStored.ts';

/**
 * The record of an edge row. `mark`: that of its list, where it is ordered. `cursor`: where that of the row is not the
 * one that readers get.
 */
export function decodeEdge(row: EdgeRow, mark: string, cursor: string | null = null): KvetchEdge {
  if (row.record !== null && cursor === null) return row.record;
  const share: ShareState = { mutable: false };
  const record: KvetchEdge = Object.freeze({
    edgeId: definedNumber(row.edgeId),
    fromId: row.fromId,
    toId: row.toId,
    cursor: cursor ?? edgeCursor(row, mark),
    data: row.body === null ? null : decodeData(row.body, row, share),
    createdAt: Math.floor(row.createdUs / 1000),
  });
  if (!share.mutable && cursor === null) row.record = record;
  return record;
}

/** The data of a row; nothing of it is remembered. */
export function edgeData(row: EdgeRow): unknown {
  return row.body === null ? null : decodeData(row.body, row, { mutable: false });
}

/** Whether the data of a row can be read. */
export function isDecodable(row: EdgeRow): boolean {
  try {
    edgeData(row);
    return true;
  } catch {
    return false;
  }
}

function decodeData(body: string, row: EdgeRow, share: ShareState): unknown {
  try {
    const data: unknown = JSON.parse(body);
    if (row.codec !== CODEC_JSON) return fromStored(data, share);
    freezeJson(data);
    return data;
  } catch (cause) {
    throw new CorruptRowError(row.toId, cause);
  }
}
