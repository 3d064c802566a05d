/** Who asks. Privacy rules decide by it. Written once: change it as you like. */
import { type Context, createPent } from 'planql/pent';
import { TodoUser } from './pents/TodoUser.ts';

export interface Viewer {
  /** The id of a TodoUser; null for strangers. */
  readonly id: string | null;
}

export const stranger: Viewer = { id: null };

/** Somebody who signs up. */
export interface NewViewer {
  readonly login: string;
  readonly name: string;
  /** The same where a sign-up that was cut off goes on: what is made with it is made once. */
  readonly idempotencyKey: string;
}

/** Makes the object of a new viewer, and returns its id. */
export async function createViewer(context: Context, { login, name, idempotencyKey }: NewViewer): Promise<string> {
  const user = await createPent(context, TodoUser, { name, username: login }, { idempotencyKey });
  if (user === null) throw new Error('A new user cannot be read back.');
  return user.id;
}

/** The viewer of a session: `id` is what `createViewer` has returned. */
export async function viewerOf(_context: Context, id: string): Promise<Viewer> {
  return { id };
}
