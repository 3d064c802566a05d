import type { ScanPage, ScanRequest, ShardStore } from '../shards/ShardStore.ts';
import type { RowKind } from './Findings.ts';

const scans: Readonly<
  Record<RowKind, (store: ShardStore, request: ScanRequest) => ScanPage<unknown> | PromiseLike<ScanPage<unknown>>>
> = {
  objects: (store, request) => store.scanObjects(request),
  edges: (store, request) => store.scanEdges(request),
  entries: (store, request) => store.scanEntries(request),
};

/** How many rows were written after the end of a pass' window. Beyond a page nobody goes on counting. */
export async function countYoung(
  store: ShardStore,
  kind: RowKind,
  { toUs, ...window }: Omit<ScanRequest, 'order' | 'after' | 'limit'>,
  limit: number,
): Promise<number> {
  const young = { ...window, order: 'time' as const, fromUs: toUs + 1, toUs: Number.MAX_SAFE_INTEGER };
  let count = 0;
  for (let after: string | null = null; ; ) {
    const { rows, next } = await scans[kind](store, { ...young, after, limit });
    count += rows.length;
    if (next === null || count >= limit) return count;
    after = next;
  }
}
