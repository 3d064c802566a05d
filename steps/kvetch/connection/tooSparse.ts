import { PlanqlError } from '../../../src/errors/PlanqlError.ts';

/** A page for which too many entries were looked at that are not shown. */
export function tooSparse(): PlanqlError<'PAGE_TOO_SPARSE'> {
  return new PlanqlError(
    'PAGE_TOO_SPARSE',
    'A page was given up: too many entries of its list are hidden or stale. Read the list by an edge or index that holds fewer of them.',
  );
}
