import { MoveError } from '../../errors.ts';
import type { ShardSpan } from '../../shards/ShardStore.ts';
import type { MysqlServer } from '../MysqlServer.ts';
import { ARRIVING, CLOSED, COPYING, FROZEN, OPEN, obeyChanges, raiseEpoch, STATE, stateNames } from '../shardStates.ts';
import { deleteRows } from './copyRows.ts';
import { sizeOf } from './spans.ts';
import { takenOver } from './takenOver.ts';

const within = ([from, to]: ShardSpan): string => `shard BETWEEN ${from} AND ${to}`;

/**
 * A mover's target has an epoch one above the source's, and so many above after an abort. Each claim and each reopening begins
 * above that: else what earlier moves left elsewhere would be taken for the target that the source was closed for.
 */
export const REVOKED = 2;

/** A mover's claim to shards: the epochs that it gave them. */
export interface Token {
  readonly source: number;
  readonly target: number;
}

/**
 * Takes shards over at the source: an earlier mover is refused from now on. Afterwards the shards are in the state of
 * being copied. `isFresh` refuses all shards but open ones.
 */
export function takeOver(
  source: MysqlServer,
  shards: ShardSpan,
  targetEpoch: number,
  isFresh: boolean,
): Promise<Token> {
  return source.transaction(async (session) => {
    const rows = await session.rows<[shard: number, state: number, epoch: number]>(
      `SELECT shard, ${STATE}, epoch FROM kvetch_shards WHERE ${within(shards)} FOR UPDATE`,
    );
    for (const [shard, state] of rows) {
      if (isFresh ? state === OPEN : state === OPEN || state === COPYING || state === FROZEN) continue;
      throw new MoveError(`Shard ${shard} is ${stateNames[state]} at the source. ${OTHER_MOVER}`);
    }
    const epochs = rows.map(([, , number]) => number + REVOKED);
    const epoch = Math.max(targetEpoch, ...epochs) + 1;
    await session.write(`UPDATE kvetch_shards SET state = ${COPYING}, epoch = ${epoch} WHERE ${within(shards)}`);
    await session.write(obeyChanges(shards));
    return { source: epoch, target: epoch + 1 };
  });
}

/** Makes the shards ready to be copied to the target. */
export function prepareTarget(target: MysqlServer, shards: ShardSpan, token: Token): Promise<void> {
  const rows = Array.from({ length: sizeOf(shards) }, (_, at) => `(${shards[0] + at}, ${ARRIVING}, ${token.target})`);
  // of two movers the later stays
  const later = `state IN (${CLOSED}, ${ARRIVING}) AND epoch < VALUES(epoch)`;
  const sql = `INSERT INTO kvetch_shards (shard, state, epoch) VALUES ${rows.join(', ')}
  ON DUPLICATE KEY UPDATE state = IF(${later}, ${ARRIVING}, state), epoch = IF(state = ${ARRIVING}, GREATEST(epoch, VALUES(epoch)), epoch)`;
  return target.write(async (session) => void (await session.write(sql)));
}

/**
 * Stops writes at the source when writes under way are done. Movers and writers lock shards in ascending order, so there
 * is no deadlock.
 */
export async function freeze(source: MysqlServer, shards: ShardSpan, token: Token): Promise<void> {
  const sql = `UPDATE kvetch_shards SET state = ${FROZEN} WHERE ${within(shards)} AND ${STATE} = ${COPYING} AND epoch = ${token.source}`;
  if ((await source.write((session) => session.write(sql))) !== sizeOf(shards)) throw takenOver(shards[0]);
}

/** Lets writes at the source go on. */
export async function unfreeze(source: MysqlServer, shards: ShardSpan, token: Token): Promise<void> {
  const sql = `UPDATE kvetch_shards SET state = ${COPYING} WHERE ${within(shards)} AND state = ${FROZEN} AND epoch = ${token.source}`;
  await source.transaction(async (session) => {
    await session.write(sql);
    await session.write(obeyChanges(shards));
  });
}

/** Ends reads at the source. */
export function closeFrozen(source: MysqlServer, shards: ShardSpan, token: Token): Promise<void> {
  return change(source, shards, CLOSED, `state = ${FROZEN} AND epoch = ${token.source}`);
}

/** Begins reads and writes at the target. */
export function openArrived(target: MysqlServer, shards: ShardSpan, epoch: number): Promise<void> {
  return change(target, shards, OPEN, `state = ${ARRIVING} AND epoch = ${epoch}`);
}

/**
 * Prevents a mover from opening shards that are arriving at the target. `epoch` is their epoch at the source. If fewer are
 * arriving by now, some have been opened, or another mover has taken over.
 */
export async function revokeTarget(target: MysqlServer, shards: ShardSpan, epoch: number): Promise<void> {
  const sql = `UPDATE kvetch_shards SET epoch = ${epoch + REVOKED}
  WHERE ${within(shards)} AND state = ${ARRIVING} AND epoch IN (${epoch + 1}, ${epoch + REVOKED})`;
  if ((await target.write((session) => session.write(sql))) !== sizeOf(shards)) throw takenOver(shards[0]);
}

/**
 * Opens shards with this epoch at the source again. This is safe if the target was prevented from opening them, or the
 * source has not closed them.
 */
export function reopen(source: MysqlServer, shards: ShardSpan, epoch: number, isDisowned: boolean): Promise<void> {
  const states = isDisowned ? [CLOSED, COPYING, FROZEN] : [COPYING, FROZEN];
  return source.transaction(async (session) => {
    const sql = `UPDATE kvetch_shards SET state = ${OPEN}, epoch = ${epoch + REVOKED + 1}
  WHERE ${within(shards)} AND epoch = ${epoch} AND ${STATE} IN (${states.join(', ')})`;
    if ((await session.write(sql)) !== sizeOf(shards)) throw takenOver(shards[0]);
    await session.write(obeyChanges(shards));
    await session.write(raiseEpoch);
  });
}

/** Removes the shards that arrive at the target with at most this epoch. Those of a mover that has begun since have a higher one. */
export async function discardTarget(target: MysqlServer, shards: ShardSpan, epoch: number): Promise<void> {
  const sql = `UPDATE kvetch_shards SET state = ${CLOSED} WHERE ${within(shards)} AND state = ${ARRIVING} AND epoch <= ${epoch}`;
  await target.write((session) => session.write(sql));
  await deleteRows(target, shards, `state = ${CLOSED}`);
}

/** Changes the state of shards, and with it the epoch of the server: for all of the shards, or for none. */
function change(server: MysqlServer, shards: ShardSpan, state: number, condition: string): Promise<void> {
  return server.transaction(async (session) => {
    const sql = `UPDATE kvetch_shards SET state = ${state} WHERE ${within(shards)} AND ${condition}`;
    if ((await session.write(sql)) !== sizeOf(shards)) throw takenOver(shards[0]);
    await session.write(obeyChanges(shards));
    await session.write(raiseEpoch);
  });
}

const OTHER_MOVER = 'A move of it is under way, or was interrupted: resume or abort it.';
