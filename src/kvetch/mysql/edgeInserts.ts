import type { EdgeRow } from '../shards/rows.ts';
import { byPlace, type EdgePlace, edgeColumns, edgeTables, SHARD_AT } from './rowMapping.ts';
import type { Insert } from './upsert.ts';

/** How edges are put: without and with keeping the place of a live one. */
export const edgeInserts: Readonly<Record<EdgePlace, readonly [Insert, Insert]>> = byPlace((place) => [
  edgeInsert(place, false),
  edgeInsert(place, true),
]);

/**
 * `mergeEdge` in SQL. Assignments are made from left to right and see earlier ones, so the deciding columns
 * (`state`, then `src_version`) are assigned last.
 */
function edgeInsert(place: EdgePlace, keepPosition: boolean): Insert {
  const wins = 'VALUES(src_version) >= src_version';
  const moves = `${wins} AND VALUES(state) = 1${keepPosition ? ' AND state = 0' : ''}`;
  // a new key counts even where a live edge keeps its place
  const places = place === 'pos' ? moves : `${wins} AND VALUES(state) = 1`;
  const columns = ['updated_us', 'codec'].map((column) => `${column} = IF(${wins}, VALUES(${column}), ${column})`);
  return {
    head: `INSERT INTO ${edgeTables[place].table} (${edgeColumns[place]}) VALUES `,
    shardAt: SHARD_AT,
    tail: ` ON DUPLICATE KEY UPDATE ${place} = IF(${places}, VALUES(${place}), ${place}),
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
