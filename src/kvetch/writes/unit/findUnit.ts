import { decodeObject } from '../../codec/objectBody.ts';
import { freshnessOf, fromStore, type KvetchContext } from '../../KvetchContext.ts';
import { only } from '../../reads/only.ts';
import { readObjectRows } from '../../reads/readObjects.ts';
import { ConsistencyToken } from '../../shards/ConsistencyToken.ts';
import { LIVE, type ObjectRow } from '../../shards/rows.ts';
import type { UnitMember } from './members.ts';
import { settleRows } from './settle.ts';
import type { UnitResult } from './UnitResult.ts';
import { idsOfKey, placeOfUnit, type UnitOptions } from './unitKey.ts';

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
  const row = only(await settleRows(context, await readObjectRows(fromStore(context), [keyed.id])));
  const isWritten = row !== null && row.state === LIVE;
  return { home: keyed.id, written: isWritten ? await repeatOf(context, idsOfKey(keyed, row)) : null };
}

/** The objects of a unit that was written before, as they are now. */
export async function repeatOf(context: KvetchContext, ids: ReadonlyArray<string | null>): Promise<UnitResult> {
  const freshness = freshnessOf(context) ?? new ConsistencyToken();
  const there = ids.filter((id) => id !== null);
  const rows = new Map<string | null, ObjectRow>();
  for (const row of await readObjectRows(fromStore(context), there)) {
    if (row instanceof Error) throw row;
    if (row === null) continue;
    freshness.noteObject(row);
    rows.set(row.id, row);
  }
  const objects = ids.map((id) => {
    const row = rows.get(id);
    return row?.state === LIVE ? decodeObject(row) : null;
  });
  return { objects, freshness, isNew: false };
}
