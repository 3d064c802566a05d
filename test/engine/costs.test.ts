import { type ExecutionResult, parse } from 'graphql';
import {
  connection,
  constant,
  createEngine,
  type Engine,
  type EngineOptions,
  get,
  incrementalTypeDefs,
  list,
  loader,
  loadMany,
  loadOne,
  makeSchema,
  type RequestCost,
  SafeError,
} from 'planql';
import { createExecutor } from 'planql/execute';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const costs = suite('costs of operations');

/** What the loaders were asked for. */
let asked: string[] = [];

const rows = (prefix: string, count: number): object[] =>
  Array.from({ length: count }, (_, at) => ({ id: `${prefix}.${at}`, kind: 'User', name: 'Ada', tags: ['a', 'b'] }));

const userById = loader({
  name: 'costs.userById',
  load: (ids) => {
    asked.push(`users ${ids.length}`);
    return ids.map((id) => ({ id, kind: 'User', name: 'Ada', tags: ['a', 'b'] }));
  },
});
const friendsOf = loader({
  name: 'costs.friendsOf',
  maxRows: 'first',
  load: (ids, { global }) => {
    asked.push(`friends ${ids.length}`);
    return ids.map((id) => rows(String(id), global.first));
  },
});
const teamOf = loader({ name: 'costs.teamOf', maxRows: 3, load: (ids) => ids.map((id) => rows(String(id), 3)) });
const everybodyOf = loader({ name: 'costs.everybodyOf', load: (ids) => ids.map((id) => rows(String(id), 2)) });
const pagesOf = loader({
  name: 'costs.pagesOf',
  pagination: { offset: true },
  load: (ids, { page }) => ids.map((id) => rows(String(id), page?.limit ?? 4)),
});
const smallCalls = loader({
  name: 'costs.smallCalls',
  batch: { maxSize: 2 },
  load: (ids) => {
    asked.push(`small ${ids.length}`);
    return ids.map((id) => ({ id, kind: 'User', name: 'Ada' }));
  },
});

const schema = makeSchema({
  typeDefs: [
    `type Query { user(id: ID! = 1): User users(ids: [ID!]!): [User!]! search(first: Int): [Found!]! }
     type Mutation { rename(id: ID! = 1): User }
     type Subscription { ticks: User }
     union Found = User | Robot
     type Robot { id: ID! master: User friends(first: Int! = 2): [User!]! }
     type User {
       id: ID! name: String! best: User small: User tags: [String!]! notes: [String!]!
       friends(first: Int! = 10): [User!]! team: [User!]! everybody: [User!]! page(first: Int, last: Int): Page
     }
     type Page { nodes: [User!]! edges: [Edge!]! pageInfo: Info! }
     type Edge { node: User! } type Info { hasNextPage: Boolean! }`,
    incrementalTypeDefs,
  ],
  objects: {
    Query: {
      plans: {
        user: (_root, { $id }) => loadOne($id, userById),
        users: {
          resolve: (_root, { ids }: { ids: string[] }) =>
            ids.map((id) => ({ id, kind: 'User', name: 'Ada', tags: [] })),
          maxRows: 'ids',
        },
        search: (_root, { $first }) => loadMany(constant('all'), friendsOf, { first: $first }),
      },
    },
    Mutation: { plans: { rename: (_root, { $id }) => loadOne($id, userById) } },
    Subscription: {
      plans: {
        ticks: {
          subscribe: async function* () {
            yield { ticks: 1 };
            yield { ticks: 2 };
          },
          plan: () => loadOne(constant('1'), userById),
        },
      },
    },
    User: {
      plans: {
        tags: { maxRows: 2 },
        notes: ($user) => list([get($user, 'name'), get($user, 'id'), get($user, 'name')]),
        best: ($user) => loadOne(get($user, 'id'), userById),
        small: ($user) => loadOne(get($user, 'id'), smallCalls),
        friends: ($user, { $first }) => loadMany(get($user, 'id'), friendsOf, { first: $first }),
        team: ($user) => loadMany(get($user, 'id'), teamOf),
        everybody: ($user) => loadMany(get($user, 'id'), everybodyOf),
        page: ($user, fieldArgs) => connection(loadMany(get($user, 'id'), pagesOf), { fieldArgs }),
      },
    },
    Robot: {
      plans: {
        master: ($robot) => loadOne(get($robot, 'id'), userById),
        friends: ($robot, { $first }) => loadMany(get($robot, 'id'), friendsOf, { first: $first }),
      },
    },
  },
  unions: { Found: { planType: ($found) => ({ $__typename: get($found as never, 'kind') }) } },
});

