import { allowIf, allowWhere, denyAll, member, type Policy, type WriteHooks } from 'planql/pent';
import { ListingBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';
import { MAX_OPEN_OFFERS, Offer } from './Offer.ts';

/** Everybody sees open listings; the seller sees all of its own, and the buyer what it has bought. */
export class Listing extends ListingBase {
  static override readonly privacy: Policy<Listing, Viewer> = {
    read: [
      allowWhere({ status: 'OPEN' }), // so the store counts lists of open ones
      allowIf(
        'seller or buyer',
        ({ sellerId, buyerId }, { viewer }) => viewer.user !== null && [sellerId, buyerId].includes(viewer.user),
      ),
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

  static override readonly hooks: WriteHooks<Listing, Viewer> = {
    validators: [
      ({ before, data }) => [
        ...(before?.status === 'SOLD' && (data.status ?? 'SOLD') !== 'SOLD'
          ? [{ field: 'status', message: 'It is sold.' }]
          : []),
        ...(isBetween(data.title, 1, 100) ? [] : [{ field: 'title', message: 'Use 1 to 100 characters.' }]),
        ...(Number(data.priceCents ?? 0) < 0 ? [{ field: 'priceCents', message: 'It must not be negative.' }] : []),
        ...(Array.isArray(data.photos) && data.photos.length > 8
          ? [{ field: 'photos', message: 'Choose 8 at most.' }]
          : []),
      ],
    ],
    before: [
      ({ kind, data }) => (kind === 'create' ? { offerCount: 0, ...data } : undefined),
      // A listing that leaves the market declines its open offers in the same write.
      async ({ before, data, unit }) => {
        if (before?.status !== 'OPEN' || data.status === undefined || data.status === 'OPEN') return undefined;
        for (const offer of await before.openOffers({ first: 2 * MAX_OPEN_OFFERS })) {
          if (unit?.changes.some((change) => change.before?.id === offer.id)) continue; // the accepted one
          unit?.add(member.update(Offer, offer.id, { status: 'DECLINED' }, { if: { status: 'OPEN' } }));
        }
        // Nor has there been a sale, or one more offer, since they were read.
        const { id, status, offerCount } = before;
        unit?.add(member.check(Listing, id, { if: { status, offerCount } }));
        return undefined;
      },
    ],
  };
}

/** Whether a text has so many characters; what is not there is not judged. */
function isBetween(text: unknown, least: number, most: number): boolean {
  return typeof text !== 'string' || (text.trim().length >= least && text.length <= most);
}
