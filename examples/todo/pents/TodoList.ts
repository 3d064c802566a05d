import { allowIf, denyAll, type Policy } from 'planql/pent';
import { TodoListBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';

/** Everybody reads lists; their owners write them, and may give them away. */
export class TodoList extends TodoListBase {
  static override readonly privacy: Policy<TodoList, Viewer> = {
    write: [
      allowIf('owner', ({ before, data }, { viewer }) => (before === null ? data.owner : before.ownerId) === viewer.id),
      denyAll,
    ],
  };
}
