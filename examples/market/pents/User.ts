import type { Context } from 'planql/pent';
import { UserBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';

/** What others see of somebody. Its private things are its account's. */
export class User extends UserBase {}

/** Whether `user` has blocked the viewer. A test for rules: they see past privacy. */
export async function hasBlockedViewer(user: string, context: Context<Viewer>): Promise<boolean> {
  const account = (await User.get(context, user))?.accountId ?? null;
  const toId = context.viewer.user;
  if (account === null || toId === null) return false;
  const [isBlocked] = await context.kvetch.hasEdges([{ edge: 'blocks', fromId: account, toId }]);
  return isBlocked === true;
}
