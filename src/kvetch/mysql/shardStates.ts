import { LOGICAL_SHARDS } from '../ids/routing.ts';
import { CHANGES, fact } from './changeFacts.ts';

/** The states of a shard on its server, in its row of `kvetch_shards`. A shard without row is closed. */
export const CLOSED = 0;
export const OPEN = 1;
/** Open, while a move copies it away: rows come and change, and are not purged. */
export const COPYING = 2;
/** The end of a move away: read, but not written. */
export const FROZEN = 3;
/** The rows of a move that are on their way here: neither read nor written, but by the mover. */
export const ARRIVING = 4;

/**
 * Added to the states of shards that are written while changes are kept (spec 6.13): a process that has not heard of the feed
 * is refused like one that has not heard of a move, by the row that its write locks anyway.
 */
const KEPT = 8;

export const stateNames: readonly string[] = ['closed', 'open', 'copying', 'frozen', 'arriving'];

export function isReadable(state: number): boolean {
  return state === OPEN || state === COPYING || state === FROZEN;
}

export function isWritable(state: number): boolean {
  return state === OPEN || state === COPYING;
}

/** The state of a shard, whether or not its changes are kept. */
export const STATE: string = `(state & ${KEPT - 1})`;
/** What a process may write that has not heard that changes are kept. */
export const UNKEPT: string = `state IN (${OPEN}, ${COPYING})`;
/** What a process may write that keeps changes, and what leaves no changes. */
export const WRITABLE: string = `state IN (${OPEN}, ${COPYING}, ${OPEN + KEPT}, ${COPYING + KEPT})`;
export const READABLE: string = `state IN (${OPEN}, ${COPYING}, ${FROZEN}, ${OPEN + KEPT}, ${COPYING + KEPT})`;

/** The row of `kvetch_meta` with the number that each opening and closing of shards raises. */
const EPOCH = 'CAST(v AS SIGNED)';
const EPOCH_KEY = `k = ${fact('epoch')}`;
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
  return fencedShardOf(String(shard), `state IN (${OPEN}, ${OPEN + KEPT})`);
}

const areKept = `EXISTS (SELECT 1 FROM kvetch_meta WHERE k = ${fact(CHANGES)})`;

/** Whether the state in a row is one of a shard whose changes are kept. */
export function isKept(state: number): boolean {
  return state >= KEPT;
}

/** The state in a row as one of those above. */
export function stateOf(state: number): number {
  return state & (KEPT - 1);
}

/**
 * Lets shards be written by processes that keep changes only, or by all, as the database was told. It goes behind a statement
 * that has locked their rows, in its transaction: of this and of a new fact the later then sees the earlier.
 */
export function obeyChanges([from, to]: readonly [from: number, to: number]): string {
  return `UPDATE kvetch_shards SET state = IF(${areKept}, state | ${KEPT}, ${STATE}) WHERE shard BETWEEN ${from} AND ${to} AND ${WRITABLE}`;
}

/** The epoch with which shards begin: one more than that of marks. */
const FIRST_EPOCH = 2;

/** Opens shards that the server does not know yet: the statements of a transaction. */
export function giveShards([from, to]: readonly [from: number, to: number]): readonly string[] {
  return [insertShards(from, to, OPEN, FIRST_EPOCH), obeyChanges([from, to])];
}

/** Makes the server know that shards were divided which it does not hold, lest they be given to another once more. */
export const markShards: string = insertShards(0, LOGICAL_SHARDS - 1, CLOSED, FIRST_EPOCH - 1);

/** All shards but those that are only marked. */
export const isNoMark: string = `epoch >= ${FIRST_EPOCH}`;

function insertShards(from: number, to: number, state: number, epoch: number): string {
  const rows = Array.from({ length: to - from + 1 }, (_, at) => `(${from + at}, ${state}, ${epoch})`);
  return `INSERT INTO kvetch_shards (shard, state, epoch) VALUES ${rows.join(', ')} ON DUPLICATE KEY UPDATE shard = VALUES(shard)`;
}
