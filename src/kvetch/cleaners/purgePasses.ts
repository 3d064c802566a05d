import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { TOMBSTONE } from '../shards/rows.ts';
import type { PurgeRequest, ScanPage, ScanRequest } from '../shards/ShardStore.ts';
import { isOpen } from '../writes/unit/settle.ts';
import type { KindRows, RowKind } from './Findings.ts';
import type { CleanPage, CleanPass } from './runPass.ts';

const nothing: PurgeRequest = { objects: [], edges: [], entries: [] };

/** Removes tombstones for good once they are older than the retention: every late write has arrived or never will. */
export const purgePasses: readonly CleanPass[] = [
  purgePass(
    'entries',
    (page, window) => page.store.scanEntries(window),
    (entries) => ({ ...nothing, entries }),
  ),
  purgePass(
    'edges',
    (page, window) => page.store.scanEdges(window),
    (edges) => ({ ...nothing, edges }),
  ),
  purgePass(
    'objects',
    (page, window) => page.store.scanObjects(window),
    // what a unit needs looks like a tombstone, too
    (objects) => ({ ...nothing, objects: objects.filter((row) => !isOpen(row)) }),
  ),
];

/** Tombstones that were put later stay. */
export function ripeUs({ request, settings, nowUs }: CleanPage): number {
  return Math.min(request.toUs, nowUs - settings.retentionMs * 1000);
}

/** It looks for tombstones where the passes before have not seen all rows. */
function purgePass<K extends RowKind>(
  kind: K,
  scan: (page: CleanPage, window: ScanRequest) => MaybePromise<ScanPage<KindRows[K]>>,
  toRequest: (rows: ReadonlyArray<KindRows[K]>) => PurgeRequest,
): CleanPass {
  const purge = async ({ store, settings, counters }: CleanPage, dead: ReadonlyArray<KindRows[K]>): Promise<void> => {
    if (settings.dryRun) counters.purged += dead.length;
    else if (dead.length > 0) {
      const purged = await store.purge(toRequest(dead));
      counters.purged += purged; // not before: other stores count meanwhile
    }
  };
  return {
    name: `purge-${kind}`,
    async run(page) {
      const { request, store, found } = page;
      const seen = found.tombstonesOf(store, kind);
      if (seen !== null) {
        await purge(page, seen.splice(0, request.limit));
        return { rows: 0, next: null, isOpen: seen.length > 0 };
      }
      const { rows, next } = await scan(page, { ...request, toUs: ripeUs(page) });
      await purge(
        page,
        rows.filter(({ state }) => state === TOMBSTONE),
      );
      return { rows: 0, next }; // the passes before have counted these rows
    },
  };
}
