import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { context, createEngine, get, lambda, makeSchema, type PlanResolver, sideEffect } from '../../../src/index.ts';
import {
  createKvetch,
  type Kvetch,
  loadEdges,
  loadObject,
  loadObjects,
  memoryShards,
  type ShardStore,
} from '../../../src/kvetch.ts';
import { wrapStore } from '../../kvetch/backends.ts';
import { todoSchema as store } from '../../kvetch/todo.ts';

const related = (edge: string): PlanResolver => {
  return ($source, fieldArgs) => loadObjects(loadEdges(edge, get($source, 'id'), fieldArgs as object));
};

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    interface Node { id: ID! }
    type Query { user(id: ID!): User, users(ids: [ID!]!): [User]!, node(id: ID!): Node, listsOf(id: ID!): [List!] }
    type Mutation { addList(user: ID!): User }
    type User implements Node { id: ID!, lists(first: Int = 100, after: String): [List!]! }
    type List implements Node { id: ID!, items(first: Int = 100): [Item!]! }
    type Item { text: String! }
  `,
  objects: {
    Query: {
      plans: {
        user: (_$root, { $id }) => loadObject($id),
        users: (_$root, { $ids }) => loadObjects($ids),
        node: (_$root, { $id }) => loadObject($id),
        listsOf: (_$root, { $id }) => loadObjects(loadEdges('user_to_list', get(loadObject($id), 'id'))),
      },
    },
    Mutation: {
      plans: {
        addList: (_$root, { $user }) => {
          const $before = loadObject($user);
          sideEffect([get($before, 'id'), context()], async ([owner, { kvetch }]) => {
            await kvetch.createObject('List', { owner });
          });
          return $before;
        },
      },
    },
    User: { plans: { lists: related('user_to_list') } },
    List: { plans: { items: related('list_to_item') } },
  },
  interfaces: {
    Node: {
      planType: ($object) => ({
        $__typename: lambda(get($object, 'typeId'), (typeId) => (typeId === 100000 ? 'User' : 'List')),
      }),
    },
  },
});

const engine = createEngine({ schema });

interface Fixture {
  readonly kvetch: Kvetch;
  readonly user: string;
  /** What was asked before anything of it was answered: one list a round. */
  readonly rounds: string[][];
  ask(text: string, variableValues?: Record<string, unknown>): Promise<unknown>;
}

async function open(
  around: (method: string, run: () => unknown) => unknown = (_method, run) => run(),
  behind: (shard: ShardStore) => ShardStore = (shard) => shard,
): Promise<Fixture> {
  const rounds: string[][] = [];
  let underWay = 0;
  const late = (shard: ShardStore): ShardStore =>
    wrapStore(behind(shard), async (method, run) => {
      if (!method.startsWith('read')) return run();
      if (underWay++ === 0) rounds.push([]);
      rounds.at(-1)?.push(method);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      return around(method, run);
    });
  const kvetch = createKvetch({ schema: store, shards: memoryShards(1).map(late) });
  const user = await kvetch.createObject('User', { username: 'anne' });
  for (let n = 0; n < 3; n++) {
    const list = await kvetch.createObject('List', { owner: user });
    for (const text of ['a', 'b']) await kvetch.createObject('Item', { text: `${text}${n}`, list });
  }
  const ask = async (text: string, variableValues: Record<string, unknown> = {}): Promise<unknown> => {
    rounds.length = 0;
    const contextValue = { kvetch };
    return JSON.parse(JSON.stringify(await engine.execute({ document: parse(text), variableValues, contextValue })));
  };
  return { kvetch, user, rounds, ask };
}

const both = ['read'];
const view = 'query ($id: ID!) { user(id: $id) { lists { items { text } } } }';
const items = (n: number) => ({ items: [{ text: `a${n}` }, { text: `b${n}` }] });

const test = suite('Kvetch load steps: pages that are read with the objects they belong to');

test('a view of three levels is three rounds', async () => {
  const { user, rounds, ask } = await open();
  assert.equal(await ask(view, { id: user }), { data: { user: { lists: [0, 1, 2].map(items) } } });
  assert.equal(rounds, [both, both, ['readObjects']]);
});

test('of objects by id too, and in whatever case the ids are written', async () => {
  const { user, rounds, ask } = await open();
  const text = 'query ($ids: [ID!]!) { users(ids: $ids) { lists { items { text } } } }';
  const answer = await ask(text, { ids: [user.toUpperCase()] });
  assert.equal(answer, { data: { users: [{ lists: [0, 1, 2].map(items) }] } });
  assert.equal(rounds, [both, both, ['readObjects']]);
});

test('pages of two sizes, and of two edges, are different pages', async () => {
  const { user, ask } = await open();
  const text =
    'query ($id: ID!) { user(id: $id) { one: lists(first: 1) { id } none: lists(first: 0) { id } lists { id } } }';
  const { data } = (await ask(text, { id: user })) as { data: { user: Record<string, unknown[]> } };
  assert.equal(
    Object.values(data.user).map(({ length }) => length),
    [1, 0, 3],
  );
});

test('who is not there has no lists: nobody asks for what was read ahead', async () => {
  const { kvetch, user, ask } = await open();
  await kvetch.deleteObject(user);
  assert.equal(await ask(view, { id: user }), { data: { user: null } });
  assert.equal(await ask('query ($id: ID!) { listsOf(id: $id) { id } }', { id: user }), { data: { listsOf: null } });
  const broken = (await ask(view, { id: 'nonsense' })) as { errors: { path: unknown }[] };
  assert.equal(
    broken.errors.map(({ path }) => path),
    [['user']],
  );
});

test('what fails fails where it is asked for', async () => {
  let isDown = false;
  const { user, ask } = await open(
    (_method, run) => run(),
    (shard) => {
      const readEdgePages: ShardStore['readEdgePages'] = (...args) => {
        if (isDown) throw new Error('down');
        return Object.getPrototypeOf(shard).readEdgePages.apply(shard, args);
      };
      return Object.assign(shard, { readEdgePages });
    },
  );
  isDown = true;
  const { data, errors } = (await ask('query ($id: ID!) { user(id: $id) { id lists { id } } }', { id: user })) as {
    data: unknown;
    errors: { path: unknown }[];
  };
  assert.equal(data, { user: null });
  assert.equal(
    errors.map(({ path }) => path),
    [['user', 'lists']],
  );
});

const sooner: ReadonlyArray<readonly [string, string]> = [
  [
    'pages that are not the first',
    'query ($id: ID!, $after: String) { user(id: $id) { lists(after: $after) { id } } }',
  ],
  [
    'pages of a size that comes with the request',
    'query ($id: ID!, $n: Int = 3) { user(id: $id) { lists(first: $n) { id } } }',
  ],
];

for (const [what, text] of sooner) {
  test(`ahead: ${what}`, async () => {
    const { user, rounds, ask } = await open();
    const answer = JSON.stringify(await ask(text, { id: user }));
    assert.is(answer.match(/"id"/g)?.length, 3, answer);
    assert.equal(rounds, [both, ['readObjects']]);
  });
}

test('ahead: of objects of one type only, as soon as its branch is planned', async () => {
  const { user, rounds, ask } = await open();
  const text = 'query ($id: ID!) { node(id: $id) { ... on User { lists { id } } } }';
  const first = await ask(text, { id: user });
  assert.equal(rounds, [['readObjects'], ['readEdgePages'], ['readObjects']]);
  assert.equal(await ask(text, { id: user }), first);
  // The lists are those that were read a moment ago.
  assert.equal(rounds, [both]);
});

test('not ahead of an effect: what it writes is shown', async () => {
  const { user, ask } = await open();
  const { data } = (await ask('mutation ($id: ID!) { addList(user: $id) { lists { id } } }', { id: user })) as {
    data: { addList: { lists: unknown[] } };
  };
  assert.is(data.addList.lists.length, 4);
});

test('a plan says what is read ahead, and does so where it is imported', async () => {
  const { user, kvetch } = await open();
  const text = await engine.explain({ document: parse(view), variableValues: { id: user }, contextValue: { kvetch } });
  assert.match(String(text), /kvetch\.edgeObjects.*, starts at once/);
  assert.match(String(text), /kvetch\.edgeObjects.*, starts with the ids of \$\d+/);
});

test('stores that answer at once are asked for nothing ahead', async () => {
  const kvetch = createKvetch({ schema: store, shards: memoryShards(1) });
  const user = await kvetch.createObject('User', { username: 'bo' });
  await kvetch.deleteObject(user);
  kvetch.stats.reset();
  await engine.execute({ document: parse(view), variableValues: { id: user }, contextValue: { kvetch } });
  assert.is(kvetch.stats.rounds, 1);
});

test.run();
