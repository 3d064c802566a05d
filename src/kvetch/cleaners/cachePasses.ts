import type { StoredRows } from '../shards/rows.ts';
import type { ScanPage } from '../shards/ShardStore.ts';
import type { CleanPage, CleanPass } from './runPass.ts';

const nothing: StoredRows = { objects: [], edges: [], entries: [] };

/** From rows to their cached entries: corrects entries that a writer died before removing. */
export const cachePasses: readonly CleanPass[] = [
  cachePass(
    'cache-objects',
    ({ store, request }) => store.scanObjects(request),
    (objects) => ({ ...nothing, objects }),
  ),
  cachePass(
    'cache-edges',
    ({ store, request }) => store.scanEdges(request),
    (edges) => ({ ...nothing, edges }),
  ),
  cachePass(
    'cache-entries',
    ({ store, request }) => store.scanEntries(request),
    (entries) => ({ ...nothing, entries }),
  ),
];

function cachePass<TRow>(
  name: string,
  scan: (page: CleanPage) => ScanPage<TRow> | PromiseLike<ScanPage<TRow>>,
  toRows: (rows: readonly TRow[]) => StoredRows,
): CleanPass {
  return {
    name,
    async run(page) {
      const { context, store, settings, counters } = page;
      const { rows, next } = await scan(page);
      const fixed = (await context.cache?.audit?.(toRows(rows), settings.dryRun, store)) ?? 0;
      counters.cacheFixed += fixed; // not before: other stores count meanwhile
      return { rows: 0, next }; // the passes before have counted these rows
    },
  };
}
