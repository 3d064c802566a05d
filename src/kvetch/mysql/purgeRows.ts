import type { PurgeRequest } from '../shards/ShardStore.ts';
import { idLiteral, integer } from './literals.ts';
import { whereValue } from './MysqlEntries.ts';
import type { MysqlServer } from './MysqlServer.ts';
import { toFailure } from './serverErrors.ts';

const DEAD = 'state = 0 AND';

/**
 * Removes rows that are still the tombstones that were seen; returns how many. Each goes by itself: a purge is never
 * in a hurry, and this way it never holds a lock that somebody waits for.
 */
export async function purgeRows(server: MysqlServer, { objects, edges, entries }: PurgeRequest): Promise<number> {
  const statements = [
    ...objects.map(
      ({ id, version }) =>
        `DELETE FROM kvetch_objects WHERE ${DEAD} obj_id = ${idLiteral(id)} AND version = ${integer(version)}`,
    ),
    ...edges.map(
      ({ edgeId, fromId, toId, srcVersion }) =>
        `DELETE FROM kvetch_edges WHERE ${DEAD} edge_id = ${integer(edgeId)} AND from_id = ${idLiteral(fromId)}
  AND to_id = ${idLiteral(toId)} AND src_version = ${integer(srcVersion)}`,
    ),
    ...entries.map(
      (entry) =>
        `DELETE FROM kvetch_entries WHERE ${DEAD} ${whereValue(entry)} AND target_id = ${idLiteral(entry.targetId)}
  AND src_version = ${integer(entry.srcVersion)}`,
    ),
  ];
  let removed = 0;
  for (const sql of statements) {
    removed += await server
      .write((session) => session.write(sql))
      .catch((error: unknown) => {
        throw toFailure(error);
      });
  }
  return removed;
}
