import { type CleanCounters, newCounters } from '../cleaners/CleanCounters.ts';
import { repairObjects } from '../cleaners/forwardPass.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { KvetchStats } from '../KvetchStats.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import type { ObjectRow } from '../shards/rows.ts';
import type { DueNote, ShardStore } from '../shards/ShardStore.ts';
import { leavesChildren } from '../writes/children.ts';
import { tell } from '../writes/faults.ts';
import { settleRows } from '../writes/unit/settle.ts';
import type { Cascades, ChildrenNote } from './Cascades.ts';
import { objectIdsIn } from './objectIdsIn.ts';

const PAGE = 200;
/** For so long the others wait for a process that dies while it relays. */
const LEASE_US = 2_000_000;
/** A note whose objects cannot be repaired now must not hold up the others. */
const POSTPONE_MS = 5000;

/**
 * Finishes the work of writers: for each note of a store that is due, derived rows are repaired, cached entries are
 * removed, and listeners are told; what deletes leave behind goes to `cascades`. It can be done by any number of processes, and again; a lease only saves work.
 * `owner` names the process. Returns how many notes were relayed. `context` must read past caches.
 */
export async function relayNotes(
  context: KvetchContext,
  store: ShardStore,
  owner: string,
  counters: CleanCounters,
  cascades: Cascades,
): Promise<number> {
  let notes = await store.readNotes(null, PAGE);
  if (notes.length === 0) return 0;
  let relayed = 0;
  const task = 'relay';
  try {
    for (; notes.length > 0; ) {
      if ((await store.acquireLease({ task, owner, nowUs: null, leaseUs: LEASE_US })) === null) return relayed;
      relayed += await relayPage(context, store, notes, counters, cascades);
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
  cascades: Cascades,
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
  const open = settled.flatMap((note): ChildrenNote | [] => {
    const parents = repaired.get(note) ?? [];
    return parents.length === 0 ? [] : { note, parents };
  });
  const isOpen = new Set<DueNote>(settled.filter((note) => (repaired.get(note) ?? []).length > 0));
  await store.settleNotes(settled.filter((note) => !isOpen.has(note)).map(({ id }) => id));
  await cascades.begin(store, open);
  const failed = notes.filter((note) => !repaired.has(note));
  await store.postponeNotes(
    failed.map(({ id }) => id),
    POSTPONE_MS,
  );
  context.stats.relayed += settled.length;
  return settled.length;
}

/** The deleted objects of notes whose delete goes on to others. */
type Parents = ReadonlyMap<DueNote, readonly ObjectRow[]>;

/** Repairs the derived rows of the notes' objects; the notes for which that was possible. */
async function repairAll(context: KvetchContext, notes: readonly DueNote[], counters: CleanCounters): Promise<Parents> {
  const all = await repair(context, notes, counters);
  if (all !== null || notes.length === 1) return all ?? new Map();
  const repaired = new Map<DueNote, readonly ObjectRow[]>(); // one by one: a server that is down is not needed for all of them
  for (const note of notes) {
    const parents = (await repair(context, [note], counters))?.get(note);
    if (parents !== undefined) repaired.set(note, parents);
  }
  return repaired;
}

/** `null`: it was not possible for all of them. */
async function repair(
  context: KvetchContext,
  notes: readonly DueNote[],
  counters: CleanCounters,
): Promise<Parents | null> {
  const ids = notes.flatMap(({ keys }) => objectIdsIn(keys));
  // no request waits for these reads: they are none of its rounds
  const rows = await settleRows(
    context,
    await readObjectRows({ ...context, stats: new KvetchStats() }, [...new Set(ids)]),
  );
  if (rows.some((row) => row instanceof Error)) return null;
  const there = rows.filter((row): row is ObjectRow => row !== null && !(row instanceof Error));
  const own = newCounters();
  const settings = { dryRun: false, onConflict: () => {}, onError: () => {} }; // they are counted
  await repairObjects({ context, counters: own, settings, place: { store: '', pass: 'outbox' } }, there);
  counters.missingEdges += own.missingEdges;
  counters.orphanEdges += own.orphanEdges;
  counters.missingIndex += own.missingIndex;
  counters.staleIndex += own.staleIndex;
  counters.conflicts += own.conflicts;
  if (own.errors > 0) return null;
  const deleted = new Map(there.filter((row) => leavesChildren(context.schema, row)).map((row) => [row.id, row]));
  return new Map(notes.map((note) => [note, objectIdsIn(note.keys).flatMap((id) => deleted.get(id) ?? [])]));
}
