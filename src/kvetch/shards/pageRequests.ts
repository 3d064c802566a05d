import type { SummedPart } from '../codec/sumOfKeys.ts';

/** A list, or a part of it, whose edges are counted. */
export interface CountRequest {
  readonly edgeId: number;
  readonly fromId: string;
  /** In an ordered list: only keys from this one on. */
  readonly low?: string;
  /** Only keys below this one. */
  readonly high?: string;
  /** Count no further. */
  readonly upTo?: number;
  /** In an ordered list: not how many edges there are, but the sum of this attribute, the first one of the order. */
  readonly sum?: SummedPart;
}

/** A part of a list: `limit` edges behind a place. */
export interface EdgePageRequest {
  readonly edgeId: number;
  readonly fromId: string;
  /** Begin behind `(afterPos, afterId)`; behind the edge to `afterId` when only that is given. */
  readonly afterPos: number | null;
  readonly afterId: string | null;
  /** In an ordered list in place of `afterPos`, which is 0 then. */
  readonly afterKey?: string;
  /** In an ordered list: only keys from this one on. */
  readonly low?: string;
  /** Only keys below this one. */
  readonly high?: string;
  readonly limit: number;
  /** From the end of the list, or from before the place: the rows come in that order. */
  readonly reverse?: boolean;
  /** Only targets and places are asked for: an index has these. The other columns of the rows may be empty. */
  readonly isBrief?: boolean;
}

/** Whether a page that was asked for is of the same part of its list as a wanted one, is read the same way, and has its columns. */
export function isSameWay(asked: EdgePageRequest, wanted: EdgePageRequest): boolean {
  if (asked.isBrief === true && wanted.isBrief !== true) return false;
  const isTurned = (asked.reverse === true) !== (wanted.reverse === true);
  return !isTurned && asked.low === wanted.low && asked.high === wanted.high;
}

/** Whether it begins at the same place, too. */
export function isSameStart(one: EdgePageRequest, other: EdgePageRequest): boolean {
  return (
    one.afterId === other.afterId &&
    one.afterPos === other.afterPos &&
    one.afterKey === other.afterKey &&
    isSameWay(one, other)
  );
}

/** Whether a whole list is counted. */
export function isCountOfAll(request: CountRequest): boolean {
  return request.sum === undefined && isOfAll(request);
}

/** Whether a whole list is counted, or added up. */
export function isOfAll({ low, high, upTo }: CountRequest): boolean {
  return low === undefined && high === undefined && upTo === undefined;
}

/** Tells the counts of one list from each other. */
export function countedPartOf({ low = '', high = '', upTo, sum }: CountRequest): string {
  return `${low} ${high} ${upTo ?? ''} ${sum?.attr ?? ''}`;
}

/** Whether a page is of a part of the list, whatever its start. */
export function hasBounds({ low, high }: EdgePageRequest): boolean {
  return low !== undefined || high !== undefined;
}

/** A part of an index's entries for a value: `limit` entries behind a target. */
export interface EntryPageRequest {
  readonly index: string;
  readonly value: string;
  readonly afterId: string | null;
  readonly limit: number;
  /** From the last target, or from before `afterId`: the rows come in that order. */
  readonly reverse?: boolean;
}

/** Whether two pages of an index value begin at the same place, and are read the same way. */
export function isSameEntryStart(one: EntryPageRequest, other: EntryPageRequest): boolean {
  return one.afterId === other.afterId && isSameEntryWay(one, other);
}

export function isSameEntryWay(one: EntryPageRequest, other: EntryPageRequest): boolean {
  return (one.reverse === true) === (other.reverse === true);
}
