import { type FaultPoint, type KvetchChange, type KvetchContext, reportRepair } from '../KvetchContext.ts';
import type { OutboxNote } from '../shards/rows.ts';

/** Passes a named point of a write. A test can throw here (a crash: nothing after it happens) or wait. */
export async function hitFaultPoint({ hooks }: KvetchContext, point: FaultPoint): Promise<void> {
  if (hooks.fault !== null) await hooks.fault(point);
}

const nothingUnfinished: ReadonlySet<OutboxNote | undefined> = new Set();

/**
 * The end of every write: it is reported to the cache, then to listeners. Neither can fail the write any more. `parents`: the
 * note of deletes that leave children.
 */
export async function publish(
  context: KvetchContext,
  change: KvetchChange,
  notes: ReadonlyArray<OutboxNote | undefined>,
  unfinished: ReadonlySet<OutboxNote | undefined> = nothingUnfinished,
  parents?: OutboxNote,
): Promise<void> {
  if (context.cache === null) await hitFaultPoint(context, 'beforeCache'); // a cache passes it between each commit and its own work
  await tell(context, change);
  const isTold = await haveHeard(context, change.keys);
  for (const note of notes) context.outbox.end(note, isTold && !unfinished.has(note), note === parents);
}

/** Whether the cache has dropped the keys of this process' writes, and listeners were told of them. */
export async function haveHeard({ cache, changes }: KvetchContext, keys: readonly string[]): Promise<boolean> {
  const isGone = cache?.hasTold?.(keys) ?? true;
  return changes === null ? isGone : (await changes.invalidate(keys)) && isGone;
}

/** Reports a change to listeners. */
export async function tell(context: KvetchContext, change: KvetchChange): Promise<void> {
  try {
    context.hooks.onWrite?.(change);
  } catch {
    context.stats.hookErrors++;
  }
}

/** Notes that an object is written but some of its derived rows are not: cleaners will find them. */
export function noteDerivedFailure(context: KvetchContext, id: string): void {
  context.stats.derivedFailures++;
  reportRepair(context, { reason: 'derived-write-failed', id, edgeId: null, fromId: null, index: null });
}
