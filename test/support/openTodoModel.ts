import { allowAll, definePents, type PentModel } from 'planql/pent';
import { kvetchSchema } from '../../examples/todo/generated/kvetchSchema.ts';
import { TodoItem } from '../../examples/todo/pents/TodoItem.ts';
import { TodoList } from '../../examples/todo/pents/TodoList.ts';
import { TodoUser } from '../../examples/todo/pents/TodoUser.ts';

class OpenUser extends TodoUser {
  static override readonly privacy = { write: [allowAll] };
}
class OpenList extends TodoList {
  static override readonly privacy = { write: [allowAll] };
}
class OpenItem extends TodoItem {
  static override readonly privacy = { write: [allowAll] };
}

/** The model of examples/todo without its rules: everybody writes everything. */
export const openTodoModel: PentModel = definePents({
  schema: kvetchSchema,
  pents: [OpenUser, OpenList, OpenItem],
  byDefault: 'deny',
});
