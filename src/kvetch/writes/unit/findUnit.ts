import { decodeObject } from '../../codec/objectBody.ts';
import { DerivedWriteError } from '../../errors.ts';
import { freshnessOf, fromStore, type KvetchContext } from '../../KvetchContext.ts';
import { finishWrites } from '../../outbox/finishWrites.ts';
import { objectIdsIn } from '../../outbox/objectIdsIn.ts';
import { only } from '../../reads/only.ts';
import { readObjectRows } from '../../reads/readObjects.ts';
import { ConsistencyToken } from '../../shards/ConsistencyToken.ts';
import { LIVE, type ObjectRow } from '../../shards/rows.ts';
import type { UnitMember } from './members.ts';
import { isDecision } from './prepared.ts';
import { settleRows } from './settle.ts';
import type { UnitResult } from './UnitResult.ts';
import { RepeatedError } from './unitErrors.ts';
import { type KeptUnit, keptIn, placeOfUnit, type UnitKey, type UnitOptions } from './unitKey.ts';

/** A unit before it is written. */
export interface FoundUnit {
  /** An id on the shard where it is at home: what is created near it lies with it. */
  readonly home: string;
  /** The answer to a unit with the same key that was written before, or `null`. */
  readonly written: UnitResult | null;
}

/**
 * Where a unit will be at home, and whether it was written before: its key is asked of the store.
 *
 * @throws ConflictError when another unit was written under the key.
 */
export async function findUnit(
  context: KvetchContext,
  members: readonly UnitMember[],
  options: UnitOptions,
): Promise<FoundUnit> {
  const { shard, keyed } = placeOfUnit(context, members, options);
  if (keyed === null) return { home: context.ids.next(shard), written: null };
  return { home: keyed.id, written: await findWritten(context, keyed, null) };
}

/** The answer to the unit that was written under a key; `null`: none was. `refusal`: why it was not written again. */
export async function findWritten(
  context: KvetchContext,
  keyed: UnitKey,
  refusal: unknown,
): Promise<UnitResult | null> {
  const row =
    refusal instanceof RepeatedError
      ? refusal.row
      : only(await settleRows(context, await readObjectRows(fromStore(context), [keyed.id])));
  return row !== null && row.state === LIVE ? repeatOf(context, keptIn(keyed, row)) : null;
}

/** The objects of a unit that was written before, as they are now. What its writer may have left to do is done first. */
async function repeatOf(context: KvetchContext, { ids, keys }: KeptUnit): Promise<UnitResult> {
  const freshness = freshnessOf(context) ?? new ConsistencyToken();
  const noting = { ...context, fresh: freshness };
  const there = [...new Set([...ids.filter((id) => id !== null), ...objectIdsIn(keys)])];
  const rows = new Map<string | null, ObjectRow>();
  for (const row of await settleRows(context, await readObjectRows(fromStore(context), there))) {
    if (row instanceof Error) throw row;
    if (row !== null && !isDecision(row)) rows.set(row.id, row);
  }
  const [failed] = await finishWrites(noting, [...rows.values()], keys);
  if (failed !== undefined && context.strictDerived) throw new DerivedWriteError(failed, null);
  for (const row of rows.values()) freshness.noteObject(row);
  const objects = ids.map((id) => {
    const row = rows.get(id);
    return row?.state === LIVE ? decodeObject(row) : null;
  });
  return { objects, freshness, isNew: false };
}
