import { allowIf, allowWhere, denyAll, type Policy } from 'planql/pent';
import { ListingBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';

/** Everybody sees open listings, and the seller all of its own. */
export class Listing extends ListingBase {
  static override readonly privacy: Policy<Listing, Viewer> = {
    read: [
      allowWhere({ status: 'OPEN' }), // so the store counts lists of open ones
      allowIf('own', ({ sellerId }, { viewer }) => sellerId === viewer.user),
      denyAll,
    ],
    write: [
      allowIf(
        'seller',
        ({ before, data }, { viewer }) => viewer.user !== null && (before?.sellerId ?? data.seller) === viewer.user,
      ),
      denyAll,
    ],
  };
}
