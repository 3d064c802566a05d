import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnyStep, createEngine, get, lambda, makeSchema } from '../../../src/index.ts';
import {
  browseObjects,
  countEdges,
  createKvetch,
  defineKvetchSchema,
  type Kvetch,
  loadEdgeObjects,
  loadEdges,
  loadIndex,
  loadObject,
  loadObjects,
  memoryShards,
  type ShardStore,
} from '../../../src/kvetch.ts';

const store = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User' },
    { typeId: 2, name: 'List' },
    { typeId: 3, name: 'Item' },
  ],
  edges: [
    { edgeId: 10, name: 'user_to_list', from: 'User', storedOn: 'List', storedIdAttr: 'owner' },
    { edgeId: 12, name: 'user_to_shared', from: 'User', storedOn: 'List', storedIdAttr: 'sharedWith' },
    { edgeId: 11, name: 'list_to_item', from: 'List', storedOn: 'Item', storedIdAttr: 'list' },
  ],
  indexes: [{ name: 'username', type: 'User', attr: 'username', kind: 'string', unique: true }],
});

const typeDefs = /* GraphQL */ `
  type Query {
    user(id: ID!): User
    byName(username: String!): [User!]!
    nodes(ids: [ID!]!): [List]!
    allLists(first: Int): [List!]!
  }
  type User { id: ID! name: String! count: Int! lists(first: Int = 100, after: String): [List!]! page(first: Int!): Page!
    shared(first: Int = 3): [List!]! ofNobody: [List!] }
  type Page { hasNextPage: Boolean! endCursor: String objects: [List!]! }
  type List { id: ID! name: String! owner: User items(first: Int = 100): [Item!] firsts: [Item!] }
  type Item { text: String! }
`;

const idOf = ($step: AnyStep): AnyStep => get($step, 'id');

const schema = makeSchema({
  typeDefs,
  objects: {
    Query: {
      plans: {
        user: (_$root, { $id }) => loadObject($id),
        byName: (_$root, { $username }) => loadObjects(loadIndex('username', $username)),
        nodes: (_$root, { $ids }) => loadObjects($ids),
        allLists: (_$root, { $first }) => get(browseObjects('List', { $first }), 'objects'),
      },
    },
    User: {
      plans: {
        count: ($user) => countEdges('user_to_list', idOf($user)),
        lists: ($user, { $first, $after }) => loadObjects(loadEdges('user_to_list', idOf($user), { $first, $after })),
        shared: ($user, { $first }) => loadObjects(loadEdges('user_to_shared', idOf($user), { $first })),
        ofNobody: ($user) => loadObjects(loadEdges('user_to_list', get($user, 'nobody'))),
        page: ($user, { $first }) => loadEdgeObjects('user_to_list', idOf($user), { $first }),
      },
    },
    List: {
      plans: {
        owner: ($list) => loadObject(get($list, 'owner')),
        items: ($list, { $first }) => loadObjects(loadEdges('list_to_item', idOf($list), { $first })),
        // As many as the list's own number says: a page that differs from row to row.
        firsts: ($list) =>
          loadObjects(
            loadEdges('list_to_item', idOf($list), {
              $first: lambda(get($list, 'wanted'), (wanted) => wanted as number),
            }),
          ),
      },
    },
  },
});

interface Fixture {
  readonly kvetch: Kvetch;
  readonly user: string;
  readonly lists: readonly string[];
  run(operation: string, variables?: Record<string, unknown>): Promise<ExecutionResult>;
}

