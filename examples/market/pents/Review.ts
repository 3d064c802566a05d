import { allowIf, denyAll, type Policy, type WriteHooks } from 'planql/pent';
import { ReviewBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';
import { notify } from './Notification.ts';

/** Everybody reads it; those who are signed in write some. */
export class Review extends ReviewBase {
  static override readonly privacy: Policy<Review, Viewer> = {
    create: [
      allowIf(
        'signed in, of somebody else',
        ({ data }, { viewer }) => viewer.user !== null && data.seller !== viewer.user,
      ),
      denyAll,
    ],
    write: [denyAll],
  };

  static override readonly hooks: WriteHooks<Review, Viewer> = {
    validators: [
      ({ data }) =>
        Number(data.stars) >= 1 && Number(data.stars) <= 5
          ? undefined
          : [{ field: 'stars', message: 'Give 1 to 5 stars.' }],
    ],
    before: [
      ({ kind, data }, { viewer }) =>
        kind === 'create' && viewer.user !== null ? { ...data, author: viewer.user } : undefined,
    ],
    after: [({ after: review }, context) => notify(context, review?.sellerId, review?.id ?? '')],
  };
}
