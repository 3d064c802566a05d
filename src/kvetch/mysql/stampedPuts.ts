import type { Stamp } from '../shards/ShardStore.ts';
import type { SqlValue } from './literals.ts';
import { edgeColumns, entryColumns, SHARD_AT } from './rowMapping.ts';
import type { Session } from './Session.ts';
import { NOW_US } from './serverClock.ts';
import { fencedShardOf } from './shardStates.ts';

/** Behind the row that is there, whatever clock that came from: of two writes the later wins. */
const VERSION = 'src_version = GREATEST(src_version + 1, VALUES(src_version))';
const REVIVES = 'VALUES(state) = 1 AND state = 0';

/** Values for columns: the server's time for those that `isTime` says, `?` for the others. */
const marks = (columns: string, times: readonly string[]): string =>
  columns
    .split(', ')
    .map((column, at) => (times.includes(column) ? NOW_US : at === SHARD_AT ? fencedShardOf('?') : '?'))
    .join(', ');

const edgeTimes = ['pos', 'src_version', 'created_us', 'updated_us'];
const putEdge = `INSERT INTO kvetch_edges (${edgeColumns}) VALUES (${marks(edgeColumns, edgeTimes)})
  ON DUPLICATE KEY UPDATE pos = IF(${REVIVES}, VALUES(pos), pos),
  created_us = IF(${REVIVES}, VALUES(created_us), created_us), updated_us = VALUES(updated_us), codec = VALUES(codec),
  body = IF(VALUES(state) = 0, NULL, VALUES(body)), state = VALUES(state), ${VERSION}`;
const readEdge = 'SELECT src_version, pos FROM kvetch_edges WHERE edge_id = ? AND from_id = ? AND to_id = ?';

const entryTimes = ['src_version', 'created_us', 'updated_us'];
const putEntry = `INSERT INTO kvetch_entries (${entryColumns}, slot) VALUES (${marks(entryColumns, entryTimes)}, ?)
  ON DUPLICATE KEY UPDATE created_us = IF(${REVIVES}, VALUES(created_us), created_us),
  updated_us = VALUES(updated_us), state = VALUES(state), ${VERSION}`;
const readEntry = 'SELECT src_version FROM kvetch_entries WHERE index_name = ? AND value = ? AND slot = ?';

/** Puts an edge that is no object's, and says what the server made of it: `stampEdge` in SQL, by the server's clock. */
export async function stampEdgePut(session: Session, values: readonly SqlValue[]): Promise<Stamp> {
  const [edge, from, shard, state, to, , , , , codec, body] = values as [...SqlValue[]];
  await session.preparedWrite(putEdge, [edge, from, shard, state, to, codec, body] as SqlValue[]);
  const [row] = await session.preparedRows(readEdge, [edge, from, to] as SqlValue[]);
  return { srcVersion: row?.[0] as number, pos: row?.[1] as number };
}

/** The same for an entry of an index that is kept by hand. */
export async function stampEntryPut(session: Session, values: readonly SqlValue[]): Promise<Stamp> {
  const [name, value, shard, state, target, , , , slot] = values as [...SqlValue[]];
  await session.preparedWrite(putEntry, [name, value, shard, state, target, slot] as SqlValue[]);
  const [row] = await session.preparedRows(readEntry, [name, value, slot] as SqlValue[]);
  return { srcVersion: row?.[0] as number, pos: 0 };
}
