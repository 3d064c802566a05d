import { ask } from '../ask.ts';
import type { ByHand, Store, Workload } from '../Workload.ts';
import { ByteWriter, bytesOf } from './ByteWriter.ts';
import { lookup, nameOf } from './texts.ts';

interface User {
  readonly id: string;
  readonly name: string;
  readonly age: number;
}

function makeStore(size: number): Store {
  const users = Array.from({ length: size }, (_, n) => ({ id: `u${n}`, name: nameOf(n), age: 18 + (n % 70) }));
  const friends = new Map<unknown, readonly User[]>(
    users.map(({ id }, n) => [id, Array.from({ length: 20 }, (_, f) => users[(n * 31 + f * 17 + 1) % size] as User)]),
  );
  return {
    firstUsers: async (counts) => counts.map((count) => users.slice(0, count as number)),
    friendsOfUsers: lookup(friends),
  };
}

async function load(store: Store, count: number) {
  const [users] = (await ask(store, 'firstUsers', [count])) as readonly [readonly User[]];
  const friends = (await ask(
    store,
    'friendsOfUsers',
    users.map(({ id }) => id),
  )) as readonly (readonly User[])[];
  return { users, friends };
}

const writer = new ByteWriter();
const OPEN = bytesOf('{"data":{"users":[');
const USER = bytesOf('{"id":');
const NAME = bytesOf(',"name":');
const AGE = bytesOf(',"age":');
const FRIENDS = bytesOf(',"friends":[');
const END_USER = bytesOf(']}');
const CLOSE = bytesOf(']}}');
const comma = 44;
const brace = 125;

function byHandOf(count: number): ByHand {
  return {
    async bytes(store) {
      const { users, friends } = await load(store, count);
      writer.raw(OPEN);
      for (let u = 0; u < users.length; u++) {
        const user = users[u] as User;
        if (u > 0) writer.byte(comma);
        writer.raw(USER);
        writer.string(user.id);
        writer.raw(NAME);
        writer.string(user.name);
        writer.raw(FRIENDS);
        writeFriends(friends[u] as readonly User[]);
        writer.raw(END_USER);
      }
      writer.raw(CLOSE);
      return writer.take();
    },

    async objects(store) {
      const { users, friends } = await load(store, count);
      return {
        users: users.map(({ id, name }, u) => ({
          id,
          name,
          friends: friends[u]?.map((friend) => ({ id: friend.id, name: friend.name, age: friend.age })),
        })),
      };
    },
  };
}

function writeFriends(friends: readonly User[]): void {
  for (let f = 0; f < friends.length; f++) {
    const friend = friends[f] as User;
    if (f > 0) writer.byte(comma);
    writer.raw(USER);
    writer.string(friend.id);
    writer.raw(NAME);
    writer.string(friend.name);
    writer.raw(AGE);
    writer.integer(friend.age);
    writer.byte(brace);
  }
}

/** Users with 20 friends each, of 1,000 users or as many as are asked for: 2 rounds. */
export function friendsOf(name: string, count: number): Workload {
  return {
    name,
    title: `${count.toLocaleString('en')} users × 20 friends`,
    mode: 'hot',
    typeDefs: `
      type Query { users(first: Int!): [User!]! }
      type User { id: ID! name: String! age: Int! friends: [User!]! }
    `,
    relations: {
      'Query.users': { kind: 'many', batch: 'firstUsers', by: { argument: 'first' } },
      'User.friends': { kind: 'many', batch: 'friendsOfUsers', by: { attribute: 'id' } },
    },
    abstractTypes: [],
    makeStore: () => makeStore(Math.max(1000, count)),
    byHand: byHandOf(count),
    document: () => `{ users(first: ${count}) { id name friends { id name age } } }`,
    variables: () => ({}),
    unfit: {},
  };
}

export const friends: Workload = friendsOf('friends', 100);
