import { allowIf, type Context, createPent, denyAll, type Policy } from 'planql/pent';
import { NotificationBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';
import { User } from './User.ts';

/** The server makes it, and its reader says when it was read. */
export class Notification extends NotificationBase {
  static override readonly privacy: Policy<Notification, Viewer> = {
    update: [allowIf('reader', ({ before }, { viewer }) => before?.accountId === viewer.id), denyAll],
    write: [denyAll],
  };
}

/** Tells a user of something, for observers: they write past privacy. */
export async function notify(context: Context, user: string | undefined, about: string): Promise<void> {
  const account = user === undefined ? null : ((await User.get(context, user))?.accountId ?? null);
  if (account !== null) await createPent(context, Notification, { account, about });
}
