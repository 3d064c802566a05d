import { createHash } from 'node:crypto';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import type { CleanerState, LeaseTerm, ScanPage, ScanRequest, ShardStore } from '../shards/ShardStore.ts';
import { shardError } from '../shards/Shards.ts';
import type { CleanCounters } from './CleanCounters.ts';
import type { CleanPlace, CleanSettings } from './CleanOptions.ts';
import type { Findings, RowKind } from './Findings.ts';
import { Pace } from './Pace.ts';
import { countYoung } from './youngRows.ts';

/** The store whose rows are repaired, and where that is counted. */
export interface Repair {
  readonly context: KvetchContext;
  readonly settings: Pick<CleanSettings, 'dryRun' | 'onConflict' | 'onError'>;
  readonly counters: CleanCounters;
  readonly place: CleanPlace;
}

/** The work of a pass on one page of one store. */
export interface CleanPage extends Repair {
  readonly found: Findings;
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
  /** The rows that it judges, unless they are too young. */
  readonly judges?: RowKind;
  /** The table whose rows it goes by. */
  readonly sees?: RowKind;
  /** Its work is to remember: a run begins anew, wherever the one before ended. */
  readonly isMemory?: boolean;
  /** Reads one page and repairs it. */
  run(page: CleanPage): Promise<PassedPage>;
}

/** How many rows a page had, and where the next begins. */
export interface PassedPage extends Pick<ScanPage<unknown>, 'next'> {
  readonly rows: number;
  /** This page is not done: it is run again from the same place. */
  readonly isOpen?: boolean;
}

/** How a pass ended on one store. */
export interface PassEnd {
  /** Its window was done, or others have its rows. */
  readonly isDone: boolean;
  /** All of the window was done in this run. */
  readonly isWhole: boolean;
}

export const NOT_DONE: PassEnd = { isDone: false, isWhole: false };

/**
 * The order in which runs go through rows, and the head of their tasks' names. Full runs go by key, as the rows lie. Tasks
 * called `full:` alone are of earlier versions, which went by time. `kvetch doctor` looks for tasks of both.
 */
const windows = { full: { name: 'full:key', order: 'key' }, recent: { name: 'recent', order: 'time' } } as const;

/** So often a pass notes where it is: behind each page the notes would cost more than small pages do. */
const SAVE_MS = 1000;
/** The lease must not end meanwhile: a pause may take as much of it. */
const MAX_UNSAVED_SHARE = 0.25;

/** Begins the cursor of a run that could not look at all rows before it. A run that goes on from there has not seen them, either. */
const FAULTY = '!';

/** A recent run begins this far before the last one ended: rows do not become visible in the order of their times. */
const OVERLAP_US = 10_000_000;

/**
 * Takes the lease of a pass on one store, goes through its window page by page, and keeps where it is, so that
 * another can go on after a crash or a stop. A store that is down is left for next time, unless the other stores hold all
 * of these shards.
 */
