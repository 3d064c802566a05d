import { appendAll } from '../../utils/appendAll.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import { asStored, type KvetchContext } from '../KvetchContext.ts';
import { Cascades } from '../outbox/Cascades.ts';
import { relayNotes } from '../outbox/relayNotes.ts';
import type { ShardStore } from '../shards/ShardStore.ts';
import { shardError } from '../shards/Shards.ts';
import { type CleanCounters, newCounters } from './CleanCounters.ts';
import { type CheckedOptions, type CleanOptions, type CleanSettings, withDefaults } from './CleanOptions.ts';
import { cachePasses } from './cachePasses.ts';
import { Findings } from './Findings.ts';
import { forwardPass } from './forwardPass.ts';
import { purgePasses } from './purgePasses.ts';
import { reverseEdgesPass, reverseEntriesPass } from './reversePass.ts';
import { type CleanPass, NOT_DONE, type PassEnd, runPass } from './runPass.ts';
import { surveyPass } from './surveyPass.ts';

/** The result of a run of the cleaners: counts of what it looked at and repaired. Spec 6.9. */
export interface CleanReport extends CleanCounters {
  /**
   * Whether every node was cleaned to the end: none was down, no lease was taken, no shard moved, no stop came, and a run that
   * this one went on from had no errors.
   */
  readonly complete: boolean;
}

/**
 * The order matters: superfluous rows are removed first, because they can stand in the way of missing ones (a unique
 * value), and never the other way round. Then caches are compared with the store, and tombstones are purged last of all.
 */
const reversePasses: readonly CleanPass[] = [reverseEdgesPass, reverseEntriesPass];

/** One run of the cleaners over the nodes that hold the range. A second run right after changes nothing. */
export async function clean(given: KvetchContext, options: CleanOptions = {}): Promise<CleanReport> {
  const context = asStored(given);
  const checked = withDefaults(options, context.limits);
  const pending = fillsAll(checked) ? [...(await context.backfills.pending()).keys()].sort() : [];
  const settings = { ...checked, fills: pending };
  const counters = newCounters();
  await context.shards.relearn(); // shards that have moved since are no errors of their former servers
  const { mapVersion } = context.shards;
  const stores = context.shards.storesOf(...settings.shards);
  if (!settings.dryRun) await relayAll(context, stores, settings, counters);
  const found = new Findings(context.shards, settings.maxRemembered);
  const run = (all: readonly CleanPass[]): Promise<PassEnd> =>
    runPasses(context, stores, all, settings, counters, found);
  // a run that fills in looks at all objects anyway, as most rows are missing
  if (settings.mode === 'full' && pending.length === 0 && !found.isFull) await run([surveyPass]);
  const reverse = await run(reversePasses);
  if (!reverse.isWhole) found.forgetSurveys();
  const isCached = context.cache?.audit !== undefined;
  const forward = await run(isCached ? [forwardPass, ...cachePasses] : [forwardPass]);
  let complete = reverse.isDone && forward.isDone;
  if (counters.expired > 0 && !settings.dryRun) await relayAll(context, stores, settings, counters); // to their children
  if (!settings.dryRun) await dropChanges(context, stores, settings, counters);
  await context.shards.relearn();
  // rows that moved may have come to where a pass was over, from where it had not begun
  if (context.shards.mapVersion !== mapVersion) complete = false;
  if (complete && counters.errors === 0 && !settings.dryRun) await context.backfills.complete(pending);
  // a tombstone may only go when no node has the rows that it buries any more
  if (complete && counters.errors === 0 && settings.mode === 'full') {
    complete = (await run(purgePasses)).isDone;
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
  found: Findings,
): Promise<PassEnd> {
  const settings = { ...given, maxRowsPerSecond: given.maxRowsPerSecond / Math.max(1, stores.length) };
  const ends: PassEnd[] = [];
  for (const pass of all) {
    if (settings.signal.aborted) return NOT_DONE;
    const run = (store: ShardStore): Promise<PassEnd> => runPass(context, store, pass, settings, counters, found);
    appendAll(ends, await Promise.all(stores.map(run)));
  }
  return { isDone: ends.every(({ isDone }) => isDone), isWhole: ends.every(({ isWhole }) => isWhole) };
}

/** Changes that were kept long enough. */
async function dropChanges(
  context: KvetchContext,
  stores: readonly ShardStore[],
  { shards, onError }: CleanSettings,
  counters: CleanCounters,
): Promise<void> {
  for (const store of stores) {
    try {
      await store.changes?.drop();
    } catch (error) {
      context.stats.failure(store.name);
      if (await context.shards.isSpare(store, ...shards)) continue;
      counters.errors++;
      onError(shardError(error, store, shards[0], 'not-applied'), { store: store.name, pass: 'changes' });
    }
  }
}

/** Whether the run comes by every object. */
function fillsAll({ mode, dryRun, shards: [from, to] }: CheckedOptions): boolean {
  return mode === 'full' && !dryRun && from === 0 && to === LOGICAL_SHARDS - 1;
}

/** Children of deleted objects leave notes of their own when they are deleted, on any store. */
async function relayAll(
  context: KvetchContext,
  stores: readonly ShardStore[],
  settings: CleanSettings,
  counters: CleanCounters,
): Promise<void> {
  for (let before = -1; before !== counters.cascaded && !settings.signal.aborted; ) {
    before = counters.cascaded;
    for (const store of stores) await relay(context, store, settings, counters);
    await context.outbox.flush();
  }
}

/** The unfinished work in outboxes is done first. */
async function relay(
  context: KvetchContext,
  store: ShardStore,
  { owner, signal, shards, onError }: CleanSettings,
  counters: CleanCounters,
): Promise<void> {
  if (context.cache?.isReady === false) return;
  const cascades = new Cascades(context, counters);
  const stop = (): void => void cascades.stop();
  signal.addEventListener('abort', stop);
  try {
    await relayNotes(context, store, owner, counters, cascades);
    await cascades.end();
  } catch (error) {
    context.stats.failure(store.name);
    if (await context.shards.isSpare(store, ...shards)) return;
    counters.errors++;
    onError(shardError(error, store, shards[0], 'not-applied'), { store: store.name, pass: 'outbox' });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
