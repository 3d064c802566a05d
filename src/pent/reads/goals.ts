import { safeError } from '../errors.ts';
import type { PageGoal } from './fillPages.ts';

/** The sizes of a list's page: the default, and the maximum. */
export const DEFAULT_FIRST = 100;
export const MAX_FIRST = 1_000;

/** How much of a list is wanted: `first` as the client gave it. */
export function goalOf(first: number | null | undefined, wantsNext: boolean, wantsEntries = true): PageGoal {
  const wanted = first ?? DEFAULT_FIRST;
  if (!Number.isInteger(wanted) || wanted < 0) {
    throw safeError('BAD_PAGE', `"first" is ${String(first)} and must be an integer of 0 or more.`);
  }
  return { first: Math.min(wanted, MAX_FIRST), wantsNext: wantsNext && wanted > 0, wantsEntries };
}
