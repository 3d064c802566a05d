import { literal } from './literals.ts';

/** The row of `kvetch_meta` that says for how long changes are kept; none where they are not. */
export const CHANGES = 'changes';
/** The name of the feed: it is there when no process writes without leaving its changes. */
export const FEED = 'changes_id';
/** The last number that was removed. */
export const GONE = 'changes_gone';

/** The key of a row of `kvetch_meta` as a literal. */
export function fact(name: string): string {
  return literal(Buffer.from(name));
}
