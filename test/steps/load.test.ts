import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fail } from '../../src/step/signals.ts';
import {
  constant,
  context,
  each,
  fn,
  get,
  type LoadInfo,
  lambda,
  list,
  loader,
  loadMany,
  loadOne,
  object,
} from '../../steps/index.ts';
import { eventually, plain, runner } from './support.ts';

interface User {
  readonly id: string;
  readonly name: string;
  readonly friendIds: readonly string[];
}

const users = new Map<string, User>(
  ['1', '2', '3', '4', '5'].map((id, i) => [
    id,
    { id, name: `user ${id}`, friendIds: [String(((i + 1) % 5) + 1), String(((i + 2) % 5) + 1)] },
  ]),
);

interface Call {
  readonly loader: string;
  readonly keys: readonly unknown[];
  readonly attributes: readonly string[] | null;
  readonly global: unknown;
}

const calls: Call[] = [];
const note = (name: string, keys: readonly unknown[], { attributes, global }: LoadInfo): void => {
  calls.push({ loader: name, keys, attributes, global });
};

const userById = loader<User, string>({
  name: 'test.userById',
  load: (ids, info) => {
    note('userById', ids, info);
    return ids.map((id) => users.get(id) ?? null);
  },
});
const userByIdLater = loader<User, string>({
  name: 'test.userByIdLater',
  load: async (ids, info) => {
    note('userByIdLater', ids, info);
    return ids.map((id) => (id === '3' ? fail(new Error('User 3 is away.')) : users.get(id)));
  },
});
const userByKnownId = loader<User, string>({ ...userById, name: 'test.userByKnownId', ioEquivalence: 'id' });
const friendsOf = loader<User[], string, { first: number }>({
  name: 'test.friendsOf',
  load: async (ids, info) => {
    note('friendsOf', ids, info);
    return ids.map((id) =>
      users
        .get(id)
        ?.friendIds.slice(0, info.global.first)
        .map((friend) => users.get(friend) as User),
    );
  },
});
const rowOfTenant = loader<{ text: string }, string, { tenant: string }>({
  name: 'test.rowOfTenant',
  load: async (ids, info) => {
    note('rowOfTenant', ids, info);
    return ids.map((id) => ({ text: `${info.global.tenant}/${id}` }));
  },
});
const byPair = loader<{ text: string }, readonly [string, string]>({
  name: 'test.byPair',
  ioEquivalence: ['a', 'b'],
  load: (keys, info) => {
    note('byPair', keys, info);
    return keys.map(([a, b]) => ({ text: `${a}-${b}`, a, b }));
  },
});
const broken = (name: string, result: unknown) => loader({ name, load: () => result as never });
const short = broken('test.short', [1]);
const noList = broken('test.noList', undefined);
const noLists = loader<never[], string>({ name: 'test.noLists', load: (ids) => ids.map(() => 'text' as never) });
const throwing = loader({
  name: 'test.throwing',
  load: () => {
    throw new Error('The store is down.');
  },
});
const shout = fn('test.shout', (user: User | null) => user?.name.toUpperCase() ?? null);

