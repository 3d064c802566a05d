/** Who asks. Privacy rules decide by it. Written once: change it as you like. */
import { type Context, createPent, updatePent } from 'planql/pent';
import { Account } from './pents/Account.ts';
import { User } from './pents/User.ts';

export interface Viewer {
  /** The id of an Account: what the viewer has in private. Null for strangers. */
  readonly id: string | null;
  /** The id of its User: what others see. */
  readonly user: string | null;
}

export const stranger: Viewer = { id: null, user: null };

/** Somebody who signs up. */
export interface NewViewer {
  readonly login: string;
  readonly name: string;
  /** The same where a sign-up that was cut off goes on: what is made with it is made once. */
  readonly idempotencyKey: string;
}

/** Makes the objects of a new viewer, and returns the id of the account. */
export async function createViewer(context: Context, { login, name, idempotencyKey }: NewViewer): Promise<string> {
  const user = await createPent(context, User, { name, username: login }, { idempotencyKey });
  const account = user && (await createPent(context, Account, { user: user.id }, { idempotencyKey }));
  if (!account) throw new Error('A new account cannot be read back.');
  await updatePent(context, User, account.userId, { account: account.id });
  return account.id;
}

/** The viewer of a session: `id` is what `createViewer` has returned. */
export async function viewerOf(context: Context, id: string): Promise<Viewer> {
  const account = await Account.get(context, id);
  return account === null ? stranger : { id, user: account.userId };
}
