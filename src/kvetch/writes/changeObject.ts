import { itemAt } from '../../utils/itemAt.ts';
import { DerivedWriteError, NotFoundError } from '../errors.ts';
import { shardOfId } from '../ids/routing.ts';
import { fromStore, type KvetchContext } from '../KvetchContext.ts';
import { RequestScope } from '../reads/RequestScope.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import { isPromise } from '../shards/chain.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import type { Batch, Entry, ObjectReplacement } from '../shards/ShardStore.ts';
import { leavesChildren } from './children.ts';
import { claimsAt } from './claimUnique.ts';
import { noteDerivedFailure, publish } from './faults.ts';
import { type ObjectChange, replacementOf } from './ObjectChange.ts';
import { type DerivedRows, putDerived } from './putDerived.ts';
import { refusePrepared } from './unit/prepared.ts';

/**
 * The live row of an id as the store has it, or a `NotFoundError`: cached rows are nothing to decide on. Reads of one turn
 * of the event loop are one call for each server.
 */
export async function liveRow(context: KvetchContext, id: string): Promise<ObjectRow> {
  const scope = new RequestScope(context.checks, context.stats);
  const answer = readObjectRows({ ...fromStore(context), scope }, [id]);
  const [row = null] = isPromise(answer) ? await answer : answer;
  if (row instanceof Error) throw row;
  if (row === null) throw new NotFoundError(id);
  refusePrepared(row);
  if (row.state !== LIVE) throw new NotFoundError(id);
  return row;
}

/**
 * Replaces one row by compare-and-set with the result of changes: whether it was still the expected one, or the error.
 * Of several changes none claims anything.
 */
export async function replaceObject(
  context: KvetchContext,
  changes: readonly ObjectChange[],
  expectedVersion: number,
): Promise<Entry<boolean>> {
  context.stats.writeRounds++;
  const { claims } = itemAt(changes, 0);
  const [answer = false] = await context.shards.scatter({
    keys: [replacementOf(changes, expectedVersion)],
    shardOf: ({ row }) => shardOfId(row.id),
    call: (store, batch: readonly ObjectReplacement[]): Batch<boolean> => {
      const here = claimsAt(context, store, claims);
      return store.replaceObjects(here.length === 0 ? batch : batch.map((one) => ({ ...one, claims: here })));
    },
    effect: 'unknown',
  });
  return answer;
}

/** Replaces one row by the planned changes, while nobody else can change it: whether there were any, or the error. */
export async function rewriteObject(
  context: KvetchContext,
  id: string,
  plan: (row: ObjectRow) => readonly ObjectChange[],
): Promise<Entry<boolean>> {
  context.stats.writeRounds++;
  const [answer = null] = await context.shards.scatter({
    keys: [id],
    shardOf: shardOfId,
    call: (store, ids: readonly string[]): Batch<ObjectRow | null> => {
      const rewrite = (row: ObjectRow): ObjectReplacement | null => {
        const changes = plan(row);
        const [first] = changes;
        if (first === undefined) return null;
        return { ...replacementOf(changes, row.version), claims: claimsAt(context, store, first.claims) };
      };
      return store.rewriteObjects(ids.map((one) => ({ id: one, rewrite })));
    },
    effect: 'unknown',
  });
  return answer instanceof Error ? answer : answer !== null;
}

/** The derived rows of a change: additions go first, so that at no time an object is in none of its lists. */
export interface DerivedChange {
  readonly added: DerivedRows;
  readonly removed: DerivedRows;
}

/**
 * Writes the derived rows of a changed object and tells of it. The object itself is written already. Throws
 * `unconfirmed`, the answer of a claim that may not be kept, in the end.
 */
export async function finishChange(
  context: KvetchContext,
  kind: 'update' | 'delete',
  { row, keys, note }: ObjectChange,
  { added, removed }: DerivedChange,
  unconfirmed: Error | null = null,
): Promise<void> {
  const failures = new Map<string, Error>();
  for (const rows of [added, removed]) {
    if (rows.edges.length + rows.entries.length > 0) await putDerived(context, rows, failures);
  }
  const { id } = row;
  if (failures.size > 0) noteDerivedFailure(context, id);
  const isFinished = failures.size === 0 && unconfirmed === null;
  const parents = leavesChildren(context.schema, row) ? note : undefined;
  await publish(context, { kind, keys }, [note], new Set(isFinished ? [] : [note]), parents);
  if (unconfirmed !== null) throw unconfirmed;
  if (failures.size > 0 && context.strictDerived) throw new DerivedWriteError(id, [...failures.values()][0]);
}
