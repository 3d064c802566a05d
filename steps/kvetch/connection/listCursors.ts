import { MAX_ORDER_KEY_BYTES } from '../../../src/kvetch/codec/orderKey.ts';

/** Cursors of connections over lists of Kvetch, as clients see them. */

/**
 * @param cursor - of an edge or of an entry of an ordered list, marked with its list; or the id of an entry of a list in
 *   order of id.
 * @param mark - the prefix for lists in order of id: in another list of the same index an id means the same place.
 */
export function writeListCursor(cursor: string, mark: string | null): string {
  return mark === null || !ID.test(cursor) ? cursor : `${mark}:${cursor}`;
}

const EDGE = /^\d{1,16}_[0-9a-f-]{36}_[0-9a-z]{1,7}$/;
/** The reader of the list looks at its seal. */
const ORDERED = /^o(?:[0-9a-f]{2})*_[0-9a-f-]{36}_[\w-]{11}$/;
const ID = /^[0-9a-f-]{36}$/;
const MAX_CHARS = 2 * MAX_ORDER_KEY_BYTES + 60;

/** The content of a cursor; null for a text that such a list has never given. */
export function readListCursor(cursor: unknown, mark: string | null): string | null {
  if (typeof cursor !== 'string' || cursor.length > MAX_CHARS) return null;
  if (ORDERED.test(cursor)) return cursor;
  if (mark === null) return EDGE.test(cursor) ? cursor : null;
  const id = cursor.startsWith(`${mark}:`) ? cursor.slice(mark.length + 1) : '';
  return ID.test(id) ? id : null;
}