const run = runner({
  typeDefs: `
    type Query {
      user(id: ID): User  known(id: ID): User  pair(a: ID, b: ID): Pair  record(a: ID, b: ID): Pair
      users(ids: [ID]!): [User]  later(ids: [ID]!): [User]  row(tenant: String!, id: ID!): Row
      shout(id: ID!): String  short: [Int]  noList: [Int]  noLists: [Int]  throwing: Int  whole(id: ID!): Any  bare(id: ID!): User
      tenantOf: Row
    }
    type Mutation { touch(id: ID!): User }
    scalar Any
    type Row { text: String }
    type Pair { a: ID b: ID text: String }
    type User { id: ID! name: String friends(first: Int! = 2): [User!] friendList: [User] best: User }
  `,
  plans: {
    Query: {
      user: (_$root, { $id }) => loadOne($id, userById),
      known: (_$root, { $id }) => loadOne($id, userByKnownId),
      pair: (_$root, { $a, $b }) => loadOne(list([$a, $b]), byPair),
      record: (_$root, { $a, $b }) =>
        loadOne(
          { x: $a, y: $b },
          loader<{ a: string }, { x: string; y: string }>({
            name: 'test.byRecord',
            ioEquivalence: { x: 'a', y: 'b' },
            load: (keys, info) => {
              note('byRecord', keys, info);
              return keys.map(({ x, y }) => ({ a: x, text: x + y }));
            },
          }),
        ),
      users: (_$root, { $ids }) => each<string, User | null>($ids, ($id) => loadOne($id, userById)),
      later: (_$root, { $ids }) => each<string, User | null>($ids, ($id) => loadOne($id, userByIdLater)),
      row: (_$root, { $tenant, $id }) => loadOne($id, rowOfTenant, { tenant: $tenant }),
      tenantOf: () => loadOne(constant('x'), rowOfTenant, context()),
      shout: (_$root, { $id }) => lambda(loadOne($id, userById), shout),
      short: () => each(constant([1, 2, 3, 4, 5]), ($n) => loadOne($n, short)),
      noList: () => each(constant([1, 2]), ($n) => loadOne($n, noList)),
      noLists: () => loadMany(constant('k'), noLists),
      throwing: () => loadOne(constant('k'), throwing),
      whole: (_$root, { $id }) => loadOne($id, userById),
      bare: (_$root, { $id }) => loadOne($id, (ids: readonly string[]) => ids.map((id) => users.get(id))),
    },
    Mutation: { touch: (_$root, { $id }) => loadOne($id, userById) },
    User: {
      friends: ($user, { $first }) => loadMany(get($user, 'id'), friendsOf, { first: $first }),
      friendList: ($user) => each<string, User | null>(get($user, 'friendIds'), ($id) => loadOne($id, userById)),
      best: ($user) => loadOne(get(object({ id: get($user, 'id') }), 'id'), userById),
    },
  },
});

const test = suite('load');
test.before.each(() => {
  calls.length = 0;
});

test('one row: what is read is what is asked for', () => {
  assert.equal(plain(run('{ user(id: 1) { name id name } }')).data, { user: { name: 'user 1', id: '1' } });
  assert.equal(calls, [{ loader: 'userById', keys: ['1'], attributes: ['id', 'name'], global: undefined }]);
});

test('null keys and unknown keys are null; a null key is not asked for', () => {
  assert.equal(plain(run('{ a: user(id: null) { name } b: user { name } }')).data, { a: null, b: null });
  assert.is(calls.length, 0);
  assert.equal(plain(run('{ user(id: 77) { name } }')).data, { user: null });
});

test('keys of a list are asked for once each, and results go back to their rows', () => {
  const { data } = plain(run('{ users(ids: [2, null, 1, 2, 99]) { name } }'));
  assert.equal(data, { users: [{ name: 'user 2' }, null, { name: 'user 1' }, { name: 'user 2' }, null] });
  assert.equal(
    calls.map(({ keys }) => keys),
    [['2', '1', '99']],
  );
});

test('equal fields are one load; different keys of one loader share a call with the union of attributes', () => {
  plain(run('{ a: user(id: 1) { name } b: user(id: 1) { id } c: user(id: 2) { id friendList { name } } }'));
  assert.equal(calls[0], {
    loader: 'userById',
    keys: ['1', '2'],
    attributes: ['friendIds', 'id', 'name'],
    global: undefined,
  });
  assert.is(calls.length, 2);
});

test('the cache spans depths, and is reset for each mutation field', () => {
  plain(run('{ users(ids: [1, 2, 3]) { friendList { name friendList { name } } } }'));
  assert.equal(
    calls.map(({ keys }) => keys),
    [
      ['1', '2', '3'],
      ['4', '5'],
    ],
  );
  calls.length = 0;
  plain(run('mutation { a: touch(id: 1) { name } b: touch(id: 1) { name } }'));
  assert.equal(
    calls.map(({ keys }) => keys),
    [['1'], ['1']],
  );
});

test('globals are part of what a load is', async () => {
  const { data } = await eventually(
    run(
      '{ user(id: 1) { a: friends(first: 1) { name } b: friends(first: 2) { name best { friends(first: 1) { id } } } } }',
    ),
  );
  assert.equal(data, {
    user: {
      a: [{ name: 'user 2' }],
      b: [
        { name: 'user 2', best: { friends: [{ id: '3' }] } },
        { name: 'user 3', best: { friends: [{ id: '4' }] } },
      ],
    },
  });
  const firsts = calls.filter((call) => call.loader === 'friendsOf').map(({ global, keys }) => [global, keys]);
  assert.equal(firsts, [
    [{ first: 1 }, ['1']],
    [{ first: 2 }, ['1']],
    [{ first: 1 }, ['2', '3']],
  ]);
});

