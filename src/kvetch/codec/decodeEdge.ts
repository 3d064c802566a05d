import { CorruptRowError } from '../errors.ts';
import type { KvetchEdge } from '../KvetchEdge.ts';
import { edgeCursor } from '../reads/cursors.ts';
import { CODEC_JSON, type EdgeRow } from '../shards/rows.ts';
import { freezeJson, fromStored, type ShareState } from './fromStored.ts';

/** The record of an edge row. */
export function decodeEdge(row: EdgeRow): KvetchEdge {
  if (row.record !== null) return row.record;
  const share: ShareState = { mutable: false };
  const record: KvetchEdge = Object.freeze({
    edgeId: row.edgeId,
    fromId: row.fromId,
    toId: row.toId,
    cursor: edgeCursor(row.pos, row.toId),
    data: row.body === null ? null : decodeData(row.body, row, share),
    createdAt: Math.floor(row.createdUs / 1000),
  });
  if (!share.mutable) row.record = record;
  return record;
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
