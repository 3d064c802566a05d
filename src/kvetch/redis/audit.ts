import { ServerUnavailableError } from '../errors.ts';
import { isOrdered } from '../schema/listNumbers.ts';
import type { EdgePageRequest, EntryPageRequest } from '../shards/pageRequests.ts';
import { entriesReflect, listReflects, objectReflects } from '../shards/reflectsWrite.ts';
import type { EdgeRow, EntryRow, StoredRows } from '../shards/rows.ts';
import type { CountRequest, EdgeStore } from '../shards/ShardStore.ts';
import type { CacheKey, CacheKeys } from './cacheKeys.ts';
import type { EntryKinds } from './entryKinds.ts';
import type { Invalidations } from './Invalidations.ts';
import type { CachedAnswer, EntryKind } from './Reading.ts';
import type { ReadThrough } from './ReadThrough.ts';

/** The cache that is compared with the rows of `store`. */
interface Audited {
  readonly reads: ReadThrough;
  readonly invalidations: Invalidations;
  readonly keys: CacheKeys;
  readonly kinds: EntryKinds;
  readonly store: EdgeStore;
  readonly dryRun: boolean;
}

/** The entry in Redis for the request of a row. */
interface Found<TRow, TRequest, TOut> {
  readonly key: CacheKey;
  readonly row: TRow;
  readonly request: TRequest;
  readonly value: TOut;
}

/**
 * Compares entries in Redis with rows of a store, tombstones included, and removes older entries: a writer has bypassed
 * Redis. Kept sums of their lists are removed unseen: rows do not say what is added up. Returns the number of removed objects, lists, counts and index values. Throws if Redis does not answer.
 */
export async function audit(
  { reads, invalidations, keys, kinds, store, dryRun }: Audited,
  { objects, edges, entries }: StoredRows,
): Promise<number> {
  const foundObjects = await find(objects, kinds.objects, ({ id }) => id);
  const oldObjects = foundObjects.filter(({ row, value }) => !objectReflects(value, row));
  const listAt = ({ edgeId, fromId, toId, pos, key }: EdgeRow): EdgePageRequest => {
    const at = { afterPos: pos, ...(key !== undefined && { afterKey: key }) };
    return { edgeId, fromId, ...at, afterId: justBefore(toId), limit: 1 };
  };
  const listBefore = (row: EdgeRow): EdgePageRequest => ({
    ...listAt(row),
    afterId: justBehind(row.toId),
    reverse: true,
  });
  const foundLists = await find(edges, kinds.lists, listAt, listBefore);
  const oldLists = foundLists.filter(({ row, request, value }) => !listReflects(request, value, row));
  const oldCounts = await wrongCounts(store, await find(listsOf(edges), kinds.counts, (list) => list));
  const entryAt = ({ index, value, targetId }: EntryRow): EntryPageRequest => {
    return { index, value, afterId: justBefore(targetId), limit: 1 };
  };
  const entryBefore = (row: EntryRow): EntryPageRequest => ({
    ...entryAt(row),
    afterId: justBehind(row.targetId),
    reverse: true,
  });
  const foundEntries = await find(entries, kinds.entries, entryAt, entryBefore);
  const sums = listsOf(edges).flatMap(({ edgeId, fromId }) => (isOrdered(edgeId) ? [keys.sum(edgeId, fromId)] : []));
  const oldEntries = foundEntries.filter(({ row, request, value }) => !entriesReflect(request, value, row));
  const old = [...oldObjects, ...oldLists, ...oldCounts, ...oldEntries].map(({ key }) => key);
  if (!dryRun) await invalidations.remove([...old, ...sums]);
  return new Set(old.map(({ entry }) => entry)).size;

  async function find<TRow, TRequest, TOut extends CachedAnswer>(
    rows: readonly TRow[],
    kind: EntryKind<TRequest, TOut>,
    ...toRequests: ReadonlyArray<(row: TRow) => TRequest>
  ): Promise<ReadonlyArray<Found<TRow, TRequest, TOut>>> {
    const wanted = toRequests.flatMap((toRequest) => rows.map((row) => ({ row, request: toRequest(row) })));
    const asked = wanted.flatMap(({ row, request }) => {
      const key = kind.keyOf(request, null);
      return key === null ? [] : [{ row, request, key }];
    });
    // a fill that began before the row was committed must not end after this
    if (!dryRun) await invalidations.endFills(asked.map(({ key }) => key));
    const found = await reads.peek(asked, kind);
    return asked.flatMap((one, at) => {
      const value = found[at];
      if (value instanceof Error) throw new ServerUnavailableError('redis', value);
      return value === undefined ? [] : [{ ...one, value }];
    });
  }
}

/** Only cached counts are counted anew. */
async function wrongCounts<T extends Found<CountRequest, CountRequest, number>>(
  store: EdgeStore,
  found: readonly T[],
): Promise<readonly T[]> {
  if (found.length === 0) return [];
  const counts = await store.countEdges(
    found.map(({ request }) => request),
    { fresh: 'store', isTracked: false, trace: null },
  );
  return found.filter(({ value }, at) => {
    const count = counts[at];
    if (count instanceof Error) throw count;
    return count !== value;
  });
}

function listsOf(edges: readonly EdgeRow[]): readonly CountRequest[] {
  return [...new Map(edges.map(({ edgeId, fromId }) => [`${edgeId} ${fromId}`, { edgeId, fromId }])).values()];
}

/** A text that sorts behind an id and before all larger ones. */
function justBehind(id: string): string {
  return `${id}0`;
}

/** A text that sorts before an id and behind all smaller ones. */
function justBefore(id: string): string {
  return id.slice(0, -1);
}
