import { allowIf, denyAll, denyIf, member, type Policy, type WriteHooks } from 'planql/pent';
import { OfferBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';
import { Listing } from './Listing.ts';
import { notify } from './Notification.ts';
import { hasBlockedViewer } from './User.ts';

/** A listing takes no more at a time: one write declines them all, and has at most 100 members. */
export const MAX_OPEN_OFFERS = 40;

/**
 * Its buyer and the seller of the listing see it; the buyer makes it, and the seller answers it. A write of an offer and
 * what it means for its listing happen both or not at all, so a listing that is sold has no open offer.
 */
export class Offer extends OfferBase {
  static override readonly privacy: Policy<Offer, Viewer> = {
    read: [
      allowIf('buyer', ({ buyerId }, { viewer }) => buyerId === viewer.user),
      allowIf('seller', async (offer, { viewer }) => (await offer.listing())?.sellerId === viewer.user),
      denyAll,
    ],
    create: [
      denyIf(
        'blocked',
        async ({ data }, context) => {
          const listing = await Listing.get(context, String(data.listing));
          return listing !== null && hasBlockedViewer(listing.sellerId, context);
        },
        { message: 'This user takes no offers from you.', code: 'BLOCKED' },
      ),
      allowIf('buyer', ({ data }, { viewer }) => viewer.user !== null && data.buyer === viewer.user),
      denyAll,
    ],
    update: [
      allowIf('seller', async ({ before }, { viewer }) => (await before?.listing())?.sellerId === viewer.user),
      denyAll,
    ],
    delete: [denyAll],
  };

  static override readonly hooks: WriteHooks<Offer, Viewer> = {
    validators: [
      ({ kind, before }) =>
        kind === 'update' && before?.status !== 'OPEN'
          ? [{ field: 'status', message: 'This offer was answered before.' }]
          : undefined,
      async ({ kind, data }, context) => {
        if (kind !== 'create') return undefined;
        if (data.status !== 'OPEN') return [{ field: 'status', message: 'An offer begins open.' }];
        if (Number(data.amountCents) <= 0) return [{ field: 'amountCents', message: 'Offer something.' }];
        const listing = await Listing.getX(context, String(data.listing));
        if (listing.status !== 'OPEN') return [{ field: 'listing', message: 'It is not for sale.' }];
        if (listing.sellerId === data.buyer) return [{ field: 'listing', message: 'It is yours.' }];
        const open = await listing.openOffers({ first: MAX_OPEN_OFFERS });
        if (open.some(({ buyerId }) => buyerId === data.buyer))
          return [{ field: 'listing', message: 'You have an open offer for it.' }];
        const message = `It has ${MAX_OPEN_OFFERS} open offers. Wait until the seller has answered some.`;
        return open.length < MAX_OPEN_OFFERS ? undefined : [{ field: 'listing', message }];
      },
    ],
    before: [
      async ({ kind, before, data, unit }, context) => {
        const listing = before?.listingId ?? String(data.listing);
        const isOpen = { if: { status: 'OPEN' } };
        if (kind === 'create') {
          // Of offers that come at the same time, one is written: the others have not seen it.
          const { offerCount } = await Listing.getX(context, listing);
          const isAsSeen = { if: { status: 'OPEN', offerCount } };
          unit?.add(member.update(Listing, listing, { offerCount: offerCount + 1 }, isAsSeen));
        } else if (data.status === 'ACCEPTED') {
          unit?.add(member.update(Listing, listing, { status: 'SOLD', buyer: before?.buyerId }, isOpen));
        } else if (!unit?.changes.some((change) => change.before?.id === listing)) {
          unit?.add(member.check(Listing, listing, isOpen));
        }
        return undefined;
      },
    ],
    after: [
      async ({ kind, after: offer }, context) => {
        if (!offer) return;
        const seller = (await offer.listing())?.sellerId;
        await notify(context, kind === 'create' ? seller : offer.buyerId, offer.id);
      },
    ],
  };
}