const engineWith = (options: Omit<EngineOptions, 'schema'> = {}): Engine => createEngine({ schema, ...options });

async function costOf(text: string, variableValues: object = {}): Promise<RequestCost> {
  return engineWith().cost({ document: parse(text), variableValues: { ...variableValues } });
}

/** Calls, keys, rows and leaves. */
async function figures(text: string, variableValues: object = {}): Promise<readonly number[]> {
  const { calls, keys, rows: items, leaves } = await costOf(text, variableValues);
  return [calls, keys, items, leaves];
}

async function codeOf(engine: Engine, text: string, contextValue?: unknown): Promise<unknown> {
  const { errors } = await engine.execute({ document: parse(text), contextValue });
  return errors?.[0]?.extensions.code;
}

costs('a load is one call with a key for each row; a list multiplies what is below it [13.2.1]', async () => {
  assert.equal(await figures('{ user { name } }'), [1, 1, 0, 1]);
  assert.equal(await figures('{ user { friends(first: 5) { name } } }'), [2, 2, 5, 5]);
  assert.equal(await figures('{ user { team { team { id name } } } }'), [3, 5, 12, 18]);
});

costs('sizes come from variables, defaults, lengths of lists, and steps [13.2.2]', async () => {
  const text = 'query ($n: Int!) { user { friends(first: $n) { name } } }';
  assert.equal(await figures(text, { n: 7 }), [2, 2, 7, 7]);
  assert.equal(await figures('{ user { friends { name } } }'), [2, 2, 10, 10]);
  assert.equal(
    await figures('query ($ids: [ID!]!) { users(ids: $ids) { name } }', { ids: ['a', 'b', 'c'] }),
    [0, 0, 3, 3],
  );
  assert.equal(await figures('{ user { tags notes } }'), [1, 1, 5, 5]);
  assert.equal(await figures('query ($n: Int!) { user { friends(first: $n) { name } } }', { n: -3 }), [2, 2, 0, 0]);
});

costs('connections say their pages [13.2.2]', async () => {
  assert.equal(await figures('{ user { page(first: 5) { nodes { name } pageInfo { hasNextPage } } } }'), [2, 2, 5, 6]);
  assert.equal(await figures('{ user { page(last: 2) { edges { node { name } } } } }'), [2, 2, 2, 2]);
  const { unbounded, rows: items } = await costOf('{ user { page { nodes { name } } } }');
  assert.is(items, Number.POSITIVE_INFINITY);
  assert.is(unbounded, 'Page.nodes');
  // It fails before it loads.
  assert.equal(await figures('{ user { page(first: 1, last: 1) { nodes { name } } } }'), [2, 2, 0, 0]);
});

costs('what is skipped costs nothing [13.2.3]', async () => {
  const text = 'query ($is: Boolean!) { user { name friends @include(if: $is) { name } } }';
  assert.equal(await figures(text, { is: false }), [1, 1, 0, 1]);
  assert.equal(await figures(text, { is: true }), [2, 2, 10, 11]);
});

costs(
  'a request that differs from the last one costs its own; nobody can change the figures of the next [13.2.2 13.2.3]',
  async () => {
    const engine = engineWith();
    const document = parse(`query ($n: Int!, $is: Boolean = false, $ids: [ID!] = []) {
    user { friends(first: $n) { name tags @include(if: $is) } } users(ids: $ids) { name }
  }`);
    for (const [n, is, ids] of [
      [5],
      [5],
      [7],
      [5, true],
      [5, false],
      [5, true, ['a']],
      [5, true, ['b']],
      [5],
    ] as const) {
      const variableValues = { n, is, ids };
      const cost = await engine.cost({ document, variableValues });
      assert.equal(cost, await engineWith().cost({ document, variableValues }));
      Object.assign(cost, { rows: -1 });
      Object.assign(cost.costliest ?? {}, { cost: -1 });
    }
  },
);

