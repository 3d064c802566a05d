import { SafeError } from '../../src/errors/SafeError.ts';
import type { LoadPage } from '../load/loader.ts';
import { type CursorKind, decodeCursor } from './cursors.ts';

/** The pagination arguments of a connection field, as clients give them. */
export interface PageArguments {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly before?: string | null;
  readonly after?: string | null;
  readonly offset?: number | null;
}

/** The abilities of the source of the rows. */
export interface SourceAbilities {
  readonly cursors: CursorKind;
  readonly offset: boolean;
  readonly reverse: boolean;
}

/** The rows to load, and the part of them to keep. */
export interface Window {
  readonly page: LoadPage;
  /** Rows to leave out at the beginning of the loaded rows. */
  readonly skip: number;
  /** How many rows to keep of the rest; null for all. */
  readonly take: number | null;
  /** Keep the last ones. */
  readonly fromEnd: boolean;
  /** By position: that of the first row after `skip`, in the whole list. */
  readonly start: number;
  readonly hasAfter: boolean;
  readonly hasBefore: boolean;
}

interface Wanted {
  readonly first: number | null;
  readonly last: number | null;
  readonly offset: number;
  /** 1 to load one row more than wanted, to see whether there are more. */
  readonly extra: number;
}

/** Decides which rows to load. Throws, for clients to see, when the arguments make no sense. */
export function windowOf(args: PageArguments, source: SourceAbilities, wantsMore: boolean): Window {
  const wanted: Wanted = {
    first: amount('first', args.first),
    last: amount('last', args.last),
    offset: amount('offset', args.offset) ?? 0,
    extra: wantsMore ? 1 : 0,
  };
  if (wanted.first !== null && wanted.last !== null) throw new SafeError('"first" and "last" cannot be combined.');
  if (wanted.last !== null && wanted.offset > 0) throw new SafeError('"offset" and "last" cannot be combined.');
  const after = place('after', args.after, source.cursors);
  const before = place('before', args.before, source.cursors);
  return source.cursors === 'position'
    ? byPosition(wanted, after as number | null, before as number | null, source)
    : byCursor(wanted, after as string | null, before as string | null, source);
}

function amount(name: string, value: unknown): number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new SafeError(`"${name}" must be a whole number that is not negative.`);
}

function place(name: string, cursor: unknown, kind: CursorKind): number | string | null {
  if (cursor === null || cursor === undefined) return null;
  const decoded = decodeCursor(kind, cursor);
  if (decoded === null) throw new SafeError(`"${name}" is not a cursor of this connection.`);
  return decoded;
}

/** Places are positions in the whole list: `after` and `before` become an offset and a limit. */
function byPosition(wanted: Wanted, after: number | null, before: number | null, source: SourceAbilities): Window {
  const { first, last, extra } = wanted;
  let start = (after === null ? 0 : after + 1) + wanted.offset;
  const available = before === null ? null : Math.max(0, before - start);
  let take = first;
  let fromEnd = false;
  if (last !== null && available !== null) {
    take = Math.min(last, available);
    start += available - take;
  } else if (last !== null) {
    take = last;
    fromEnd = true;
  } else if (available !== null) take = first === null ? available : Math.min(first, available);
  // A row at `before` is known to be there: only the end of the list has to be looked for.
  const rows = fromEnd || take === null ? null : take + (before === null ? extra : 0);
  const offset = source.offset ? start : 0;
  const skip = start - offset;
  const page = {
    limit: rows === null || rows === 0 ? rows : rows + skip,
    offset,
    after: null,
    before: null,
    reverse: false,
  };
  return { page, skip, take, fromEnd, start, hasAfter: start > 0, hasBefore: before !== null };
}

/** Places are the loader's own cursors: it begins and stops there. */
function byCursor(wanted: Wanted, after: string | null, before: string | null, source: SourceAbilities): Window {
  const { first, last, extra } = wanted;
  const reverse = last !== null && source.reverse;
  const take = reverse ? last : (last ?? first);
  const fromEnd = last !== null && !reverse;
  const offset = source.offset && !reverse ? wanted.offset : 0;
  const skip = wanted.offset - offset;
  const limit = fromEnd || take === null ? null : take + extra === 0 ? 0 : take + skip + extra;
  const page = { limit, offset, after, before, reverse };
  const hasAfter = after !== null || wanted.offset > 0;
  return { page, skip, take, fromEnd, start: 0, hasAfter, hasBefore: before !== null };
}

/** A page of rows, in the order of the list. */
export interface Page {
  readonly rows: readonly unknown[];
  /** By position: that of the first row. */
  readonly start: number;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** Cuts the page out of the rows that were loaded. */
export function pageOf(loaded: readonly unknown[], window: Window): Page {
  const { skip, take, fromEnd, page } = window;
  const rows = skip === 0 ? loaded : loaded.slice(skip);
  const hasMore = take !== null && rows.length > take;
  const cut = hasMore ? rows.length - take : 0;
  const atEnd = fromEnd || page.reverse;
  let kept = rows;
  if (hasMore) kept = fromEnd ? rows.slice(cut) : rows.slice(0, take);
  if (page.reverse) kept = [...kept].reverse();
  const start = window.start + (fromEnd ? cut : 0);
  return {
    rows: kept,
    start,
    hasNextPage: window.hasBefore || (hasMore && !atEnd),
    hasPreviousPage: window.hasAfter || (hasMore && atEnd),
  };
}
