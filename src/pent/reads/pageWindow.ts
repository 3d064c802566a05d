import type { ListArgs } from '../../kvetch/reads/KvetchReads.ts';
import { safeError } from '../errors.ts';

/** A page of a list in the direction of reading. */
export interface PageWindow {
  /** How many objects, as the client gave it. */
  readonly first: number | null | undefined;
  /** Begin behind this cursor. */
  readonly after: string | null;
  /** Stop before this cursor. */
  readonly until: string | null;
  readonly reverse: boolean;
  /** Whether it is the last part of what is asked for: it is shown in the order opposite to that of reading. */
  readonly isLast: boolean;
}

/** The page that arguments ask for. */
export function pageWindow({ first, last, after = null, before = null, reverse }: ListArgs): PageWindow {
  const isTurned = reverse === true;
  if (last === null || last === undefined) return { first, after, until: before, reverse: isTurned, isLast: false };
  if (first !== null && first !== undefined) throw safeError('BAD_PAGE', '"first" and "last" cannot be combined.');
  if (!Number.isInteger(last) || last < 0) {
    throw safeError('BAD_PAGE', `"last" is ${String(last)} and must be an integer of 0 or more.`);
  }
  return { first: last, after: before, until: after, reverse: !isTurned, isLast: true };
}

interface Shown {
  readonly objects: readonly unknown[];
  readonly entries: readonly unknown[];
}

/** A page that was read from its end, in the order of its list. */
export function inListOrder<TPage extends Shown>(page: TPage, { isLast }: Pick<PageWindow, 'isLast'>): TPage {
  return isLast ? { ...page, objects: page.objects.toReversed(), entries: page.entries.toReversed() } : page;
}
