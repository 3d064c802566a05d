import { createHash } from 'node:crypto';
import type { KvetchContext } from '../KvetchContext.ts';
import type { LeaseTerm, ScanPage, ScanRequest, ShardStore } from '../shards/ShardStore.ts';
import { shardError } from '../shards/Shards.ts';
import type { CleanCounters } from './CleanCounters.ts';
import type { CleanSettings } from './CleanOptions.ts';
import { Pace } from './Pace.ts';

/** The store whose rows are repaired, and where that is counted. */
export interface Repair {
  readonly context: KvetchContext;
  readonly settings: Pick<CleanSettings, 'dryRun' | 'onConflict'>;
  readonly counters: CleanCounters;
}

/** The work of a pass on one page of one store. */
export interface CleanPage extends Repair {
  readonly store: ShardStore;
  readonly request: ScanRequest;
  readonly settings: CleanSettings;
  /** The time by which the pass began. */
  readonly nowUs: number;
}

export interface CleanPass {
  readonly name: string;
  /** Whether it fills in edges and indexes. */
  readonly fills?: boolean;
  /** Reads one page and repairs it. Returns how many rows it had and where the next begins. */
  run(page: CleanPage): Promise<Pick<ScanPage<unknown>, 'next'> & { readonly rows: number }>;
}

/** A recent run begins this far before the last one ended: rows do not become visible in the order of their times. */
const OVERLAP_US = 10_000_000;

/**
 * Takes the lease of a pass on one store, goes through its window page by page, and keeps where it is, so that
 * another can go on after a crash or a stop. Returns whether the window was done; a store that is down is left for next
 * time, unless the other stores hold all of these shards.
 */
export async function runPass(
  context: KvetchContext,
  store: ShardStore,
  pass: CleanPass,
  settings: CleanSettings,
  counters: CleanCounters,
): Promise<boolean> {
  const { mode, shards, owner, pageSize, dryRun, fills, signal } = settings;
  // a pass that fills in goes on where a run with the same schema ended, and no other
  const isFilling = pass.fills === true && fills.length > 0;
  const filling = isFilling ? `+${createHash('sha256').update(fills.join()).digest('hex').slice(0, 16)}` : '';
  const task = `${dryRun ? 'dry-' : ''}${mode}:${pass.name}${filling}:${shards[0]}-${shards[1]}`;
  try {
    const lease = await acquire(context, store, task, settings);
    if (lease === null) return false;
    const { nowUs } = lease;
    const seenUs = nowUs - settings.graceMs * 1000;
    // an object of a writer that does not know the index is filled in however young it is
    const toUs = isFilling ? Number.MAX_SAFE_INTEGER : seenUs;
    const fromUs = mode === 'full' ? 0 : Math.max(0, lease.watermarkUs - OVERLAP_US);
    const pace = new Pace(settings);
    let after = lease.cursor;
    do {
      if (pace.isLimited) pace.saw((await store.othersPerSecond?.()) ?? 0);
      const begin = performance.now();
      const limit = Math.min(pageSize, pace.rows);
      const request: ScanRequest = { fromShard: shards[0], toShard: shards[1], fromUs, toUs, after, limit };
      const { rows, next } = await pass.run({ context, store, request, settings, counters, nowUs });
      counters.scanned += rows;
      settings.onProgress({ store: store.name, pass: pass.name }, counters.scanned);
      after = next;
      const watermarkUs = next === null ? seenUs : lease.watermarkUs;
      // another cleaner, or a move that has brought rows to where this pass has been, may have taken the lease away
      if (!(await store.saveCleanerState(task, owner, { watermarkUs, cursor: next }, term(context, settings))))
        return false;
      if (next !== null) {
        const paused = pace.isLimited ? pace.after(performance.now() - begin, limit) : 0;
        await settings.sleep(Math.max(paused, (rows * 1000) / settings.maxRowsPerSecond));
      }
    } while (after !== null && !signal.aborted);
    await store.releaseLease(task, owner);
    return after === null;
  } catch (error) {
    if (await context.shards.isSpare(store, ...shards)) return true;
    counters.errors++;
    const failure = shardError(error, store, shards[0], 'not-applied');
    settings.onError(failure, { store: store.name, pass: pass.name });
    return false;
  }
}

async function acquire(context: KvetchContext, store: ShardStore, task: string, settings: CleanSettings) {
  return store.acquireLease({ task, owner: settings.owner, ...term(context, settings) });
}

/** By the store's clock, unless another one was given: a cleaner whose own clock is wrong must harm nobody. */
function term({ givenClock }: KvetchContext, { leaseMs }: CleanSettings): LeaseTerm {
  return { nowUs: givenClock === null ? null : givenClock() * 1000, leaseUs: leaseMs * 1000 };
}
