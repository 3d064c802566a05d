/** What is stored: three types of objects, two edges that follow from stored ids, and an index. */
import { defineKvetchSchema, type Kvetch, type KvetchSchema } from 'planql/kvetch';

export const storeSchema: KvetchSchema = defineKvetchSchema({
  objects: [
    {
      typeId: 100000,
      name: 'TodoUser',
      fields: { name: { kind: 'string', required: true }, username: { kind: 'string', required: true } },
    },
    {
      typeId: 100002,
      name: 'TodoList',
      fields: { name: { kind: 'string', required: true }, owner: 'uuid' },
    },
    {
      typeId: 100001,
      name: 'TodoItem',
      fields: {
        text: { kind: 'string', required: true },
        todoList: 'uuid',
        todoItemStatus: { kind: 'string', required: true },
      },
    },
  ],
  // Nobody writes these: a list with an owner is in its owner's lists, and Kvetch keeps it so.
  edges: [
    { edgeId: 10000, name: 'user_to_list_edge', from: 'TodoUser', storedOn: 'TodoList', storedIdAttr: 'owner' },
    {
      edgeId: 10001,
      name: 'list_to_item_edge',
      from: 'TodoList',
      storedOn: 'TodoItem',
      storedIdAttr: 'todoList',
      colocate: true, // an item lives where its list does, so that one transaction writes it
    },
  ],
  indexes: [{ name: 'username', type: 'TodoUser', attr: 'username', kind: 'string', unique: true }],
});

const firstNames = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Frances', 'Tony', 'Radia', 'Ken'];
const lastNames = ['Okafor', 'Lindgren', 'Moreau', 'Tanaka', 'Silva', 'Novak', 'Haddad', 'Kumar', 'Byrne', 'Castillo'];
const places = ['Home', 'Garden', 'Office', 'Groceries', 'Holiday', 'Garage', 'School', 'Choir', 'Kitchen', 'Someday'];
const verbs = ['Paint', 'Repair', 'Measure', 'Order', 'Return', 'Sort', 'Borrow'];
const things = ['the ladder', 'three chairs', 'a new lamp', 'the old maps', 'some seeds', 'the red bicycle'];

/** Fills a store: by default 200 users with 10 lists of 5 items each, 10,000 items together. Returns the users' ids. */
export async function fill(kvetch: Kvetch, users = 200, lists = 10, items = 5): Promise<string[]> {
  const userIds = await create(kvetch, 'TodoUser', users, (n) => ({
    name: `${pick(firstNames, n)} ${pick(lastNames, Math.floor(n / firstNames.length))}`,
    username: `user${n}`,
  }));
  const listIds = await create(kvetch, 'TodoList', users * lists, (n) => ({
    name: pick(places, n),
    owner: userIds[Math.floor(n / lists)],
  }));
  await create(kvetch, 'TodoItem', users * lists * items, (n) => ({
    text: `${pick(verbs, n)} ${pick(things, n)}`,
    todoList: listIds[Math.floor(n / items)],
    todoItemStatus: n % 3 === 0 ? 'COMPLETED' : 'OPEN',
  }));
  return userIds;
}

async function create(
  kvetch: Kvetch,
  type: string,
  count: number,
  dataOf: (n: number) => Record<string, unknown>,
): Promise<string[]> {
  const requests = Array.from({ length: count }, (_, n) => ({ data: dataOf(n) }));
  const ids: string[] = [];
  for (const entry of await kvetch.createObjects(type, requests)) {
    if (entry instanceof Error) throw entry; // each object succeeds or fails alone; here, none may
    ids.push(entry);
  }
  return ids;
}

function pick(words: readonly string[], n: number): string {
  return words[n % words.length] as string;
}
