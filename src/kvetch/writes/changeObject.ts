import { DerivedWriteError } from '../errors.ts';
import { shardOfId } from '../ids/routing.ts';
import type { FaultPoint, KvetchChange, KvetchContext } from '../KvetchContext.ts';
import { chain } from '../shards/chain.ts';
import type { EdgeRow, EntryRow, ObjectRow } from '../shards/rows.ts';
import type { Batch, Entry, ObjectReplacement } from '../shards/ShardStore.ts';
import { noteDerivedFailure, publish, reach } from './faults.ts';
import { failuresByTarget, putEdges, putEntries } from './putDerived.ts';
import { remembered } from './remember.ts';

/** Replaces one row by compare-and-set: whether it was still the expected one, or the error. */
export function replaceObject(
  context: KvetchContext,
  row: ObjectRow,
  expectedVersion: number,
): Promise<Entry<boolean>> | Entry<boolean> {
  context.stats.writeRounds++;
  const answers: Batch<boolean> = context.shards.scatter({
    keys: [{ row, expectedVersion }],
    shardOf: (replacement) => shardOfId(replacement.row.id),
    call: (store, batch: readonly ObjectReplacement[]) => store.replaceObjects(batch),
    effect: 'unknown',
  });
  const noted = remembered(context, [row], answers, (freshness, written, isReplaced) => {
    if (isReplaced) freshness.noteObject(written);
  });
  return chain(noted, ([answer = false]) => answer) as Promise<Entry<boolean>> | Entry<boolean>;
}

/** The derived rows of a change: what it adds goes first, so that at no time an object is in none of its lists. */
export interface DerivedChange {
  readonly added: { readonly edges: readonly EdgeRow[]; readonly entries: readonly EntryRow[] };
  readonly removed: { readonly edges: readonly EdgeRow[]; readonly entries: readonly EntryRow[] };
}

/** Writes what follows from a changed object and tells of it. The object itself is written already. */
export async function finishChange(
  context: KvetchContext,
  id: string,
  { added, removed }: DerivedChange,
  change: KvetchChange,
): Promise<void> {
  const failures = new Map<string, Error>();
  const edges = async (rows: readonly EdgeRow[], point: FaultPoint): Promise<void> => {
    failuresByTarget(rows, await putEdges(context, rows), ({ toId }) => toId, failures);
    await reach(context, point);
  };
  const entries = async (rows: readonly EntryRow[], point: FaultPoint): Promise<void> => {
    failuresByTarget(rows, await putEntries(context, rows), ({ targetId }) => targetId, failures);
    await reach(context, point);
  };
  if (added.edges.length > 0) await edges(added.edges, 'afterEdge');
  if (added.entries.length > 0) await entries(added.entries, 'afterIndex');
  if (removed.edges.length > 0) await edges(removed.edges, 'afterEdge');
  if (removed.entries.length > 0) await entries(removed.entries, 'afterIndex');
  if (failures.size > 0) noteDerivedFailure(context, id);
  await publish(context, change);
  if (failures.size > 0 && context.strictDerived) throw new DerivedWriteError(id, [...failures.values()][0]);
}
