import { ClaimLostError, ShardMovedError } from '../errors.ts';
import type { EntryRow } from '../shards/rows.ts';
import { integer, type SqlValue } from './literals.ts';
import { entryValues } from './rowMapping.ts';
import type { Session } from './Session.ts';
import { fencedBoundShard } from './shardStates.ts';

/** A claim that is to be confirmed by the write of its object. */
export interface PreparedClaim {
  readonly row: EntryRow;
  readonly values: SqlValue[];
}

/** `mergeConfirm` in SQL. The version rises, so that nobody who saw the claim without its object can take it over. */
const confirm = `UPDATE kvetch_entries SET src_version = GREATEST(src_version, ?)
  WHERE index_name = ? AND value = ? AND slot = ? AND target_id = ? AND state = 1 AND shard = ${fencedBoundShard}`;
const shardIsHere = `SELECT ${fencedBoundShard}`;

export function prepareClaim(row: EntryRow): PreparedClaim {
  const [name, value, shard, , target, version, , , slot] = entryValues(row, true);
  return { row, values: [integer((version as number) + 1), name, value, slot, target, shard] as SqlValue[] };
}

/** Confirms claims in the transaction of their objects. Throws the error of the first that is lost: nothing is written. */
export async function confirmClaims(session: Session, claims: readonly PreparedClaim[]): Promise<void> {
  for (const { row, values } of claims) {
    if ((await session.preparedWrite(confirm, values)) === 1) continue;
    const [here] = await session.preparedRows(shardIsHere, [row.shard]);
    throw here?.[0] === null || here === undefined ? new ShardMovedError(row.shard) : new ClaimLostError(row.index);
  }
}
