import { allowAll, type Policy } from 'planql/pent';
import { TodoListBase } from '../generated/pents.ts';

/** The business logic of TodoList: privacy, hooks around writes, fields of its own. */
export class TodoList extends TodoListBase {
  /** Everybody may write. Put rules in the place of allowAll when viewers sign in. */
  static override readonly privacy: Policy<TodoList> = { write: [allowAll] };
}
