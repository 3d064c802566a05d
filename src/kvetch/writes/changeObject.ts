import { DerivedWriteError } from '../errors.ts';
import { shardOfId } from '../ids/routing.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { chain } from '../shards/chain.ts';
import type { ObjectRow, OutboxNote } from '../shards/rows.ts';
import type { Batch, Entry, ObjectReplacement } from '../shards/ShardStore.ts';
import { type ClaimsOfWrite, claimsAt } from './claimUnique.ts';
import { noteDerivedFailure, publish } from './faults.ts';
import { type DerivedRows, putDerived } from './putDerived.ts';
import { remembered } from './remember.ts';

/** A new row of an object, and what belongs to its transaction. */
export interface ObjectChange {
  readonly row: ObjectRow;
  /** What it changes, as dependency keys. */
  readonly keys: readonly string[];
  readonly note: OutboxNote | undefined;
  readonly claims: ClaimsOfWrite;
}

/** Replaces one row by compare-and-set: whether it was still the expected one, or the error. */
export function replaceObject(
  context: KvetchContext,
  { row, note, claims }: ObjectChange,
  expectedVersion: number,
): Promise<Entry<boolean>> | Entry<boolean> {
  context.stats.writeRounds++;
  const answers: Batch<boolean> = context.shards.scatter({
    keys: [{ row, expectedVersion, note }],
    shardOf: (replacement) => shardOfId(replacement.row.id),
    call: (store, batch: readonly ObjectReplacement[]) => {
      const here = claimsAt(context, store, claims);
      return store.replaceObjects(here.length === 0 ? batch : batch.map((one) => ({ ...one, claims: here })));
    },
    effect: 'unknown',
  });
  const noted = remembered(context, [row], answers, (freshness, written, isReplaced) => {
    if (isReplaced) freshness.noteObject(written);
  });
  return chain(noted, ([answer = false]) => answer) as Promise<Entry<boolean>> | Entry<boolean>;
}

/** The derived rows of a change: what it adds goes first, so that at no time an object is in none of its lists. */
export interface DerivedChange {
  readonly added: DerivedRows;
  readonly removed: DerivedRows;
}

/**
 * Writes what follows from a changed object and tells of it. The object itself is written already. Throws `unconfirmed`,
 * the answer of a claim that may not be kept, in the end.
 */
export async function finishChange(
  context: KvetchContext,
  kind: 'update' | 'delete',
  { row: { id }, keys, note }: ObjectChange,
  { added, removed }: DerivedChange,
  unconfirmed: Error | null = null,
): Promise<void> {
  const failures = new Map<string, Error>();
  for (const rows of [added, removed]) {
    if (rows.edges.length + rows.entries.length > 0) await putDerived(context, rows, failures);
  }
  if (failures.size > 0) noteDerivedFailure(context, id);
  const isFinished = failures.size === 0 && unconfirmed === null;
  await publish(context, { kind, keys }, [note], new Set(isFinished ? [] : [note]));
  if (unconfirmed !== null) throw unconfirmed;
  if (failures.size > 0 && context.strictDerived) throw new DerivedWriteError(id, [...failures.values()][0]);
}
