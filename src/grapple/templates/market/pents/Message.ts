import { allowIf, denyAll, denyIf, type Policy, type WriteHooks } from 'planql/pent';
import { MessageBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';
import { Conversation } from './Conversation.ts';
import { notify } from './Notification.ts';
import { hasBlockedViewer } from './User.ts';

/** Read as its conversation is. Participants write, unless the other one has blocked them. */
export class Message extends MessageBase {
  static override readonly privacy: Policy<Message, Viewer> = {
    create: [
      denyIf(
        'blocked',
        async ({ data }, context) => {
          const { user } = context.viewer;
          const talk = await Conversation.get(context, String(data.conversation));
          return talk !== null && user !== null && hasBlockedViewer(talk.otherThan(user), context);
        },
        { message: 'This user takes no messages from you.', code: 'BLOCKED' },
      ),
      allowIf('participant', async ({ data }, context) => {
        const talk = await Conversation.get(context, String(data.conversation));
        const { user } = context.viewer;
        return talk !== null && user !== null && [talk.buyerId, talk.sellerId].includes(user);
      }),
      denyAll,
    ],
    write: [denyAll],
  };

  static override readonly hooks: WriteHooks<Message, Viewer> = {
    validators: [
      ({ data }) => {
        const length = String(data.text).trim().length;
        return length >= 1 && length <= 2000 ? undefined : [{ field: 'text', message: 'Use 1 to 2000 characters.' }];
      },
    ],
    before: [
      ({ kind, data }, { viewer }) =>
        kind === 'create' && viewer.user !== null ? { ...data, author: viewer.user } : undefined,
    ],
    after: [
      async ({ after: message }, context) => {
        const talk = await message?.conversation();
        if (!message || !talk) return;
        const data = { lastMessageAt: message.createdAt };
        await Promise.all([
          ...[talk.buyerId, talk.sellerId].map((user) =>
            context.kvetch.insertEdge('inbox', { fromId: user, toId: talk.id, data }),
          ),
          notify(context, talk.otherThan(message.authorId), talk.id),
        ]);
      },
    ],
  };
}
