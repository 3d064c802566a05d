import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { ScanPage, ScanRequest, ShardStore } from '../shards/ShardStore.ts';
import type { CacheKeys } from './cacheKeys.ts';
import type { Invalidations } from './Invalidations.ts';

const PAGE = 500;

/** Tells Redis again of everything that changed in a store within a window of time (microseconds), tombstones included. */
export async function sweep(
  store: ShardStore,
  keys: CacheKeys,
  invalidations: Invalidations,
  fromUs: number,
  toUs: number,
): Promise<number> {
  let rows = 0;
  const each = async <TRow>(
    scan: (request: ScanRequest) => MaybePromise<ScanPage<TRow>>,
    tell: (rows: readonly TRow[]) => Promise<void>,
  ): Promise<void> => {
    let after: string | null = null;
    do {
      const page: ScanPage<TRow> = await scan({
        fromShard: 0,
        toShard: LOGICAL_SHARDS - 1,
        fromUs,
        toUs,
        after,
        limit: PAGE,
      });
      await tell(page.rows);
      rows += page.rows.length;
      after = page.next;
    } while (after !== null);
  };
  await each(
    (request) => store.scanObjects(request),
    (page) => invalidations.applyObjects(page.map((row) => ({ key: keys.object(row.id), row }))),
  );
  await each(
    (request) => store.scanEdges(request),
    (page) => invalidations.remove(page.map((row) => keys.list(row.edgeId, row.fromId))),
  );
  await each(
    (request) => store.scanEntries(request),
    (page) => invalidations.remove(page.map((row) => keys.entries(row.index, row.value))),
  );
  return rows;
}
