import { errorOf } from '../../errors/errorOf.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { decodeObject } from '../codec/objectBody.ts';
import { BadIdError } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import { type KvetchContext, seenRow } from '../KvetchContext.ts';
import type { KvetchObject } from '../KvetchObject.ts';
import { chainEntries } from '../shards/chain.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';
import { askShards } from './askShards.ts';
import type { ReadExtra } from './KvetchReads.ts';
import { track } from './track.ts';

/** Reads rows by id, tombstones included, in one round. An object that has expired is one, too. */
export function readObjectRows(
  context: KvetchContext,
  ids: ReadonlyArray<string | Error>,
  extra?: ReadExtra,
): Batch<ObjectRow | null> {
  const rows = askShards(context, extra, 'objects', ids);
  if (context.expiry === null || context.seesExpired) return rows;
  return chainEntries(rows, ids.length, (found) =>
    found.map((row) => (row === null || row instanceof Error ? row : seenRow(context, row))),
  );
}

/** Reads objects by id. Missing and deleted ones are `null`. */
export function readObjects(
  context: KvetchContext,
  given: readonly unknown[],
  extra: ReadExtra | undefined,
): Batch<KvetchObject | null> {
  return readKnownObjects(context, given.map(toIdKey), extra, given);
}

/** The same by ids that were looked at. */
export function readKnownObjects(
  context: KvetchContext,
  ids: ReadonlyArray<string | Error>,
  extra: ReadExtra | undefined,
  given: readonly unknown[] | null = null,
): Batch<KvetchObject | null> {
  track(context, extra, 'o:', ids, null, given);
  const rows = readObjectRows(context, ids, extra);
  return chainEntries(rows, ids.length, decodeRows);
}

function toIdKey(id: unknown): string | Error {
  return parseId(id) ?? new BadIdError(id);
}

/** This runs for every object of every batch, so it goes without closures. */
function decodeRows(rows: ReadonlyArray<Entry<ObjectRow | null>>): ReadonlyArray<Entry<KvetchObject | null>> {
  const out: Entry<KvetchObject | null>[] = new Array(rows.length);
  for (let at = 0; at < rows.length; at++) out[at] = decodeEntry(itemAt(rows, at));
  return out;
}

function decodeEntry(row: Entry<ObjectRow | null>): Entry<KvetchObject | null> {
  if (row === null || row instanceof Error) return row;
  if (row.state !== LIVE) return null;
  if (row.record !== null) return row.record;
  try {
    return decodeObject(row);
  } catch (error) {
    return errorOf(error);
  }
}
