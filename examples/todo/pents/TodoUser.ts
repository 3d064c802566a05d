import { allowIf, denyAll, type Policy } from 'planql/pent';
import { TodoUserBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';

/** Everybody sees who is there. People change themselves; sign-up makes them. */
export class TodoUser extends TodoUserBase {
  static override readonly privacy: Policy<TodoUser, Viewer> = {
    create: [denyAll],
    write: [allowIf('oneself', ({ before }, { viewer }) => before !== null && before.id === viewer.id), denyAll],
  };
}
