/** Cursors of connections over lists of Kvetch, as clients see them. */
import { MAX_ORDER_KEY_BYTES } from '../../../src/kvetch/codec/orderKey.ts';

/**
 * @param cursor - of an edge, marked with its list; or the id of an entry of a list in order of id.
 * @param mark - the prefix for lists in order of id: in another list of the same index an id means the same place.
 */
export function writeListCursor(cursor: string, mark: string | null): string {
  return mark === null ? cursor : `${mark}:${cursor}`;
}

const EDGE = /^\d{1,16}_[0-9a-f-]{36}_[0-9a-z]{1,7}$/;
/** Of an ordered list. */
const ORDERED = /^o(?:[0-9a-f]{2})*_[0-9a-f-]{36}_[\w-]{11}$/;
const MAX_LENGTH = 2 * MAX_ORDER_KEY_BYTES + 60;
const ID = /^[0-9a-f-]{36}$/;

/** The content of a cursor; null for a text that such a list has never given. */
export function readListCursor(cursor: unknown, mark: string | null): string | null {
  if (typeof cursor !== 'string' || cursor.length > MAX_LENGTH) return null;
  if (mark === null) return EDGE.test(cursor) || ORDERED.test(cursor) ? cursor : null;
  const id = cursor.startsWith(`${mark}:`) ? cursor.slice(mark.length + 1) : '';
  return ID.test(id) ? id : null;
}
