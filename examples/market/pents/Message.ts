import { allowIf, createPent, denyAll, denyIf, type Policy, type WriteHooks } from 'planql/pent';
import { MessageBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';
import { Conversation } from './Conversation.ts';
import { Notification } from './Notification.ts';

/** Read as its conversation is. Participants write, unless the other one has blocked them. */
export class Message extends MessageBase {
  static override readonly privacy: Policy<Message, Viewer> = {
    create: [
      denyIf(
        'blocked',
        async ({ data }, context) => {
          const { user } = context.viewer;
          const talk = await Conversation.get(context, String(data.conversation));
          const account = user === null ? null : await talk?.accountOfOther(user);
          if (user === null || account == null) return false;
          const [isBlocked] = await context.kvetch.hasEdges([{ edge: 'blocks', fromId: account, toId: user }]);
          return isBlocked === true;
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
    before: [
      ({ kind, data }, { viewer }) =>
        kind === 'create' && viewer.user !== null ? { ...data, author: viewer.user } : undefined,
    ],
    after: [
      async ({ after: message }, context) => {
        const talk = await message?.conversation();
        if (!message || !talk) return;
        const data = { lastMessageAt: message.createdAt };
        await Promise.all(
          [talk.buyerId, talk.sellerId].map((user) =>
            context.kvetch.insertEdge('inbox', { fromId: user, toId: talk.id, data }),
          ),
        );
        const account = await talk.accountOfOther(message.authorId);
        if (account !== null) await createPent(context, Notification, { account, about: talk.id });
      },
    ],
  };
}
