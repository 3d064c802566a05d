import { allowIf, denyAll, type Policy } from 'planql/pent';
import { TodoItemBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';
import { TodoList } from './TodoList.ts';

/** Everybody reads items; the owner of the list writes them. */
export class TodoItem extends TodoItemBase {
  static override readonly privacy: Policy<TodoItem, Viewer> = {
    write: [
      // an item that moves is written in two lists
      allowIf('owner of the list', async ({ before, data }, context) => {
        const ids = [before?.todoListId ?? data.todoList, data.todoList ?? before?.todoListId];
        const lists = await Promise.all(ids.map((id) => (typeof id === 'string' ? TodoList.get(context, id) : null)));
        return lists.every((list) => list !== null && list.ownerId === context.viewer.id);
      }),
      denyAll,
    ],
  };
}
