import { entriesReflect, listReflects, objectReflects } from '../shards/reflectsWrite.ts';
import type { StoredRows } from '../shards/rows.ts';
import type { CacheKey } from './cacheKeys.ts';
import type { EntryKinds } from './entryKinds.ts';
import type { Invalidations } from './Invalidations.ts';
import type { EntryKind, ReadThrough } from './ReadThrough.ts';

/**
 * Compares what Redis has with rows that a store has, tombstones included, and removes what is older: somebody has
 * written past Redis. How many objects, lists and index values that were. Throws when Redis does not answer: then
 * nothing is known.
 */
export async function audit(
  reads: ReadThrough,
  invalidations: Invalidations,
  kinds: EntryKinds,
  { objects, edges, entries }: StoredRows,
  dryRun: boolean,
): Promise<number> {
  const oldObjects = await oldOnes(
    objects,
    kinds.objects,
    ({ id }) => id,
    (row, found) => objectReflects(found, row),
  );
  const oldLists = await oldOnes(
    edges,
    kinds.lists,
    ({ edgeId, fromId, toId, pos }) => ({ edgeId, fromId, afterPos: pos, afterId: justBefore(toId), limit: 1 }),
    (row, rows, request) => listReflects(request, rows, row),
  );
  const oldEntries = await oldOnes(
    entries,
    kinds.entries,
    ({ index, value, targetId }) => ({ index, value, afterId: justBefore(targetId), limit: 1 }),
    (row, rows, request) => entriesReflect(request, rows, row),
  );
  if (!dryRun) {
    await invalidations.remove([...oldObjects, ...oldLists, ...oldEntries].map(({ key }) => key));
  }
  return oldObjects.length + countKeys([...oldLists, ...oldEntries]);

  async function oldOnes<TRow, TRequest, TOut extends object | null>(
    rows: readonly TRow[],
    kind: EntryKind<TRequest, TOut>,
    toRequest: (row: TRow) => TRequest,
    shows: (row: TRow, found: TOut, request: TRequest) => boolean,
  ): Promise<ReadonlyArray<{ readonly key: CacheKey; readonly row: TRow }>> {
    const asked = rows.flatMap((row) => {
      const request = toRequest(row);
      const key = kind.keyOf(request);
      return key === null ? [] : [{ row, request, key }];
    });
    // a fill that began before the row was committed must not end after this
    if (!dryRun) await invalidations.endFills(asked.map(({ key }) => key));
    const found = await reads.peek(asked, kind);
    return asked.filter(({ row, request }, at) => {
      const value = found[at];
      if (value instanceof Error) throw value;
      return value !== undefined && !shows(row, value, request);
    });
  }
}

/** A text that sorts before an id and behind all smaller ones. */
function justBefore(id: string): string {
  return id.slice(0, -1);
}

function countKeys(ones: ReadonlyArray<{ readonly key: CacheKey }>): number {
  return new Set(ones.map(({ key }) => key.entry)).size;
}
