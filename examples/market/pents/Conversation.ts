import { allowIf, denyAll, type Policy, type WriteHooks } from 'planql/pent';
import { ConversationBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';
import { Listing } from './Listing.ts';
import { User } from './User.ts';

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
    create: [allowIf('buyer', ({ data }, { viewer }) => viewer.user !== null && data.buyer === viewer.user), denyAll],
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

  /** The account of the participant who is not `user`. */
  async accountOfOther(user: string): Promise<string | null> {
    const other = user === this.buyerId ? this.sellerId : this.buyerId;
    return (await User.get(this.$context, other))?.accountId ?? null;
  }
}
