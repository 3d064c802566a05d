import { BadPageError, quote } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';

/** Where a page begins: behind `(pos, id)`, or behind the place of `id` when its position is not known yet. */
export interface EdgeStart {
  readonly pos: number | null;
  readonly id: string;
}

/** The cursor of an edge: its position and its target. In decimal, which takes a tenth of the time of a shorter base. */
export function edgeCursor(pos: number, toId: string): string {
  return `${pos}_${toId}`;
}

/** Reads `after` of a list: `null`, a cursor, or the bare id of a target. */
export function parseEdgeStart(after: unknown): EdgeStart | null {
  if (after === null || after === undefined) return null;
  const bare = parseId(after);
  if (bare !== null) return { pos: null, id: bare };
  if (typeof after === 'string' && after.length < 60) {
    const [digits = '', text, more] = after.split('_');
    const id = parseId(text);
    if (id !== null && more === undefined && /^\d{1,16}$/.test(digits)) {
      const pos = Number(digits);
      if (Number.isSafeInteger(pos)) return { pos, id };
    }
  }
  throw badAfter(after);
}

/** Reads `after` where pages are ordered by id: `null` or an id. */
export function parseIdStart(after: unknown): string | null {
  if (after === null || after === undefined) return null;
  const id = parseId(after);
  if (id === null) throw badAfter(after);
  return id;
}

function badAfter(after: unknown): BadPageError {
  return new BadPageError(`"after" is ${quote(after)}, which is neither a cursor of this list nor an id.`);
}

/** Reads `first`: an integer from 0, at most `max`; absent means `fallback`. Above `max` is `max`. */
export function parseFirst(first: unknown, fallback: number, max: number): number {
  if (first === null || first === undefined) return fallback;
  if (typeof first !== 'number' || !Number.isInteger(first) || first < 0) {
    throw new BadPageError(`"first" is ${quote(first)} and must be an integer of 0 or more.`);
  }
  return Math.min(first, max);
}
