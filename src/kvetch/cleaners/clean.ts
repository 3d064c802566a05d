import { LOGICAL_SHARDS } from '../ids/routing.ts';
import { fromStore, type KvetchContext } from '../KvetchContext.ts';
import { relayNotes } from '../outbox/relayNotes.ts';
import type { ShardStore } from '../shards/ShardStore.ts';
import { type CleanCounters, newCounters } from './CleanCounters.ts';
import { type CheckedOptions, type CleanOptions, type CleanSettings, checkOptions } from './CleanOptions.ts';
import { cachePasses } from './cachePasses.ts';
import { forwardPass } from './forwardPass.ts';
import { purgePasses } from './purgePasses.ts';
import { reverseEdgesPass, reverseEntriesPass } from './reversePass.ts';
import { type CleanPass, runPass } from './runPass.ts';

export interface CleanReport extends CleanCounters {
  /** Whether every node was cleaned to the end: none was down, no lease was taken, no shard moved, and no stop came. */
  readonly complete: boolean;
}

/**
 * The order matters: superfluous rows are removed first, because they can stand in the way of missing ones (a unique
 * value), and never the other way round. Then caches are compared with the store, and tombstones are purged last of all.
 */
const passes: readonly CleanPass[] = [reverseEdgesPass, reverseEntriesPass, forwardPass];

/** One run of the cleaners over the nodes that hold the range. A second run right after changes nothing. */
export async function clean(given: KvetchContext, options: CleanOptions = {}): Promise<CleanReport> {
  const context = fromStore(given);
  const checked = checkOptions(options);
  const pending = fillsAll(checked) ? [...(await context.backfills.pending()).keys()].sort() : [];
  const settings = { ...checked, fills: pending };
  const counters = newCounters();
  await context.shards.relearn(); // shards that have moved since are no errors of their former servers
  const { mapVersion } = context.shards;
  const stores = context.shards.storesOf(...settings.shards);
  if (!settings.dryRun) for (const store of stores) await relay(context, store, settings, counters);
  const isCached = context.cache?.audit !== undefined;
  let complete = await runPasses(context, stores, isCached ? [...passes, ...cachePasses] : passes, settings, counters);
  await context.shards.relearn();
  // rows that moved may have come to where a pass was over, from where it had not begun
  if (context.shards.mapVersion !== mapVersion) complete = false;
  if (complete && counters.errors === 0) await context.backfills.complete(pending);
  // a tombstone may only go when no node has the rows that it buries any more
  if (complete && counters.errors === 0 && settings.mode === 'full') {
    complete = await runPasses(context, stores, purgePasses, settings, counters);
  }
  return { ...counters, complete };
}

/** One pass after the other, each on all stores side by side: no store waits for another. */
async function runPasses(
  context: KvetchContext,
  stores: readonly ShardStore[],
  all: readonly CleanPass[],
  given: CleanSettings,
  counters: CleanCounters,
): Promise<boolean> {
  const settings = { ...given, maxRowsPerSecond: given.maxRowsPerSecond / Math.max(1, stores.length) };
  let complete = true;
  for (const pass of all) {
    if (settings.signal.aborted) return false;
    const ends = await Promise.all(stores.map((store) => runPass(context, store, pass, settings, counters)));
    complete = complete && ends.every(Boolean);
  }
  return complete;
}

/** Whether the run comes by every object. */
function fillsAll({ mode, dryRun, shards: [from, to] }: CheckedOptions): boolean {
  return mode === 'full' && !dryRun && from === 0 && to === LOGICAL_SHARDS - 1;
}

/** The unfinished work in outboxes is done first. A store that is down is left to the passes to report. */
async function relay(
  context: KvetchContext,
  store: ShardStore,
  { owner }: CleanSettings,
  counters: CleanCounters,
): Promise<void> {
  if (context.cache?.isReady === false) return;
  await Promise.resolve(relayNotes(context, store, owner, counters)).catch(() => context.stats.failure(store.name));
}
