import type { KvetchContext } from '../KvetchContext.ts';
import { type CleanCounters, newCounters } from './CleanCounters.ts';
import { type CleanOptions, checkOptions } from './CleanOptions.ts';
import { forwardPass } from './forwardPass.ts';
import { purgePasses } from './purgePasses.ts';
import { reverseEdgesPass, reverseEntriesPass } from './reversePass.ts';
import { type CleanPass, runPass } from './runPass.ts';

export interface CleanReport extends CleanCounters {
  /** Whether every node was looked at to the end: none was down, and no lease was somebody else's. */
  readonly complete: boolean;
}

/** The order matters: what is missing is added before what is left over is removed, and purged last of all. */
const passes: readonly CleanPass[] = [forwardPass, reverseEdgesPass, reverseEntriesPass];

/** One run of the cleaners over the nodes that hold the range. A second run right after changes nothing. */
export async function clean(context: KvetchContext, options: CleanOptions = {}): Promise<CleanReport> {
  const settings = checkOptions(options);
  const counters = newCounters();
  let complete = true;
  const stores = context.shards.storesOf(...settings.shards);
  for (const pass of passes) {
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
