import type { EdgeRow } from '../shards/rows.ts';
import { edgeColumns, SHARD_AT } from './rowMapping.ts';
import type { Insert } from './upsert.ts';

/** How edges are put: without and with keeping the place of a live one. */
export const edgeInserts: readonly [Insert, Insert] = [edgeInsert(false), edgeInsert(true)];

/**
 * `mergeEdge` in SQL. Assignments are made from left to right and see earlier ones, so the deciding columns
 * (`state`, then `src_version`) are assigned last.
 */
function edgeInsert(keepPosition: boolean): Insert {
  const wins = 'VALUES(src_version) >= src_version';
  const moves = `${wins} AND VALUES(state) = 1${keepPosition ? ' AND state = 0' : ''}`;
  const columns = ['updated_us', 'codec'].map((column) => `${column} = IF(${wins}, VALUES(${column}), ${column})`);
  return {
    head: `INSERT INTO kvetch_edges (${edgeColumns}) VALUES `,
    shardAt: SHARD_AT,
    tail: ` ON DUPLICATE KEY UPDATE pos = IF(${moves}, VALUES(pos), pos),
  created_us = IF(${moves}, VALUES(created_us), created_us), ${columns.join(', ')},
  body = IF(${wins}, IF(VALUES(state) = 0, NULL, VALUES(body)), body),
  state = IF(${wins}, VALUES(state), state), src_version = GREATEST(src_version, VALUES(src_version))`,
  };
}

/** In the order of bytes. */
export function compareIds(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** In the order of the primary key; equals keep theirs. */
export function compareEdges(a: EdgeRow, b: EdgeRow): number {
  return a.edgeId - b.edgeId || compareIds(a.fromId, b.fromId) || compareIds(a.toId, b.toId);
}
