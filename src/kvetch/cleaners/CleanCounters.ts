/** The result of a run of the cleaners; with `dryRun`, the result that it would have had. */
export interface CleanCounters {
  /** Rows that were looked at. */
  scanned: number;
  /** Edges that an object asked for and that were not there. */
  missingEdges: number;
  /** Edges to objects that are gone or do not point back. */
  orphanEdges: number;
  missingIndex: number;
  staleIndex: number;
  /** Values of unique indexes that two objects have: the cleaner cannot know which is right. */
  conflicts: number;
  /** Stored ids of `mustExist` edges that name no object of their type. They are left as they are. */
  danglingIds: number;
  /** Objects that were deleted, or whose stored id was cleared, as the object that it names is deleted (`onDelete`). */
  cascaded: number;
  /** Objects that were deleted, as they had expired (`expiresAt`). */
  expired: number;
  /** Cached objects, lists and index values that were older than their rows. */
  cacheFixed: number;
  /** Tombstones removed for good. */
  purged: number;
  /**
   * Rows younger than `graceMs`, tombstones among them: they may belong to a write that is under way, and are left for a
   * later run. Of each kind and store they are counted up to the size of a page.
   */
  tooYoung: number;
  /** Rows of types, edges and indexes that the schema does not know. They are never touched. */
  unknown: number;
  /** Rows and pages that could not be read or written: they are left for the next run. */
  errors: number;
}

export function newCounters(): CleanCounters {
  return {
    scanned: 0,
    missingEdges: 0,
    orphanEdges: 0,
    missingIndex: 0,
    staleIndex: 0,
    conflicts: 0,
    danglingIds: 0,
    cascaded: 0,
    expired: 0,
    cacheFixed: 0,
    purged: 0,
    tooYoung: 0,
    unknown: 0,
    errors: 0,
  };
}
