import { itemAt } from '../../utils/itemAt.ts';
import type { Invalidator } from '../Invalidator.ts';
import { isStale } from '../versions/staleness.ts';
import type { ServerLimits } from './limits.ts';
import type { HeldSet, NewVersions } from './protocol.ts';

/** The answer to a poll. */
export interface PollAnswer {
  readonly v: 1;
  /** The epoch of this moment. */
  readonly epoch: string;
  readonly asOf: number;
  /** The new versions of stale keys. */
  readonly stale: NewVersions;
  /** The places of sets whose grants are not good: fetch these again. */
  readonly expired?: readonly number[];
  /** Everything is stale: fetch it again, some time within so many milliseconds. */
  readonly reset?: { readonly spreadMs: number };
}

/**
 * Finds the stale keys of some sets. Where there are none, it may wait for one; `whenOver` ends the wait.
 *
 * @throws VersionsUnavailableError
 */
export async function poll(
  invalidator: Invalidator,
  subject: string,
  sets: readonly HeldSet[],
  waitMs: number,
  limits: ServerLimits,
  whenOver: AbortSignal,
): Promise<PollAnswer> {
  const good = sets.filter((set) => invalidator.grants.isGood(set.grant, subject, set.text));
  const expired = sets.flatMap((set, at) => (good.includes(set) ? [] : [at]));
  const answer = async (): Promise<PollAnswer> => ({
    ...(await look(invalidator, good, limits)),
    ...(expired.length > 0 && { expired }),
  });
  const first = await answer();
  if (waitMs === 0 || expired.length > 0 || first.reset !== undefined || Object.keys(first.stale).length > 0)
    return first;
  const hasChanged = await untilChanged(invalidator, good, waitMs, whenOver);
  return hasChanged ? answer() : first;
}

async function look(
  { versions }: Invalidator,
  sets: readonly HeldSet[],
  { spreadMs }: ServerLimits,
): Promise<PollAnswer> {
  const keys = [...new Set(sets.flatMap((set) => set.keys))];
  const reading = await versions.read(keys);
  const places = new Map(keys.map((key, at) => [key, at]));
  const { epoch, seq: asOf } = reading;
  if (sets.some((set) => set.epoch !== epoch)) return { v: 1, epoch, asOf, stale: {}, reset: { spreadMs } };
  const stale = new Map<string, number>();
  for (const set of sets) {
    for (const [n, key] of set.keys.entries()) {
      const at = places.get(key) ?? 0;
      const held = itemAt(set.versions, n);
      if (isStale(set, held, reading, at)) stale.set(key, Math.max(held + 1, reading.states[at]?.version ?? 0));
    }
  }
  return { v: 1, epoch, asOf, stale: Object.fromEntries(stale) };
}

/** Whether something changed before the time was over. */
async function untilChanged(
  { watches }: Invalidator,
  sets: readonly HeldSet[],
  waitMs: number,
  whenOver: AbortSignal,
): Promise<boolean> {
  const ends: (() => void)[] = [];
  const hasChanged = await new Promise<boolean>((resolve) => {
    const changed = (): void => resolve(true);
    const over = (): void => resolve(false);
    for (const set of sets) ends.push(watches.watch(set, { kind: 'poll', onStale: changed, onReset: changed }));
    const timer = setTimeout(over, waitMs);
    whenOver.addEventListener('abort', over);
    if (whenOver.aborted) over();
    ends.push(() => {
      clearTimeout(timer);
      whenOver.removeEventListener('abort', over);
    });
  });
  for (const end of ends) end();
  return hasChanged;
}