async function fixture(shards: readonly ShardStore[] = memoryShards(3)): Promise<Fixture> {
  const kvetch = createKvetch({ schema: store, shards });
  const user = await kvetch.createObject('User', { name: 'Änne', username: 'anne' });
  const lists: string[] = [];
  for (let list = 0; list < 10; list++) {
    lists.push(
      await kvetch.createObject('List', { name: `list ${list}`, owner: user, sharedWith: user, wanted: list % 3 }),
    );
    for (let item = 0; item < 5; item++) {
      await kvetch.createObject('Item', { text: `item ${list}.${item}`, list: lists[list] });
    }
  }
  kvetch.stats.reset();
  const engine = createEngine({ schema });
  const run = async (operation: string, variableValues?: Record<string, unknown>): Promise<ExecutionResult> =>
    engine.execute({ document: parse(operation), contextValue: { kvetch }, variableValues });
  return { kvetch, user, lists, run };
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const test = suite('Kvetch load steps');

test('the todo view takes five rounds, however many rows there are', async () => {
  const { kvetch, user, run } = await fixture();
  const view = `query ($id: ID!) { user(id: $id) { name lists { name items { text } } } }`;
  const { data, errors } = await run(view, { id: user });
  assert.is(errors, undefined);
  const { lists } = (plain(data) as { user: { lists: { name: string; items: { text: string }[] }[] } }).user;
  assert.is(lists.length, 10);
  assert.equal(lists[3], { name: 'list 3', items: [0, 1, 2, 3, 4].map((item) => ({ text: `item 3.${item}` })) });
  assert.is(kvetch.stats.rounds, 5);
});

test('on an embedded store the answer is there at once', async () => {
  const { kvetch, user } = await fixture();
  const document = parse(`{ user(id: "${user}") { name lists { items { text } } } }`);
  assert.not(createEngine({ schema }).execute({ document, contextValue: { kvetch } }) instanceof Promise);
});

test('steps that are ready together share a round', async () => {
  const { kvetch, user, lists, run } = await fixture();
  await run(`{ a: user(id: "${user}") { name } b: nodes(ids: ["${lists[0]}", "${lists[1]}"]) { name } }`);
  assert.is(kvetch.stats.rounds, 1);
});

test('an object is loaded once a request', async () => {
  const { kvetch, user, run } = await fixture();
  const { data } = await run(`{ user(id: "${user}") { lists { owner { name } } } }`);
  const { lists } = (plain(data) as { user: { lists: { owner: { name: string } }[] } }).user;
  assert.ok(lists.every(({ owner }) => owner.name === 'Änne'));
  assert.is(kvetch.stats.rounds, 3);
});

test('a page from an argument, with its cursor', async () => {
  const { user, run } = await fixture();
  const view = `query ($id: ID!, $after: String) {
    user(id: $id) { count page(first: 4) { hasNextPage endCursor objects { name } } lists(first: 2, after: $after) { name } } }`;
  const first = plain((await run(view, { id: user })).data) as { user: { page: { endCursor: string } } };
  const { endCursor } = first.user.page;
  const next = plain((await run(view, { id: user, after: endCursor })).data) as { user: Record<string, unknown> };
  assert.is(next.user.count, 10);
  assert.equal(next.user.lists, [{ name: 'list 4' }, { name: 'list 5' }]);
  assert.equal(next.user.page, {
    hasNextPage: true,
    endCursor,
    objects: [0, 1, 2, 3].map((list) => ({ name: `list ${list}` })),
  });
});

test('two pages of one list never share a result', async () => {
  const { user, run } = await fixture();
  const { data } = await run(`{ user(id: "${user}") { a: lists(first: 1) { name } b: lists(first: 3) { name } } }`);
  const { a, b } = (plain(data) as { user: { a: unknown[]; b: unknown[] } }).user;
  assert.equal([a.length, b.length], [1, 3]);
});

test('pages of different edges, and of different sizes, are one call', async () => {
  const { kvetch, user, run } = await fixture(memoryShards(1));
  const { data } = await run(
    `{ user(id: "${user}") { lists(first: 2) { name } more: lists(first: 4) { name } shared { name } ofNobody { name } } }`,
  );
  const { lists, more, shared, ofNobody } = (plain(data) as { user: Record<string, unknown[] | null> }).user;
  assert.equal([lists?.length, more?.length, shared?.length, ofNobody], [2, 4, 3, null]);
  assert.equal([kvetch.stats.rounds, kvetch.stats.storeCalls], [3, 3], 'the user, all pages, all their objects');
});

test('a page of nobody keeps an embedded store synchronous', async () => {
  const { kvetch, user } = await fixture();
  const document = parse(`{ user(id: "${user}") { ofNobody { name } lists { name } } }`);
  assert.not(createEngine({ schema }).execute({ document, contextValue: { kvetch } }) instanceof Promise);
});

test('a page that differs from row to row is still one round', async () => {
  const { kvetch, user, run } = await fixture();
  const { data, errors } = await run(`{ user(id: "${user}") { lists { firsts { text } } } }`);
  assert.is(errors, undefined);
  const { lists } = (plain(data) as { user: { lists: { firsts: unknown[] }[] } }).user;
  assert.equal(
    lists.map(({ firsts }) => firsts.length),
    [0, 1, 2, 0, 1, 2, 0, 1, 2, 0],
  );
  assert.is(kvetch.stats.rounds, 5);
});

test('an index finds objects by value; an unknown value finds none', async () => {
  const { run } = await fixture();
  const { data } = await run('{ found: byName(username: "anne") { name } none: byName(username: "Anne") { name } }');
  assert.equal(plain(data), { found: [{ name: 'Änne' }], none: [] });
});

test('browsing pages through all objects of a type', async () => {
  const { run } = await fixture();
  const { data } = await run('{ allLists(first: 7) { name } }');
  assert.is((plain(data) as { allLists: unknown[] }).allLists.length, 7);
});

test('ids that do not exist are null, malformed ones an error for their entry alone', async () => {
  const { lists, run } = await fixture();
  const missing = '01a1fd1e-eeed-89f0-932d-84f15d629da2';
  const { data, errors } = await run(
    `{ nodes(ids: ["${lists[0]}", "${missing}", "1 OR 1=1", "${lists[1]}"]) { name } }`,
  );
  assert.equal(plain(data), { nodes: [{ name: 'list 0' }, null, null, { name: 'list 1' }] });
  assert.equal(
    errors?.map(({ path }) => path),
    [['nodes', 2]],
  );
});

test('a negative page is an error at its field, the rest is served', async () => {
  const { user, run } = await fixture();
  const { data, errors } = await run(`{ user(id: "${user}") { lists(first: 1) { name items(first: -1) { text } } } }`);
  assert.equal(plain(data), { user: { lists: [{ name: 'list 0', items: null }] } });
  assert.equal(
    errors?.map(({ path }) => path),
    [['user', 'lists', 0, 'items']],
  );
});

test('a lost shard fails its own rows', async () => {
  const shards = memoryShards(3);
  const { lists, run } = await fixture(shards);
  const [lost] = shards as [ShardStore];
  const broken = new Set<string>();
  for (const id of lists) {
    const entries = await createKvetch({ schema: store, shards: [lost] }).getObjects([id]);
    if (entries[0] !== null) broken.add(id);
  }
  assert.ok(broken.size > 0 && broken.size < lists.length, 'lists lie on several shards');
  Object.assign(lost, {
    readObjects() {
      throw new Error('connect ECONNREFUSED 10.0.0.7:3306');
    },
  });
  const { data, errors } = await run('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: lists });
  const { nodes } = plain(data) as { nodes: ({ id: string } | null)[] };
  nodes.forEach((node, index) => {
    assert.is(node === null, broken.has(lists[index] as string));
  });
  assert.is(errors?.length, broken.size);
  assert.not.match(JSON.stringify(errors), /10\.0\.0\.7|ECONNREFUSED/);
});

test('a request says what it read', async () => {
  const { kvetch, user } = await fixture();
  const keys = new Set<string>();
  const document = parse(`{ user(id: "${user}") { lists(first: 1) { name } } byName(username: "nobody") { name } }`);
  await createEngine({ schema }).execute({
    document,
    contextValue: { kvetch },
    recordDependency: (key) => keys.add(key),
  });
  assert.ok(keys.has(`o:${user}`));
  assert.ok(keys.has(`e:10:${user}`));
  assert.ok([...keys].some((key) => key.startsWith('i:username:')));
});

test('a context without a store is a clear error', async () => {
  const { errors } = await createEngine({ schema }).execute({ document: parse('{ byName(username: "x") { name } }') });
  assert.match(errors?.[0]?.message ?? '', /contextValue\.kvetch/);
});

test.run();
