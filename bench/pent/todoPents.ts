/** The todo application as Grapple generates it, over the store of the example. */
import type { GraphQLSchema } from 'graphql';
import { makeSchema } from 'planql';
import {
  authorizePent,
  definePents,
  Pent,
  type PentDefinition,
  type PentModel,
  pent,
  pentEdge,
  pentStoredId,
  scalars,
} from 'planql/pent';
import { storeSchema } from '../../examples/todo/store.ts';
import { typeDefs } from '../../examples/todo/typeDefs.ts';

class TodoUser extends Pent {
  static override readonly definition: PentDefinition = { name: 'TodoUser', typeId: 100000 };

  get name(): string {
    return this.$record.name as string;
  }

  get username(): string {
    return this.$record.username as string;
  }
}

class TodoList extends Pent {
  static override readonly definition: PentDefinition = {
    name: 'TodoList',
    typeId: 100002,
    storedIds: { owner: ['TodoUser'] },
  };

  get name(): string {
    return this.$record.name as string;
  }
}

class TodoItem extends Pent {
  static override readonly definition: PentDefinition = {
    name: 'TodoItem',
    typeId: 100001,
    storedIds: { todoList: ['TodoList'] },
  };

  get text(): string {
    return this.$record.text as string;
  }

  get todoItemStatus(): string {
    return this.$record.todoItemStatus as string;
  }
}

export const todoModel: PentModel = definePents({ schema: storeSchema, pents: [TodoUser, TodoList, TodoItem] });

export const todoPents: GraphQLSchema = makeSchema({
  typeDefs,
  objects: {
    Query: { plans: { todoUser: (_$root, { $id }) => pent(TodoUser, $id) } },
    TodoUser: {
      authorize: authorizePent,
      hidden: 'leaveOut',
      plans: {
        todoLists: ($pent, { $first, $after }) => pentEdge(TodoList, 'user_to_list_edge', $pent, { $first, $after }),
      },
    },
    TodoList: {
      authorize: authorizePent,
      hidden: 'leaveOut',
      plans: {
        owner: ($pent) => pentStoredId(TodoUser, $pent, 'owner'),
        todoItems: ($pent, { $first, $after }) => pentEdge(TodoItem, 'list_to_item_edge', $pent, { $first, $after }),
      },
    },
    TodoItem: {
      authorize: authorizePent,
      hidden: 'leaveOut',
      plans: { todoList: ($pent) => pentStoredId(TodoList, $pent, 'todoList') },
    },
  },
  scalars: { UUID: scalars.UUID },
});
