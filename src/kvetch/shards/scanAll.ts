import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { isPromise } from './chain.ts';
import type { StoredRows } from './rows.ts';
import type { EdgeStore, EntryStore, ObjectStore, ScanPage, ScanRequest, ShardSpan } from './ShardStore.ts';

const PAGE = 1000;
const nothing: StoredRows = { objects: [], edges: [], entries: [] };

/** All rows of some shards, in pages; in one turn of the event loop where the store answers at once. */
export async function scanAll(
  store: ObjectStore & EdgeStore & EntryStore,
  [fromShard, toShard]: ShardSpan,
): Promise<readonly StoredRows[]> {
  const pages: StoredRows[] = [];
  const each = async <TRow>(
    scan: (request: ScanRequest) => MaybePromise<ScanPage<TRow>>,
    toRows: (rows: readonly TRow[]) => StoredRows,
  ): Promise<void> => {
    const window = { order: 'key' as const, fromShard, toShard, fromUs: 0, toUs: Number.MAX_SAFE_INTEGER, limit: PAGE };
    for (let after: string | null | undefined = null; after !== undefined; ) {
      const scanning: MaybePromise<ScanPage<TRow>> = scan({ ...window, after });
      const page: ScanPage<TRow> = isPromise(scanning) ? await scanning : scanning;
      if (page.rows.length > 0) pages.push(toRows(page.rows));
      after = page.next ?? undefined;
    }
  };
  const all = [
    each(
      (request) => store.scanObjects(request),
      (objects) => ({ ...nothing, objects }),
    ),
    each(
      (request) => store.scanEdges(request),
      (edges) => ({ ...nothing, edges }),
    ),
    each(
      (request) => store.scanEntries(request),
      (entries) => ({ ...nothing, entries }),
    ),
  ];
  await Promise.all(all);
  return pages;
}
