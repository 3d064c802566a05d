/** A part of a list: `limit` edges behind a place. */
export interface EdgePageRequest {
  readonly edgeId: number;
  readonly fromId: string;
  /** Begin behind `(afterPos, afterId)`; behind the edge to `afterId` when only that is given. */
  readonly afterPos: number | null;
  readonly afterId: string | null;
  readonly limit: number;
  /** From the end of the list, or from before the place: the rows come in that order. */
  readonly reverse?: boolean;
}

/** A part of an index's entries for a value: `limit` entries behind a target. */
export interface EntryPageRequest {
  readonly index: string;
  readonly value: string;
  readonly afterId: string | null;
  readonly limit: number;
}
