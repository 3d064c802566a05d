import { fromStore, type KvetchContext } from '../KvetchContext.ts';
import { type CleanCounters, newCounters } from './CleanCounters.ts';
import { type CleanOptions, checkOptions } from './CleanOptions.ts';
import { cachePasses } from './cachePasses.ts';
import { forwardPass } from './forwardPass.ts';
import { purgePasses } from './purgePasses.ts';
import { reverseEdgesPass, reverseEntriesPass } from './reversePass.ts';
import { type CleanPass, runPass } from './runPass.ts';

export interface CleanReport extends CleanCounters {
  /** Whether every node was looked at to the end: none was down, and no lease was somebody else's. */
  readonly complete: boolean;
}

/**
 * The order matters: what is missing is added before what is left over is removed, then caches are compared with what
 * is there, and purged is last of all.
 */
const passes: readonly CleanPass[] = [forwardPass, reverseEdgesPass, reverseEntriesPass];

/** One run of the cleaners over the nodes that hold the range. A second run right after changes nothing. */
export async function clean(given: KvetchContext, options: CleanOptions = {}): Promise<CleanReport> {
  const context = fromStore(given);
  const settings = checkOptions(options);
  const counters = newCounters();
  let complete = true;
  const stores = context.shards.storesOf(...settings.shards);
  for (const pass of context.cache?.audit === undefined ? passes : [...passes, ...cachePasses]) {
    for (const store of stores) complete = (await runPass(context, store, pass, settings, counters)) && complete;
  }
  // a tombstone may only go when every node was seen without what it buries
  if (complete && counters.errors === 0 && settings.mode === 'full') {
    for (const pass of purgePasses) {
      for (const store of stores) complete = (await runPass(context, store, pass, settings, counters)) && complete;
    }
  }
  return { ...counters, complete };
}
