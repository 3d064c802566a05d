import { ask } from '../ask.ts';
import type { ByHand, Store, Workload } from '../Workload.ts';
import { ByteWriter, bytesOf } from './ByteWriter.ts';
import { lookup, nameOf, textOf } from './texts.ts';

interface User {
  readonly id: string;
  readonly name: string;
}

interface List {
  readonly id: string;
  readonly title: string;
}

interface Item {
  readonly id: string;
  readonly text: string;
  readonly done: boolean;
  readonly priority: number;
}

const operation = `
  query Todo($id: ID!) {
    user(id: $id) {
      id
      name
      lists { id title items { id text done priority } }
    }
  }
`;

function makeStore(): Store {
  const users = new Map<unknown, User>();
  const lists = new Map<unknown, readonly List[]>();
  const items = new Map<unknown, readonly Item[]>();
  for (let u = 0; u < 100; u++) {
    users.set(`u${u}`, { id: `u${u}`, name: nameOf(u) });
    const listsOfUser = Array.from({ length: 10 }, (_, l) => ({ id: `u${u}l${l}`, title: textOf(u * 10 + l) }));
    lists.set(`u${u}`, listsOfUser);
    for (const [l, list] of listsOfUser.entries()) {
      const itemsOfList = Array.from({ length: 5 }, (_, i) => {
        const n = (u * 10 + l) * 5 + i;
        return { id: `i${n}`, text: textOf(n), done: n % 3 === 0, priority: n % 120 };
      });
      items.set(list.id, itemsOfList);
    }
  }
  return { usersByIds: lookup(users), listsOfUsers: lookup(lists), itemsOfLists: lookup(items) };
}

async function load(store: Store, id: unknown) {
  const [user] = (await ask(store, 'usersByIds', [id])) as readonly [User];
  const [lists] = (await ask(store, 'listsOfUsers', [user.id])) as readonly [readonly List[]];
  const items = (await ask(
    store,
    'itemsOfLists',
    lists.map((list) => list.id),
  )) as readonly (readonly Item[])[];
  return { user, lists, items };
}

const writer = new ByteWriter();
const OPEN = bytesOf('{"data":{"user":{"id":');
const NAME = bytesOf(',"name":');
const LISTS = bytesOf(',"lists":[');
const LIST = bytesOf('{"id":');
const TITLE = bytesOf(',"title":');
const ITEMS = bytesOf(',"items":[');
const TEXT = bytesOf(',"text":');
const DONE = bytesOf(',"done":');
const PRIORITY = bytesOf(',"priority":');
const END_LIST = bytesOf(']}');
const CLOSE = bytesOf(']}}}');
const comma = 44;
const brace = 125;

const byHand: ByHand = {
  async bytes(store, variables) {
    const { user, lists, items } = await load(store, variables.id);
    writer.raw(OPEN);
    writer.string(user.id);
    writer.raw(NAME);
    writer.string(user.name);
    writer.raw(LISTS);
    for (let l = 0; l < lists.length; l++) {
      const list = lists[l] as List;
      if (l > 0) writer.byte(comma);
      writer.raw(LIST);
      writer.string(list.id);
      writer.raw(TITLE);
      writer.string(list.title);
      writer.raw(ITEMS);
      writeItems(items[l] as readonly Item[]);
      writer.raw(END_LIST);
    }
    writer.raw(CLOSE);
    return writer.take();
  },

  async objects(store, variables) {
    const { user, lists, items } = await load(store, variables.id);
    return {
      user: {
        id: user.id,
        name: user.name,
        lists: lists.map((list, l) => ({
          id: list.id,
          title: list.title,
          items: items[l]?.map(({ id, text, done, priority }) => ({ id, text, done, priority })),
        })),
      },
    };
  },
};

function writeItems(items: readonly Item[]): void {
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as Item;
    if (i > 0) writer.byte(comma);
    writer.raw(LIST);
    writer.string(item.id);
    writer.raw(TEXT);
    writer.string(item.text);
    writer.raw(DONE);
    writer.boolean(item.done);
    writer.raw(PRIORITY);
    writer.integer(item.priority);
    writer.byte(brace);
  }
}

/** The classic: one user, her 10 lists, their 5 items each. 61 objects, 3 rounds. */
export const todo: Workload = {
  name: 'todo',
  title: 'todo view (61 objects)',
  mode: 'hot',
  typeDefs: `
    type Query { user(id: ID!): User }
    type User { id: ID! name: String! lists: [List!]! }
    type List { id: ID! title: String! items: [Item!]! }
    type Item { id: ID! text: String! done: Boolean! priority: Int! }
  `,
  relations: {
    'Query.user': { kind: 'one', batch: 'usersByIds', by: { argument: 'id' } },
    'User.lists': { kind: 'many', batch: 'listsOfUsers', by: { attribute: 'id' } },
    'List.items': { kind: 'many', batch: 'itemsOfLists', by: { attribute: 'id' } },
  },
  abstractTypes: [],
  makeStore,
  byHand,
  document: () => operation,
  variables: (turn) => ({ id: `u${turn % 100}` }),
  unfit: {},
};

/** The same, asked by 100 clients at once of a store that takes 2 ms and has 10 connections. */
export const crowd: Workload = {
  ...todo,
  name: 'crowd',
  title: '100 concurrent todo views, store with 2 ms and 10 connections',
  mode: 'crowd',
};