costs('an object has one type: the largest branch counts, also of types that were never met [13.2.4]', async () => {
  const text = '{ search(first: 4) { __typename ... on User { name tags } ... on Robot { master { name } } } }';
  const engine = engineWith({ limits: { speculation: false } });
  const { keys, rows: items, leaves } = await engine.cost({ document: parse(text) });
  assert.equal([keys, items, leaves], [1 + 4, 4 + 4 * 2, 4 * (1 + 1 + 2)]);
  const json: unknown = JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(parse(text)))));
  const executor = createExecutor({ schema, limits: { speculation: false } });
  executor.importPlan(json);
  assert.equal(await executor.cost({ document: parse(text) }), await engine.cost({ document: parse(text) }));
});

costs('a field that several types select alike is one list [13.2.4]', async () => {
  const text =
    '{ search(first: 3) { ... on User { friends(first: 4) { name } } ... on Robot { friends(first: 4) { name } } } }';
  assert.equal((await costOf(text)).rows, 3 + 3 * 4);
});

costs('items of a streamed list may come one by one: each is a call [13.2.5]', async () => {
  const text = '{ user { team { name } friends(first: 4) @stream(initialCount: 1) { best { name } } } }';
  assert.ok((await costOf(text)).calls >= 1 + 1 + 1 + 4);
  const deferred = '{ user { friends(first: 4) { name ... @defer { best { name } } } } }';
  assert.ok((await costOf(deferred)).calls <= 4);
});

costs('a loader whose calls take few keys needs more of them [13.2.1]', async () => {
  const text = '{ user { friends(first: 5) { small { name } } } }';
  const { calls } = await costOf(text);
  asked = [];
  await engineWith().execute({ document: parse(text) });
  assert.is(asked.filter((call) => call.startsWith('small')).length, 3);
  assert.ok(calls >= 2 + 3 && calls <= 2 + 4, String(calls));
});

costs('mutations and events of subscriptions have costs', async () => {
  assert.equal(await figures('mutation { a: rename { name } b: rename(id: 2) { team { name } } }'), [3, 3, 3, 4]);
  assert.equal(await figures('subscription { ticks { name friends(first: 3) { name } } }'), [2, 2, 3, 4]);
});

costs('introspection is not counted [13.2.6]', async () => {
  assert.equal(await figures('{ __schema { types { name fields { name type { fields { name } } } } } }'), [0, 0, 0, 0]);
});

costs(
  'a request above a limit is refused before anything runs, with figures and the field that costs most [13.3.1]',
  async () => {
    const engine = engineWith({ limits: { maxRows: 100 } });
    asked = [];
    const document = parse('{ user { name friends(first: 101) { name } } }');
    const { data, errors } = await engine.execute({ document });
    assert.is(data, undefined);
    assert.is(
      errors?.[0]?.message,
      'This operation may take 101 rows, and 100 are allowed (limits.maxRows). "User.friends" costs most: ask for less of it.',
    );
    assert.is(errors?.[0]?.extensions.code, 'COST_LIMIT');
    assert.is((errors?.[0]?.extensions.cost as RequestCost | undefined)?.rows, 101);
    assert.equal(asked, []);
    assert.is(await codeOf(engine, '{ user { friends(first: 100) { name } } }'), undefined);
  },
);

costs('each limit refuses, on every road', async () => {
  const text = '{ user { friends(first: 5) { name best { name } } } }';
  const document = parse(text);
  for (const limits of [{ maxCalls: 2 }, { maxRows: 4 }, { maxLeaves: 9 }, { maxCost: 20 }]) {
    const engine = engineWith({ limits });
    assert.is(await codeOf(engine, text), 'COST_LIMIT');
    assert.match(await engine.executeToString({ document }), 'COST_LIMIT');
    assert.match(JSON.stringify(await engine.executeIncrementally({ document })), 'COST_LIMIT');
    assert.match(JSON.stringify(await engine.executePositions({ document }, [['user']])), 'COST_LIMIT');
    assert.match(JSON.stringify(await engine.prepare(document).execute()), 'COST_LIMIT');
    const chunks: Uint8Array[] = [];
    for await (const chunk of engine.executeToChunks({ document })) chunks.push(chunk);
    assert.match(Buffer.concat(chunks).toString(), 'COST_LIMIT');
  }
  const subscription = parse('subscription { ticks { friends(first: 9) { name } } }');
  const refused = (await engineWith({ limits: { maxRows: 8 } }).subscribe({
    document: subscription,
  })) as ExecutionResult;
  assert.is(refused.errors?.[0]?.extensions.code, 'COST_LIMIT');
});

