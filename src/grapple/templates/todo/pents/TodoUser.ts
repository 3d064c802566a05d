import { allowAll, type Policy } from 'planql/pent';
import { TodoUserBase } from '../generated/pents.ts';

/** The business logic of TodoUser: privacy, hooks around writes, fields of its own. */
export class TodoUser extends TodoUserBase {
  /** Everybody may write. Put rules in the place of allowAll when viewers sign in. */
  static override readonly privacy: Policy<TodoUser> = { write: [allowAll] };
}
