import { type CleanCounters, newCounters } from '../cleaners/CleanCounters.ts';
import { repairObjects } from '../cleaners/forwardPass.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { KvetchStats } from '../KvetchStats.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import type { ObjectRow } from '../shards/rows.ts';
import type { DueNote, ShardStore } from '../shards/ShardStore.ts';
import { tell } from '../writes/faults.ts';
import { settleRows } from '../writes/unit/settle.ts';

const PAGE = 200;
/** For so long the others wait for a process that dies while it relays. */
const LEASE_US = 2_000_000;
/** A note whose objects cannot be repaired now must not hold up the others. */
const POSTPONE_MS = 5000;

/**
 * Finishes the work of writers: for each note of a store that is due, derived rows are repaired, cached entries are
 * removed, and listeners are told. It can be done by any number of processes, and again; a lease only saves work.
 * `owner` names the process. Returns how many notes were relayed. `context` must read past caches.
 */
export async function relayNotes(
  context: KvetchContext,
  store: ShardStore,
  owner: string,
  counters: CleanCounters,
): Promise<number> {
  let notes = await store.readNotes(null, PAGE);
  if (notes.length === 0) return 0;
  let relayed = 0;
  const task = 'relay';
  try {
    for (; notes.length > 0; ) {
      if ((await store.acquireLease({ task, owner, nowUs: null, leaseUs: LEASE_US })) === null) return relayed;
      relayed += await relayPage(context, store, notes, counters);
      if (notes.length < PAGE) break;
      notes = await store.readNotes(notes.at(-1) ?? null, PAGE);
    }
  } finally {
    await store.releaseLease(task, owner);
  }
  return relayed;
}

async function relayPage(
  context: KvetchContext,
  store: ShardStore,
  notes: readonly DueNote[],
  counters: CleanCounters,
): Promise<number> {
  const repaired = await repairAll(context, notes, counters);
  const keys = [...new Set(notes.flatMap((note) => note.keys))];
  const { cache } = context;
  const isTold = cache?.invalidate === undefined || (await cache.invalidate(keys));
  const { changes } = context;
  const isHeard = changes === null || (await changes.invalidate(keys));
  const settled = notes.filter(
    (note) =>
      repaired.has(note) &&
      (cache === null ? !note.needsCache : isTold) &&
      (changes === null ? !note.needsListener : isHeard),
  );
  for (const note of settled) await tell(context, { kind: 'relay', keys: note.keys });
  await store.settleNotes(settled.map(({ id }) => id));
  const failed = notes.filter((note) => !repaired.has(note));
  await store.postponeNotes(
    failed.map(({ id }) => id),
    POSTPONE_MS,
  );
  context.stats.relayed += settled.length;
  return settled.length;
}

/** Repairs the derived rows of the notes' objects; the notes for which that was possible. */
async function repairAll(
  context: KvetchContext,
  notes: readonly DueNote[],
  counters: CleanCounters,
): Promise<ReadonlySet<DueNote>> {
  if (await repair(context, notes, counters)) return new Set(notes);
  if (notes.length === 1) return new Set();
  const repaired = new Set<DueNote>(); // one by one: a server that is down is not needed for all of them
  for (const note of notes) if (await repair(context, [note], counters)) repaired.add(note);
  return repaired;
}

async function repair(context: KvetchContext, notes: readonly DueNote[], counters: CleanCounters): Promise<boolean> {
  const ids = notes.flatMap(({ keys }) => keys.filter((key) => key.startsWith('o:')).map((key) => key.slice(2)));
  // no request waits for these reads: they are none of its rounds
  const rows = await settleRows(
    context,
    await readObjectRows({ ...context, stats: new KvetchStats() }, [...new Set(ids)]),
  );
  if (rows.some((row) => row instanceof Error)) return false;
  const own = newCounters();
  await repairObjects(
    { context, counters: own, settings: { dryRun: false, onConflict: () => {} } },
    rows.filter((row): row is ObjectRow => row !== null),
  );
  counters.missingEdges += own.missingEdges;
  counters.orphanEdges += own.orphanEdges;
  counters.missingIndex += own.missingIndex;
  counters.staleIndex += own.staleIndex;
  counters.conflicts += own.conflicts;
  return own.errors === 0;
}