test('two tenants never share', async () => {
  const { data } = await eventually(run('{ a: row(tenant: "A", id: 1) { text } b: row(tenant: "B", id: 1) { text } }'));
  assert.equal(data, { a: { text: 'A/1' }, b: { text: 'B/1' } });
});

test('globals that are instances count by identity', async () => {
  class Tenant {
    readonly #name: string;
    constructor(name: string) {
      this.#name = name;
    }
    get tenant(): string {
      return this.#name;
    }
  }
  const [a, b] = await Promise.all([
    eventually(run('{ tenantOf { text } }', { context: new Tenant('A') })),
    eventually(run('{ tenantOf { text } }', { context: new Tenant('B') })),
  ]);
  assert.equal([a.data, b.data], [{ tenantOf: { text: 'A/x' } }, { tenantOf: { text: 'B/x' } }]);
});

test('one failing key fails its rows only', async () => {
  const { data, errors } = await eventually(run('{ later(ids: [1, 3, 2, 3]) { name } }'));
  assert.equal(data, { later: [{ name: 'user 1' }, null, { name: 'user 2' }, null] });
  assert.equal(errors, ['later.1: User 3 is away.', 'later.3: User 3 is away.']);
  assert.is(calls.length, 1);
});

test('a wrong result names the loader', () => {
  const { errors } = plain(run('{ short noList noLists throwing }'));
  assert.is(
    errors.find((e) => e.startsWith('short.0')),
    'short.0: Loader "test.short" returned 1 result for 5 keys. It must return a list with one entry a key, in the order of the keys.',
  );
  assert.match(
    errors.find((e) => e.startsWith('noList.0')) ?? '',
    /Loader "test.noList" returned undefined for 2 keys/,
  );
  assert.match(
    errors.find((e) => e.startsWith('noLists')) ?? '',
    /Loader "test.noLists" returned "text" for key "k", where loadMany\(\) needs a list/,
  );
  assert.is(
    errors.find((e) => e.startsWith('throwing')),
    'throwing: The store is down.',
  );
});

test('composite keys are equal when their parts are; parts of the key need no loading', () => {
  assert.equal(plain(run('{ x: pair(a: 1, b: 2) { text a } }')).data, { x: { text: '1-2', a: '1' } });
  assert.is(calls.length, 1);
  calls.length = 0;
  assert.equal(plain(run('{ pair(a: 1, b: 2) { a b } record(a: 3, b: 4) { a b } }')).data, {
    pair: { a: '1', b: '2' },
    record: { a: '3', b: '4' },
  });
  assert.is(calls.length, 0);
  plain(run('{ record(a: 3, b: 4) { text } }'));
  assert.equal(calls[0]?.keys, [{ x: '3', y: '4' }]);
});

test('ioEquivalence: the id alone loads nothing, and loads below do not wait', async () => {
  assert.equal(plain(run('{ known(id: 1) { id } }')).data, { known: { id: '1' } });
  assert.equal(plain(run('{ known(id: null) { id } }')).data, { known: null });
  assert.is(calls.length, 0);
  await eventually(run('{ known(id: 1) { id friends(first: 1) { id } } }'));
  assert.equal(
    calls.map((call) => call.loader),
    ['friendsOf'],
  );
});

test('a reader of the whole value gets all attributes', () => {
  assert.equal(plain(run('{ shout(id: 1) }')).data, { shout: 'USER 1' });
  assert.is(calls[0]?.attributes, null);
  calls.length = 0;
  assert.equal(plain(run('{ whole(id: 1) }')).data, { whole: users.get('1') });
  assert.is(calls[0]?.attributes, null);
});

test('a bare function is a loader without a name', () => {
  assert.equal(plain(run('{ bare(id: 4) { name } }')).data, { bare: { name: 'user 4' } });
});

test('what is no loader is refused where it is planned', () => {
  const refused = runner({
    typeDefs: 'type Query { a: Int }',
    plans: { Query: { a: () => loadOne(constant(1), {} as never) } },
  });
  assert.equal(plain(refused('{ a }')).errors, ['a: loadOne() was given {}. It needs a loader() or a function.']);
});

test.run();
