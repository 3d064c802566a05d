import { itemAt } from '../../utils/itemAt.ts';
import { attributesOf } from '../codec/objectBody.ts';
import { ShardUnavailableError, UniqueViolationError } from '../errors.ts';
import { checkFilled, fromStore, type KvetchContext } from '../KvetchContext.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import { hasIndexKey } from '../reads/readTargets.ts';
import { type EntryRow, LIVE, type ObjectRow, TOMBSTONE } from '../shards/rows.ts';
import type { Batch, Entry, EntryClaim, ShardStore } from '../shards/ShardStore.ts';
import { type Derived, entryRow } from './derive.ts';
import type { ClaimsOfWrite } from './ObjectChange.ts';
import { entriesKey, putEntries } from './putDerived.ts';
import { remembered } from './remember.ts';
import { settleRows } from './unit/settle.ts';

/**
 * Claims values of unique indexes for objects that are about to have them: `null`, or the error of that claim.
 *
 * A value whose holder is deleted, or does not have it (any more), is taken over once the claim is older than the
 * grace: a younger one may belong to a write that is still under way.
 */
export async function claimUnique(
  context: KvetchContext,
  rows: readonly EntryRow[],
): Promise<ReadonlyArray<Entry<null>>> {
  if (rows.length === 0) return [];
  const holders = await claim(
    context,
    rows.map((row) => ({ row, replaces: null })),
  );
  const contested = holders.flatMap((holder, at) =>
    holder === null || holder instanceof Error ? [] : [{ at, holder }],
  );
  const out: Entry<null>[] = holders.map((holder) => (holder instanceof Error ? holder : null));
  if (contested.length === 0) return out;
  const takeovers = await staleClaims(
    context,
    contested.map(({ holder }) => holder),
  );
  const again = contested.filter((_, i) => takeovers[i] === true);
  const retried = await claim(
    context,
    again.map(({ at, holder }) => ({ row: itemAt(rows, at), replaces: holder })),
  );
  for (const [i, { at, holder }] of contested.entries()) {
    const verdict = takeovers[i];
    if (verdict instanceof Error) out[at] = verdict;
    else if (verdict === false) out[at] = new UniqueViolationError(holder.index, holder.targetId);
  }
  for (const [i, { at }] of again.entries()) {
    const holder = retried[i];
    if (holder instanceof Error) out[at] = holder;
    else if (holder) out[at] = new UniqueViolationError(holder.index, holder.targetId);
  }
  return out;
}

/** The claims to the unique values among some entries. Throws while one of their indexes is not filled in. */
export function claimsOf(
  context: KvetchContext,
  { entries }: Pick<Derived, 'entries'>,
  source: Parameters<typeof entryRow>[1],
): readonly EntryRow[] {
  const unique = entries.filter(({ index }) => index.unique);
  for (const { index } of unique) checkFilled(context, index);
  return unique.map((entry) => entryRow(entry, source, LIVE));
}

/** Gives claims back whose write did not come about, unless the object has the value all the same. */
export async function releaseClaims(context: KvetchContext, rows: readonly EntryRow[]): Promise<void> {
  if (rows.length === 0) return;
  const objects = await readObjectRows(
    fromStore(context),
    rows.map(({ targetId }) => targetId),
  );
  const unused = rows.filter((row, at) => {
    const object = objects[at];
    return object === null || (object !== undefined && !(object instanceof Error) && !holdsValue(context, row, object));
  });
  await putEntries(
    context,
    // one more than the claim's, as it may have been confirmed
    unused.map((row) => ({ ...row, state: TOMBSTONE, srcVersion: row.srcVersion + 1, updatedUs: context.nowUs() })),
    { noteOf: (row) => context.outbox.note(row.shard, [entriesKey(row)], false) },
  );
}

/** The claims that lie where their object is written: the transaction confirms them. The others must be confirmed after. */
export function claimsAt(
  context: KvetchContext,
  store: ShardStore,
  { claims, confirmed }: ClaimsOfWrite,
): readonly EntryRow[] {
  confirmed.clear();
  for (const claim of claims) if (context.shards.storeOf(claim.shard) === store) confirmed.add(claim);
  return claims.length === confirmed.size ? claims : [...confirmed];
}

/** Undoes a write that has lost a claim. Returns the caller's error, which tells whether the undo succeeded. */
export async function attemptUndo(
  failure: UniqueViolationError,
  undo: () => Promise<unknown>,
): Promise<UniqueViolationError> {
  try {
    await undo();
    return failure;
  } catch (cause) {
    return new UniqueViolationError(failure.index, failure.ownerId, cause);
  }
}

/**
 * Confirms the claims that the transactions of their objects, which are written, could not: they lie on other stores. Of
 * two that have taken the same value, this is where the one that lost it learns so. `null`, or the error of that claim:
 * a `UniqueViolationError` when it is lost, else one for a write that is there, though its claim may not be.
 */
export async function confirmElsewhere(
  context: KvetchContext,
  claims: readonly EntryRow[],
): Promise<ReadonlyArray<Entry<null>>> {
  const holders = await claim(
    context,
    claims.map((row) => ({
      row: { ...row, srcVersion: row.srcVersion + 1, updatedUs: context.nowUs() },
      replaces: null,
    })),
  );
  return holders.map((holder, at) => {
    if (holder === null) return null;
    if (!(holder instanceof Error)) return new UniqueViolationError(holder.index, holder.targetId);
    const { shard } = itemAt(claims, at);
    return new ShardUnavailableError(context.shards.storeOf(shard).name, shard, 'unknown', holder);
  });
}

function claim(context: KvetchContext, claims: readonly EntryClaim[]): Batch<EntryRow | null> {
  if (claims.length === 0) return [];
  context.stats.writeRounds++;
  const answers: Batch<EntryRow | null> = context.shards.scatter({
    keys: claims,
    shardOf: ({ row }) => row.shard,
    call: (store, batch: readonly EntryClaim[]) => store.claimEntries(batch),
    effect: 'unknown',
  });
  return remembered(context, claims, answers, (freshness, { row }, holder) => {
    if (holder === null) freshness.noteEntry(row);
  });
}

/** Per holder: whether its value may be taken over. */
async function staleClaims(
  context: KvetchContext,
  holders: readonly EntryRow[],
): Promise<ReadonlyArray<Entry<boolean>>> {
  const ids = holders.map(({ targetId }) => targetId);
  const objects = await settleRows(context, await readObjectRows(fromStore(context), ids));
  const ripe = context.clock() * 1000 - context.limits.claimGraceMs * 1000;
  return holders.map((holder, at): Entry<boolean> => {
    const object = objects[at] ?? null;
    if (object instanceof Error) return object;
    if (object !== null && object.state === TOMBSTONE) return true; // it cannot come back
    return holder.updatedUs <= ripe && (object === null || !holdsValue(context, holder, object));
  });
}

/** Whether the object of an entry really has the value, or may have it: its row cannot be decoded. */
export function holdsValue({ schema }: KvetchContext, entry: EntryRow, object: ObjectRow): boolean {
  const index = schema.findIndex(entry.index);
  if (object.state !== LIVE || index === null || object.typeId !== index.typeId) return false;
  const attributes = attributesOf(object);
  return attributes === null || hasIndexKey(index, entry.value, attributes);
}
