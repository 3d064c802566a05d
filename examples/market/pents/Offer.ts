import { allowIf, denyAll, type Policy } from 'planql/pent';
import { OfferBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';

/** Its buyer and the seller of the listing see it; the buyer makes it, and the seller answers it. */
export class Offer extends OfferBase {
  static override readonly privacy: Policy<Offer, Viewer> = {
    read: [
      allowIf('buyer', ({ buyerId }, { viewer }) => buyerId === viewer.user),
      allowIf('seller', async (offer, { viewer }) => (await offer.listing())?.sellerId === viewer.user),
      denyAll,
    ],
    create: [allowIf('buyer', ({ data }, { viewer }) => viewer.user !== null && data.buyer === viewer.user), denyAll],
    update: [
      allowIf('seller', async ({ before }, { viewer }) => (await before?.listing())?.sellerId === viewer.user),
      denyAll,
    ],
    delete: [denyAll],
  };
}
