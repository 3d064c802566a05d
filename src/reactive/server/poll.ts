import { itemAt } from '../../utils/itemAt.ts';
import type { Invalidator } from '../Invalidator.ts';
import { type OpenSet, type SealedSet, tellSealed } from '../keys/SealedSets.ts';
import { now } from '../versions/beginOf.ts';
import { isStale } from '../versions/staleness.ts';
import type { ServerLimits } from './limits.ts';
import type { NewVersions } from './protocol.ts';

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
  sets: readonly SealedSet[],
  waitMs: number,
  limits: ServerLimits,
  whenOver: AbortSignal,
): Promise<PollAnswer> {
  const opened = sets.map((set) => invalidator.sets.open(subject, set));
  const good = opened.filter((set) => set !== null);
  const expired = opened.flatMap((set, at) => (set === null ? [at] : []));
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
  sets: readonly OpenSet[],
  { spreadMs }: ServerLimits,
): Promise<PollAnswer> {
  const keys = [...new Set(sets.flatMap((set) => set.keys))];
  const reading = await versions.read(keys);
  const places = new Map(keys.map((key, at) => [key, at]));
  const { epoch } = reading;
  const asOf = now();
  if (sets.some((set) => set.epoch !== epoch)) return { v: 1, epoch, asOf, stale: {}, reset: { spreadMs } };
  const stale: { [key: string]: number } = {};
  for (const set of sets) {
    const news = new Map<string, number>();
    for (const [n, key] of set.keys.entries()) {
      const at = places.get(key) ?? 0;
      const held = itemAt(set.versions, n);
      if (isStale(set, held, reading, at)) news.set(key, Math.max(held + 1, reading.states[at]?.version ?? 0));
    }
    tellSealed(set, news, (key, version) => {
      stale[key] = version;
    });
  }
  return { v: 1, epoch, asOf, stale };
}

/** Whether something changed before the time was over. */
async function untilChanged(
  { watches }: Invalidator,
  sets: readonly OpenSet[],
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
