import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { PurgeRequest } from '../shards/ShardStore.ts';
import type { FencedServer } from './FencedServer.ts';
import { idLiteral, integer } from './literals.ts';
import { whereValue } from './MysqlEntries.ts';
import { edgeTables, placeOf } from './rowMapping.ts';
import { toFailure } from './serverErrors.ts';
import { unmovedShard } from './shardStates.ts';

/** Not while a move copies the shard: the copy would keep rows that are gone here. */
const dead = ({ shard }: { readonly shard: number }): string =>
  `state = 0 AND shard + 0 = ${unmovedShard(integer(shard, LOGICAL_SHARDS - 1))} AND`;

/**
 * Removes rows that are still the tombstones that were seen; returns how many. Each goes by itself: a purge is never
 * in a hurry, and this way it never holds a lock that somebody waits for.
 */
export async function purgeRows(to: FencedServer, { objects, edges, entries }: PurgeRequest): Promise<number> {
  await to.open();
  const statements = [
    ...objects.map(
      (row) =>
        `DELETE FROM kvetch_objects WHERE ${dead(row)} obj_id = ${idLiteral(row.id)} AND version = ${integer(row.version)}`,
    ),
    ...edges.map(
      (row) =>
        `DELETE FROM ${edgeTables[placeOf(row)].table} WHERE ${dead(row)} edge_id = ${integer(row.edgeId)} AND from_id = ${idLiteral(row.fromId)}
  AND to_id = ${idLiteral(row.toId)} AND src_version = ${integer(row.srcVersion)}`,
    ),
    ...entries.map(
      (entry) =>
        `DELETE FROM kvetch_entries WHERE ${dead(entry)} ${whereValue(entry)} AND target_id = ${idLiteral(entry.targetId)}
  AND src_version = ${integer(entry.srcVersion)}`,
    ),
  ];
  let removed = 0;
  for (const sql of statements) {
    removed += await to.server
      .write((session) => session.write(sql))
      .catch((error: unknown) => {
        throw toFailure(error);
      });
  }
  return removed;
}
