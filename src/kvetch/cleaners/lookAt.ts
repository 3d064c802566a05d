import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import type { ObjectRow } from '../shards/rows.ts';
import type { ScanPage, ScanRequest } from '../shards/ShardStore.ts';

/** How far a look at the objects of a store came. */
export interface Look {
  /** Objects that were looked at. */
  readonly scanned: number;
  /** Whether it was all of them. */
  readonly isWhole: boolean;
}

const everything: Omit<ScanRequest, 'after'> = {
  ...{ order: 'key', fromShard: 0, toShard: LOGICAL_SHARDS - 1, limit: 1000 },
  ...{ fromUs: 0, toUs: Number.MAX_SAFE_INTEGER },
};

/** Looks at objects for so long. A store that fails is left out: `isWhole` is false then. */
export async function lookAt(
  { shards }: KvetchContext,
  withinMs: number,
  visit: (rows: readonly ObjectRow[]) => unknown,
): Promise<Look> {
  const end = performance.now() + withinMs;
  let [scanned, isWhole] = [0, true];
  for (const store of shards.stores) {
    try {
      for (let after: string | null = null; ; ) {
        const { rows, next }: ScanPage<ObjectRow> = await store.scanObjects({ ...everything, after });
        scanned += rows.length;
        await visit(rows);
        if (next === null) break;
        after = next;
        if (performance.now() < end) continue;
        isWhole = false;
        break;
      }
    } catch {
      isWhole = false;
    }
  }
  return { scanned, isWhole };
}