costs('lists without a bound are refused, or run where that is wished [13.3.2]', async () => {
  const text = '{ user { everybody { name } } }';
  const { errors } = await engineWith({ limits: { maxRows: 100 } }).execute({ document: parse(text) });
  assert.match(String(errors?.[0]?.message), 'nobody says how many items "User.everybody" has at most');
  assert.is(await codeOf(engineWith({ limits: { maxRows: 100, onUnbounded: 'RUN' } }), text), undefined);
  assert.is(await codeOf(engineWith({ limits: { maxRows: 1, onUnbounded: 'RUN' } }), text), 'RESPONSE_LIMIT');
  assert.is(await codeOf(engineWith({ limits: { maxCalls: 3 } }), text), undefined);
});

costs('responses tell their cost where that is asked for: objects, bytes, parts [13.3.3]', async () => {
  const document = parse('{ user { name } }');
  const expected = await engineWith().cost({ document });
  const engine = engineWith({ cost: { inExtensions: (context: { tells: boolean }) => context.tells } });
  const contextValue = { tells: true };
  const response = await engine.execute({ document, contextValue });
  assert.equal(response.extensions, { cost: expected });
  assert.equal(
    JSON.parse(await engine.executeToString({ document, contextValue })),
    JSON.parse(JSON.stringify(response)),
  );
  assert.is((await engine.execute({ document, contextValue: { tells: false } })).extensions, undefined);
  const deferred = parse('{ user { id ... @defer { name } } }');
  const parts = (await engine.executeIncrementally({ document: deferred, contextValue })) as {
    initialResult: ExecutionResult;
  };
  assert.ok(parts.initialResult.extensions?.cost);
});

costs('a hook charges clients, at once or later, and refuses them [13.3.4]', async () => {
  const charged: number[] = [];
  const engine = engineWith({
    cost: {
      charge: (context: { left: number; later?: boolean }, { cost }) => {
        charged.push(cost);
        if (cost <= context.left) return context.later === true ? Promise.resolve() : undefined;
        const error = new SafeError('Your budget is spent.', { code: 'BUDGET_SPENT' });
        if (context.later === true) return Promise.reject(error);
        throw error;
      },
    },
  });
  const text = '{ user { name } }';
  for (const later of [false, true]) {
    assert.is(await codeOf(engine, text, { left: 100, later }), undefined);
    assert.is(await codeOf(engine, text, { left: 1, later }), 'BUDGET_SPENT');
  }
  assert.equal(charged, [11.1, 11.1, 11.1, 11.1]);
});

costs('weights decide what costs', async () => {
  const document = parse('{ user { friends(first: 5) { name } } }');
  const engine = engineWith({ cost: { weights: { call: 0, key: 0, row: 0, leaf: 1 } } });
  assert.is((await engine.cost({ document })).cost, 5);
});

costs('explain says the cost', async () => {
  const document = parse('{ user { friends(first: 5) { name } } }');
  const text = await engineWith().explain({ document, cost: true });
  assert.match(text, /cost at most 27\.5: 2 calls, 2 keys, 5 rows, 5 leaves; User\.friends costs most\n$/);
});

costs('wrong sizes are refused when they are written', () => {
  const typeDefs = 'type Query { names(first: Int): [String] }';
  const make = (maxRows: never) => () =>
    makeSchema({ typeDefs, objects: { Query: { plans: { names: { maxRows } } } } });
  assert.throws(make('fist' as never), /"maxRows" must be .* but is "fist"\. Did you mean "first"\?/);
  assert.throws(make(-1 as never), /"maxRows" must be/);
  assert.throws(() => loader({ name: 'costs.wrong', load: () => [], maxRows: 0.5 }), /"maxRows" is 0\.5/);
  assert.throws(() => engineWith({ limits: { maxRow: 1 } as never }), /Did you mean "maxRows"/);
});

costs.run();
