import { type EdgeRow, type EntryRow, type ObjectRow, TOMBSTONE } from '../shards/rows.ts';
import type { PurgeRequest, ScanPage, ScanRequest } from '../shards/ShardStore.ts';
import type { CleanPage, CleanPass } from './runPass.ts';

const nothing: PurgeRequest = { objects: [], edges: [], entries: [] };

/** Removes tombstones for good once they are older than the retention: every late write has arrived or never will. */
export const purgePasses: readonly CleanPass[] = [
  purgePass(
    'purge-entries',
    (page, window) => page.store.scanEntries(window),
    (entries: readonly EntryRow[]) => ({ ...nothing, entries }),
  ),
  purgePass(
    'purge-edges',
    (page, window) => page.store.scanEdges(window),
    (edges: readonly EdgeRow[]) => ({ ...nothing, edges }),
  ),
  purgePass(
    'purge-objects',
    (page, window) => page.store.scanObjects(window),
    (objects: readonly ObjectRow[]) => ({ ...nothing, objects }),
  ),
];

function purgePass<TRow extends { readonly state: number }>(
  name: string,
  scan: (page: CleanPage, window: ScanRequest) => ScanPage<TRow> | PromiseLike<ScanPage<TRow>>,
  toRequest: (rows: readonly TRow[]) => PurgeRequest,
): CleanPass {
  return {
    name,
    async run(page) {
      const { request, settings, counters, store, nowUs } = page;
      const toUs = Math.min(request.toUs, nowUs - settings.retentionMs * 1000);
      const { rows, next } = await scan(page, { ...request, toUs });
      const dead = rows.filter(({ state }) => state === TOMBSTONE);
      if (settings.dryRun) counters.purged += dead.length;
      else if (dead.length > 0) {
        const purged = await store.purge(toRequest(dead));
        counters.purged += purged; // not before: other stores count meanwhile
      }
      return { rows: 0, next }; // the passes before have counted these rows
    },
  };
}
