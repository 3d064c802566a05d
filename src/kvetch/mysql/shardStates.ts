import { LOGICAL_SHARDS } from '../ids/routing.ts';

/** The states of a shard on its server, in its row of `kvetch_shards`. A shard without row is closed. */
export const CLOSED = 0;
export const OPEN = 1;
/** Open, while a move copies it away: rows come and change, and are not purged. */
export const COPYING = 2;
/** The end of a move away: read, but not written. */
export const FROZEN = 3;
/** The rows of a move that are on their way here: neither read nor written, but by the mover. */
export const ARRIVING = 4;

export const stateNames: readonly string[] = ['closed', 'open', 'copying', 'frozen', 'arriving'];

export function isReadable(state: number): boolean {
  return state === OPEN || state === COPYING || state === FROZEN;
}

export function isWritable(state: number): boolean {
  return state === OPEN || state === COPYING;
}

const WRITABLE = `state IN (${OPEN}, ${COPYING})`;
export const READABLE: string = `state IN (${OPEN}, ${COPYING}, ${FROZEN})`;

/** The row of `kvetch_meta` with the number that each opening and closing of shards raises. */
const EPOCH = 'CAST(v AS SIGNED)';
const EPOCH_KEY = `k = x'${Buffer.from('epoch').toString('hex')}'`;
/** Reads the rows of a table, or one of NULLs where there are none, each with the epoch: behind its columns, or before. */
export function selectWithEpoch(
  table: string,
  columns: string,
  condition: string,
  before?: (epoch: string) => string,
): string {
  const selected = before === undefined ? `${columns}, ${EPOCH}` : `${before(EPOCH)}${columns}`;
  return `SELECT ${selected} FROM kvetch_meta LEFT JOIN ${table} ON ${condition} WHERE ${EPOCH_KEY}`;
}

/** The epoch, and NULLs in the place of columns. */
export function epochAmongNulls(columns: string, before: (epoch: string) => string): string {
  return `SELECT ${before(EPOCH)}${columns.replace(/\w+/g, 'NULL')} FROM kvetch_meta WHERE ${EPOCH_KEY}`;
}

/** The epoch of the server, as a SELECT of its own. */
export const selectEpoch = (before = ''): string => `SELECT ${before}${EPOCH} FROM kvetch_meta WHERE ${EPOCH_KEY}`;
export const raiseEpoch: string = `UPDATE kvetch_meta SET v = v + 1 WHERE ${EPOCH_KEY}`;

/**
 * The first of some shards if the server lets all of them be written, else NULL, which `shard` columns refuse. The
 * shared lock is held until the write is committed: closing a shard waits for it, and no write comes after.
 */
export function fencedShard(shards: ReadonlySet<number>, condition: string = WRITABLE): string {
  const [first] = shards;
  return `(SELECT CASE COUNT(*) WHEN ${shards.size} THEN ${first} END FROM kvetch_shards s
  WHERE s.shard IN (${[...shards].join(', ')}) AND s.${condition} LOCK IN SHARE MODE)`;
}

/** The same for one shard, a number or `?`. */
export function fencedShardOf(shard: string, condition: string = WRITABLE): string {
  return `(SELECT s.shard FROM kvetch_shards s WHERE s.shard = ${shard} AND s.${condition} LOCK IN SHARE MODE)`;
}

/** The value that the shard of a changed row must be equal to. */
export const fencedBoundShard: string = fencedShardOf('?');

/** The same for a row that is to be removed for good: not from under a move. */
export function unmovedShard(shard: number): string {
  return fencedShardOf(String(shard), `state = ${OPEN}`);
}

/** The epoch with which shards begin: one more than that of marks. */
const FIRST_EPOCH = 2;

/** Opens shards that the server does not know yet. */
export function giveShards([from, to]: readonly [from: number, to: number]): string {
  return insertShards(from, to, OPEN, FIRST_EPOCH);
}

/** Makes the server know that shards were divided which it does not hold, lest they be given to another once more. */
export const markShards: string = insertShards(0, LOGICAL_SHARDS - 1, CLOSED, FIRST_EPOCH - 1);

/** All shards but those that are only marked. */
export const isNoMark: string = `epoch >= ${FIRST_EPOCH}`;

function insertShards(from: number, to: number, state: number, epoch: number): string {
  const rows = Array.from({ length: to - from + 1 }, (_, at) => `(${from + at}, ${state}, ${epoch})`);
  return `INSERT INTO kvetch_shards (shard, state, epoch) VALUES ${rows.join(', ')} ON DUPLICATE KEY UPDATE shard = VALUES(shard)`;
}
