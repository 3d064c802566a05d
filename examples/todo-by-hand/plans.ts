/** How the graph is read, as plans: each step below is one batched read of the store, whatever the number of rows. */
import { first, fn, get, inhibitIf, lambda, type ObjectConfig, type PlanResolver, type Step } from 'planql';
import { browseObjects, type KvetchObject, loadEdges, loadIndex, loadObject, loadObjects } from 'planql/kvetch';
import { storeSchema } from './store.ts';

const todoUser = objectOf('TodoUser');
const todoList = objectOf('TodoList');
const todoItem = objectOf('TodoItem');

export const plans: Readonly<Record<string, ObjectConfig>> = {
  Query: {
    plans: {
      todoUser: (_$root, { $id }) => todoUser($id),
      todoUserByUsername: (_$root, { $username }) => first(loadObjects(loadIndex('username', $username))),
      todoUsers: (_$root, { $first, $after }) => get(browseObjects('TodoUser', { $first, $after }), 'objects'),
      todoList: (_$root, { $id }) => todoList($id),
      todoItem: (_$root, { $id }) => todoItem($id),
    },
  },
  // A field that is not here is an attribute of the object.
  TodoUser: { plans: { todoLists: edge('user_to_list_edge') } },
  TodoList: { plans: { owner: ($list) => todoUser(get($list, 'owner')), todoItems: edge('list_to_item_edge') } },
  TodoItem: { plans: { todoList: ($item) => todoList(get($item, 'todoList')) } },
  // Mutations give the id of what they wrote; what of it the client wants to see is read as everywhere.
  TodoUserPayload: { plans: { todoUser: ($payload) => todoUser(get($payload, 'id')) } },
  TodoListPayload: { plans: { todoList: ($payload) => todoList(get($payload, 'id')) } },
  TodoItemPayload: { plans: { todoItem: ($payload) => todoItem(get($payload, 'id')) } },
};

/** A page of the objects at the other end of an edge. */
function edge(name: string): PlanResolver {
  return ($object, { $first, $after }) => loadObjects(loadEdges(name, get($object, 'id'), { $first, $after }));
}

/**
 * Loads an object by its id. Ids say nothing of types, so the id of another type's object is checked for: by a gate, through
 * which plans see the id, so that what hangs on it starts with the object.
 */
function objectOf(type: string): ($id: Step<string>) => Step<KvetchObject | null> {
  const { typeId } = storeSchema.type(type);
  const isOther = fn(`todo.isNo.${type}`, (object: KvetchObject | null) => object?.typeId !== typeId);
  return ($id) => {
    const $object = loadObject($id);
    return inhibitIf($object, lambda($object, isOther));
  };
}
