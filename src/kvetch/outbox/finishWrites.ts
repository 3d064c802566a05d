import { newCounters } from '../cleaners/CleanCounters.ts';
import { expectationOf, repairObjects } from '../cleaners/forwardPass.ts';
import type { Repair } from '../cleaners/runPass.ts';
import { freshnessOf, type KvetchContext } from '../KvetchContext.ts';
import { type ObjectRow, TOMBSTONE } from '../shards/rows.ts';
import { noteDerivedFailure, tell } from '../writes/faults.ts';
import { entriesKey, listKey } from '../writes/putDerived.ts';

const place: Repair['place'] = { store: '', pass: 'repeat' };
const settings: Repair['settings'] = { dryRun: false, onConflict: () => {}, onError: () => {} };

/**
 * Does what the writer of these rows may have left to do when it died, as a relay does by its note. The repeat of a write is
 * answered behind it. Where nothing is due that is one round of reads. `more`: other keys that the write has changed. The ids of
 * objects whose derived rows could not be put.
 */
export async function finishWrites(
  context: KvetchContext,
  rows: readonly ObjectRow[],
  more: readonly string[] = [],
): Promise<ReadonlySet<string>> {
  const stored = { ...context, seesExpired: true };
  const failed = await repair(stored, rows);
  for (const id of failed) noteDerivedFailure(context, id);
  const keys = [...new Set([...rows.flatMap((row) => keysOf(stored, row)), ...more])];
  await context.cache?.invalidate?.(keys);
  await context.changes?.invalidate(keys);
  await tell(context, { kind: 'relay', keys });
  return failed;
}

/** One by one where it failed: a server that is down is not needed for all of them. */
async function repair(context: KvetchContext, rows: readonly ObjectRow[]): Promise<ReadonlySet<string>> {
  const counters = newCounters();
  await repairObjects({ context, counters, settings, place }, rows);
  if (counters.errors === 0) return new Set();
  if (rows.length === 1) return new Set(rows.map(({ id }) => id));
  const failed = new Set<string>();
  for (const row of rows) for (const id of await repair(context, [row])) failed.add(id);
  return failed;
}

/** The dependency keys of an object and of what follows from it. */
function keysOf(context: KvetchContext, row: ObjectRow): readonly string[] {
  const { id, typeId } = row;
  const expected = expectationOf({ context, counters: newCounters(), settings, place }, row);
  if (expected === null) return [`o:${id}`];
  const { live, dead, claims } = expected;
  const freshness = row.version === 1 ? freshnessOf(context) : null; // later versions say nothing of their rows'
  for (const edge of live.edges) freshness?.noteEdge(edge);
  for (const entry of live.entries) freshness?.noteEntry(entry);
  const emptied = row.state === TOMBSTONE ? (context.schema.findType(typeId)?.boundLists ?? []) : [];
  return [
    ...[`o:${id}`, `t:${typeId}`],
    ...[...live.edges, ...dead.edges].map(listKey),
    ...[...live.entries, ...dead.entries, ...claims].map(entriesKey),
    ...emptied.map(({ edgeId }) => `e:${edgeId}:${id}`),
  ];
}
