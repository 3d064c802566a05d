import { allowAll, type Policy } from 'planql/pent';
import { TodoItemBase } from '../generated/pents.ts';

/** The business logic of TodoItem: privacy, hooks around writes, fields of its own. */
export class TodoItem extends TodoItemBase {
  /** Everybody may write. Put rules in the place of allowAll when viewers sign in. */
  static override readonly privacy: Policy<TodoItem> = { write: [allowAll] };
}
