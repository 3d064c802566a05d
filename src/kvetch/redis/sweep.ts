import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { StoredRows } from '../shards/rows.ts';
import type { ScanPage, ScanRequest, ShardStore } from '../shards/ShardStore.ts';

const PAGE = 500;
const nothing: StoredRows = { objects: [], edges: [], entries: [] };

/** Shows an audit everything that changed in a store since a time (microseconds), tombstones included. The number of rows. */
export async function sweep(
  store: ShardStore,
  fromUs: number,
  audit: (rows: StoredRows) => Promise<unknown>,
): Promise<number> {
  let count = 0;
  const each = async <TRow>(
    scan: (request: ScanRequest) => MaybePromise<ScanPage<TRow>>,
    toRows: (rows: readonly TRow[]) => StoredRows,
  ): Promise<void> => {
    const window = { fromShard: 0, toShard: LOGICAL_SHARDS - 1, fromUs, toUs: Number.MAX_SAFE_INTEGER, limit: PAGE };
    for (let after: string | null | undefined = null; after !== undefined; ) {
      const page: ScanPage<TRow> = await scan({ ...window, after });
      await audit(toRows(page.rows));
      count += page.rows.length;
      after = page.next ?? undefined;
    }
  };
  await each(
    (request) => store.scanObjects(request),
    (objects) => ({ ...nothing, objects }),
  );
  await each(
    (request) => store.scanEdges(request),
    (edges) => ({ ...nothing, edges }),
  );
  await each(
    (request) => store.scanEntries(request),
    (entries) => ({ ...nothing, entries }),
  );
  return count;
}
