import { groupBy } from '../../utils/groupBy.ts';
import { ClaimLostError, ShardMovedError } from '../errors.ts';
import { chunksOf } from '../shards/chunks.ts';
import type { EntryRow } from '../shards/rows.ts';
import { integer, literal, type SqlValue } from './literals.ts';
import { entryValues } from './rowMapping.ts';
import type { Session } from './Session.ts';
import { fencedBoundShard, fencedShard } from './shardStates.ts';

/** A claim that is to be confirmed by the write of its object. */
export interface PreparedClaim {
  readonly row: EntryRow;
  readonly values: [srcVersion: number, ...key: SqlValue[]];
}

/** `mergeConfirm` in SQL. The version rises, so that a reader of the claim without its object cannot take it over. */
const confirm = `UPDATE kvetch_entries SET src_version = GREATEST(src_version, ?)
  WHERE index_name = ? AND value = ? AND slot = ? AND target_id = ? AND state = 1 AND shard + 0 = ${fencedBoundShard}`;
const shardIsHere = `SELECT ${fencedBoundShard}`;

export function prepareClaim(row: EntryRow): PreparedClaim {
  const [name, value, shard, , target, version, , , slot] = entryValues(row, true);
  return { row, values: [integer(version + 1), name, value, slot, target, shard] };
}

/** More rows of a statement only make it longer to parse. */
const MAX_ROWS = 200;

/** Confirms claims in the transaction of their objects. Throws the error of the first that is lost: nothing is written. */
export async function confirmClaims(session: Session, claims: readonly PreparedClaim[]): Promise<void> {
  if (claims.length < 2 || !(await confirmTogether(session, claims))) await confirmEach(session, claims);
}

/** With few statements, when none is lost; else some are confirmed, which does no harm. */
async function confirmTogether(session: Session, claims: readonly PreparedClaim[]): Promise<boolean> {
  const shards = new Set(claims.map(({ row }) => row.shard));
  const [here] = await session.rows(`SELECT ${fencedShard(shards)}`);
  if (here?.[0] === null || here === undefined) return false;
  for (const [version, some] of groupBy(claims, ({ values }) => values[0])) {
    for (const chunk of chunksOf(some, MAX_ROWS)) {
      const rows = chunk.map(({ values: [, ...key] }) => {
        const [name, value, slot, target] = key.map(literal);
        return `(index_name = ${name} AND value = ${value} AND slot = ${slot} AND target_id = ${target})`;
      });
      const sql = `UPDATE kvetch_entries SET src_version = GREATEST(src_version, ${version})
  WHERE state = 1 AND (${rows.join(' OR ')})`;
      if ((await session.write(sql)) !== chunk.length) return false;
    }
  }
  return true;
}

async function confirmEach(session: Session, claims: readonly PreparedClaim[]): Promise<void> {
  for (const { row, values } of claims) {
    if ((await session.preparedWrite(confirm, values)) === 1) continue;
    const [here] = await session.preparedRows(shardIsHere, [row.shard]);
    throw here?.[0] === null || here === undefined ? new ShardMovedError(row.shard) : new ClaimLostError(row.index);
  }
}
