import { allowIf, denyAll, denyIf, type Policy, type WriteHooks } from 'planql/pent';
import { ConversationBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';
import { Listing } from './Listing.ts';
import { hasBlockedViewer } from './User.ts';

/** For its buyer and its seller. A buyer begins it, unless the seller has blocked it. */
export class Conversation extends ConversationBase {
  static override readonly privacy: Policy<Conversation, Viewer> = {
    read: [
      allowIf(
        'participant',
        ({ buyerId, sellerId }, { viewer }) => viewer.user !== null && [buyerId, sellerId].includes(viewer.user),
      ),
      denyAll,
    ],
    create: [
      denyIf(
        'blocked',
        async ({ data }, context) => {
          const listing = await Listing.get(context, String(data.listing));
          return listing !== null && hasBlockedViewer(listing.sellerId, context);
        },
        { message: 'This user takes no messages from you.', code: 'BLOCKED' },
      ),
      allowIf('buyer', ({ data }, { viewer }) => viewer.user !== null && data.buyer === viewer.user),
      denyAll,
    ],
    write: [denyAll],
  };

  static override readonly hooks: WriteHooks<Conversation, Viewer> = {
    before: [
      async ({ kind, data }, context) => {
        if (kind !== 'create' || data.seller !== undefined) return;
        const listing = await Listing.getX(context, String(data.listing));
        return { ...data, seller: listing.sellerId };
      },
    ],
  };

  /** The participant who is not `user`. */
  otherThan(user: string): string {
    return user === this.buyerId ? this.sellerId : this.buyerId;
  }
}
