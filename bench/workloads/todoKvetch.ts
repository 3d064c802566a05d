import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from '../../src/kvetch.ts';
import type { Store, Workload } from '../Workload.ts';
import { nameOf, textOf } from './texts.ts';
import { todo } from './todo.ts';

const schema = defineKvetchSchema({
  objects: [
    { typeId: 100000, name: 'User' },
    { typeId: 100001, name: 'List' },
    { typeId: 100002, name: 'Item' },
  ],
  edges: [
    { edgeId: 10000, name: 'user_to_list', from: 'User', storedOn: 'List', storedIdAttr: 'owner' },
    { edgeId: 10001, name: 'list_to_item', from: 'List', storedOn: 'Item', storedIdAttr: 'list' },
  ],
});

/** The todo data in 4 memory shards, with ids that follow from keys: each process holds the same. */
async function fill(): Promise<{ readonly kvetch: Kvetch; readonly users: ReadonlyMap<unknown, string> }> {
  const kvetch = createKvetch({ schema, shards: memoryShards(4) });
  const users = new Map<unknown, string>();
  for (let u = 0; u < 100; u++) {
    const owner = await create(kvetch, 'User', `u${u}`, { name: nameOf(u) });
    users.set(`u${u}`, owner);
    for (let l = 0; l < 10; l++) {
      const n = u * 10 + l;
      const list = await create(kvetch, 'List', `u${u}l${l}`, { title: textOf(n), owner });
      for (let i = n * 5; i < n * 5 + 5; i++) {
        await create(kvetch, 'Item', `i${i}`, { text: textOf(i), done: i % 3 === 0, priority: i % 120, list });
      }
    }
  }
  return { kvetch, users };
}

/** An id that follows from `key`, so that answers of two processes can be compared. */
function create(kvetch: Kvetch, type: string, key: string, data: Record<string, unknown>): Promise<string> {
  return kvetch.createObject(type, data, { idempotencyKey: key });
}

async function makeStore(): Promise<Store> {
  const { kvetch, users } = await fill();
  const related = (edge: string) => async (ids: readonly unknown[]) => {
    const pages = await kvetch.reads.edgeObjects(ids.map((fromId) => ({ edge, fromId: fromId as string })));
    return pages.map((page) => (page instanceof Error ? page : page.objects));
  };
  return {
    usersByIds: async (names) => kvetch.reads.objects(names.map((name) => users.get(name))),
    listsOfUsers: related('user_to_list'),
    itemsOfLists: related('list_to_item'),
  };
}

/** The todo view from Kvetch's embedded store in memory: what a store that does real work leaves of the differences. */
export const todoKvetch: Workload = {
  ...todo,
  name: 'todo-kvetch',
  title: 'todo view from Kvetch, 4 shards in memory',
  makeStore,
};
