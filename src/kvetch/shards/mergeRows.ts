import { type EdgeRow, type EntryRow, LIVE, TOMBSTONE } from './rows.ts';

/**
 * The row that stays when `put` meets `existing`: the meaning that the SQL of other stores must agree with.
 * The higher source version wins whatever the order of arrival; among equals the later one. A tombstone keeps the
 * place of the edge, so that cursors to it go on working.
 */
export function mergeEdge(existing: EdgeRow | null, put: EdgeRow, keepPosition: boolean): EdgeRow {
  if (existing === null) return put;
  if (put.srcVersion < existing.srcVersion) return existing;
  const dies = put.state === TOMBSTONE;
  const stays = dies || (keepPosition && existing.state === LIVE);
  if (!stays) return put;
  const stayed = {
    ...put,
    pos: existing.pos,
    createdUs: existing.createdUs,
    body: dies ? null : put.body,
    record: null,
  };
  // the place in an ordered list is that of the newest attributes or data
  return dies && existing.key !== undefined ? { ...stayed, key: existing.key } : stayed;
}

/** The edge that a store puts for one that is no object's: it comes after all earlier puts. */
export function stampEdge(existing: EdgeRow | null, put: EdgeRow): EdgeRow {
  const srcVersion = stampBehind(existing, put);
  return mergeEdge(existing, { ...put, srcVersion }, true);
}

/** The same for an entry. */
export function stampEntry(existing: EntryRow | null, put: EntryRow): EntryRow {
  return mergeEntry(existing, { ...put, srcVersion: stampBehind(existing, put) });
}

function stampBehind(existing: EdgeRow | EntryRow | null, { srcVersion }: EdgeRow | EntryRow): number {
  return existing === null ? srcVersion : Math.max(existing.srcVersion + 1, srcVersion);
}

/** The row of an index that is not unique that stays. */
export function mergeEntry(existing: EntryRow | null, put: EntryRow): EntryRow {
  if (existing === null) return put;
  if (put.srcVersion < existing.srcVersion) return existing;
  const stays = put.state === TOMBSTONE || existing.state === LIVE;
  return stays ? { ...put, createdUs: existing.createdUs } : put;
}

/** The row that stays after a claim to a unique value, or `null` when the other holder keeps it. */
export function mergeClaim(existing: EntryRow | null, claim: EntryRow, replaces: EntryRow | null): EntryRow | null {
  if (existing === null || existing.state === TOMBSTONE) return claim;
  if (existing.targetId === claim.targetId) {
    return { ...claim, createdUs: existing.createdUs, srcVersion: Math.max(existing.srcVersion, claim.srcVersion) };
  }
  const same = replaces?.targetId === existing.targetId && replaces.srcVersion === existing.srcVersion;
  return same ? claim : null;
}

/** The row of a unique value once the object that claimed it is written, or `null` when the claim was lost. */
export function mergeConfirm(existing: EntryRow | null, claim: EntryRow): EntryRow | null {
  if (existing === null || existing.state === TOMBSTONE || existing.targetId !== claim.targetId) return null;
  return { ...existing, srcVersion: Math.max(existing.srcVersion, claim.srcVersion + 1) };
}

/** The row of a unique value after its holder lets go, or `null` when it is not the holder's to let go any more. */
export function mergeRelease(existing: EntryRow | null, put: EntryRow): EntryRow | null {
  if (existing === null || existing.targetId !== put.targetId || put.srcVersion < existing.srcVersion) return null;
  return { ...put, createdUs: existing.createdUs };
}