export async function runPass(
  context: KvetchContext,
  store: ShardStore,
  pass: CleanPass,
  settings: CleanSettings,
  counters: CleanCounters,
  found: Findings,
): Promise<PassEnd> {
  const { mode, shards, owner, dryRun, fills } = settings;
  // a pass that fills in goes on where a run with the same schema ended, and no other
  const isFilling = pass.fills === true && fills.length > 0;
  const filling = isFilling ? `+${createHash('sha256').update(fills.join()).digest('hex').slice(0, 16)}` : '';
  const place = { store: store.name, pass: pass.name };
  const task = `${dryRun ? 'dry-' : ''}${windows[mode].name}:${pass.name}${filling}:${shards[0]}-${shards[1]}`;
  try {
    const lease = await acquire(context, store, task, settings);
    if (lease === null) return NOT_DONE;
    const { nowUs } = lease;
    const seenUs = nowUs - settings.graceMs * 1000;
    const request = {
      ...{ order: windows[mode].order, fromShard: shards[0], toShard: shards[1] },
      fromUs: mode === 'full' ? 0 : Math.max(0, lease.watermarkUs - OVERLAP_US),
      // an object of a writer that does not know the index is filled in however young it is
      toUs: isFilling ? Number.MAX_SAFE_INTEGER : seenUs,
    };
    if (pass.judges !== undefined && !isFilling) {
      const young = await countYoung(store, pass.judges, request, settings.pageSize);
      counters.tooYoung += young; // not before: other stores count meanwhile
    }
    const wasFaulty = lease.cursor?.startsWith(FAULTY) === true;
    const begin = pass.isMemory === true ? null : (lease.cursor?.slice(wasFaulty ? FAULTY.length : 0) ?? null);
    let isFaulty = wasFaulty;
    /** Keeps where the pass is. `false`: another cleaner, or a move that has brought rows behind it, took the lease away. */
    const save = (state: CleanerState): MaybePromise<boolean> =>
      store.saveCleanerState(task, owner, state, term(context, settings));
    const saveMs = Math.min(SAVE_MS, settings.leaseMs * MAX_UNSAVED_SHARE);
    let savedAt = performance.now();
    let unsaved: CleanerState | null = null;
    const isDone = await eachPage(store, settings, begin, async (after, limit) => {
      const page = { context, store, place, request: { ...request, after, limit }, settings, counters, found, nowUs };
      const { errors } = counters;
      const passed = await pass.run(page);
      isFaulty ||= counters.errors > errors; // or another store's: then rows are looked at once more
      counters.scanned += passed.rows;
      settings.onProgress(place, counters.scanned);
      const { next, isOpen = false } = passed;
      const isLast = next === null && !isOpen;
      // what was only remembered was not cleaned
      const watermarkUs = isLast && pass.isMemory !== true ? seenUs : lease.watermarkUs;
      const cursor = pass.isMemory === true || next === null ? null : `${isFaulty ? FAULTY : ''}${next}`;
      unsaved = { watermarkUs, cursor };
      if (!isLast && performance.now() - savedAt < saveMs) return passed;
      const isMine = await save(unsaved);
      [savedAt, unsaved] = [performance.now(), null];
      return isMine ? passed : null;
    });
    if (unsaved !== null && !(await save(unsaved))) return NOT_DONE;
    if (isDone !== null) await store.releaseLease(task, owner);
    const isWhole = isDone === true && begin === null;
    if (pass.sees !== undefined && isWhole) found.sawAll(store, pass.sees);
    return { isDone: isDone === true && !wasFaulty, isWhole };
  } catch (error) {
    if (await context.shards.isSpare(store, ...shards)) return { isDone: true, isWhole: true };
    counters.errors++;
    const failure = shardError(error, store, shards[0], 'not-applied');
    settings.onError(failure, place);
    return NOT_DONE;
  }
}

/**
 * Goes from page to page at the pace that the settings ask for. Returns whether it came to the end: false if it was
 * told to stop, `null` if a page ended the pass.
 */
export async function eachPage(
  store: ShardStore,
  settings: CleanSettings,
  from: string | null,
  visit: (after: string | null, limit: number) => Promise<PassedPage | null>,
): Promise<boolean | null> {
  const pace = new Pace(settings);
  for (let after = from; ; ) {
    if (pace.isLimited) pace.saw((await store.othersPerSecond?.()) ?? 0);
    const begin = performance.now();
    const limit = Math.min(settings.pageSize, pace.rows);
    const passed = await visit(after, limit);
    if (passed === null) return null;
    after = passed.next;
    if (after === null && passed.isOpen !== true) return true;
    const tookMs = performance.now() - begin;
    const paused = pace.isLimited ? pace.after(tookMs, limit) : 0;
    await settings.sleep(Math.max(paused, (passed.rows * 1000) / settings.maxRowsPerSecond - tookMs));
    if (settings.signal.aborted) return false;
  }
}

async function acquire(context: KvetchContext, store: ShardStore, task: string, settings: CleanSettings) {
  return store.acquireLease({ task, owner: settings.owner, ...term(context, settings) });
}

/** The present by the store's clock, unless a clock was given: a cleaner with a wrong clock must do no harm. */
function term({ givenClock }: KvetchContext, { leaseMs }: CleanSettings): LeaseTerm {
  return { nowUs: givenClock === null ? null : givenClock() * 1000, leaseUs: leaseMs * 1000 };
}
