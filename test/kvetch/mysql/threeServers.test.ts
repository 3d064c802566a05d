import { type ExecutionResult, parse } from 'graphql';
import * as assert from 'uvu/assert';
import { constant, createEngine, get, makeSchema } from '../../../src/index.ts';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import { type Kvetch, loadEdges, loadObjects } from '../../../src/kvetch.ts';
import { mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { reported } from '../../support/reported.ts';
import { type OwnMariadb, startMariadbs } from '../../support/servers.ts';
import { until } from '../../support/until.ts';
import { idsOf, todoStore } from '../todo.ts';
import { mysqlSuiteWith } from './rows.ts';

const USERS = 12;
const LISTS = 3;

const engine = createEngine({
  schema: makeSchema({
    typeDefs: /* GraphQL */ `
      type Query { users(ids: [ID!]!): [User]! }
      type Mutation { createList(owner: ID!, key: String!): List }
      type User { id: ID!, n: Int, lists: [List] }
      type List { id: ID!, key: String, items: [Item] }
      type Item { id: ID!, text: String }
    `,
    objects: {
      Query: { plans: { users: (_$root, { $ids }) => loadObjects($ids) } },
      Mutation: {
        resolvers: {
          async createList(_root, { owner, key }, { kvetch }: { readonly kvetch: Kvetch }) {
            return { id: await kvetch.createObject('List', { owner, key }, { idempotencyKey: key }), key };
          },
        },
      },
      User: {
        plans: {
          lists: ($user) => loadObjects(loadEdges('user_to_list', get($user, 'id'), { $first: constant(1000) })),
        },
      },
      List: { plans: { items: ($list) => loadObjects(loadEdges('list_to_item', get($list, 'id'))) } },
    },
  }),
});
const view = parse('query ($ids: [ID!]!) { users(ids: $ids) { id n lists { id key items { id text } } } }');
const create = parse('mutation ($owner: ID!, $key: String!) { createList(owner: $owner, key: $key) { id key } }');

interface Node {
  readonly id: string;
  readonly lists?: ReadonlyArray<Node | null>;
  readonly items?: ReadonlyArray<Node | null>;
}
type Response = ExecutionResult<{ readonly users: ReadonlyArray<Node | null> }>;

/** The second third of the shards is on the server that is hurt. */
const isLost = ({ id }: Node): boolean => shardOfId(id) >= 1365 && shardOfId(id) < 2730;

mysqlSuiteWith(['mariadbd'], 'kvetch mysql: one of three servers, through the engine', (test, server) => {
  const own: OwnMariadb[] = [];
  let kvetch: Kvetch;
  let users: readonly string[] = [];
  let whole: Response;

  test.before(
    reported(async () => {
      own.push(...(await startMariadbs(2)));
      const cluster = mysqlCluster({
        servers: {
          a: { uri: server.uri, database: server.newDatabase() },
          lost: { uri: own[0]?.uri ?? '', database: 'kvetch' },
          c: { uri: own[1]?.uri ?? '', database: 'kvetch' },
        },
        ...{ createDatabase: true, connectTimeoutMs: 2000, acquireTimeoutMs: 2000, queryTimeoutMs: 2000 },
        breaker: { resetMs: 50 },
      });
      await cluster.init();
      kvetch = todoStore(cluster);
      users = idsOf(
        await kvetch.createObjects(
          'User',
          numbered(USERS, (n) => ({ data: { n } })),
        ),
      );
      const lists = idsOf(
        await kvetch.createObjects(
          'List',
          numbered(USERS * LISTS, (n) => ({ data: { key: `${n}`, owner: users[n % USERS] } })),
        ),
      );
      const items = lists.flatMap((list) => [1, 2].map((n) => ({ data: { text: `${n}`, list } })));
      idsOf(await kvetch.createObjects('Item', items));
      whole = await ask();
      assert.is(whole.errors, undefined);
    }),
  );
  test.after(async () => {
    await kvetch.close();
    for (const one of own) await one.remove();
  });

  async function ask(): Promise<Response> {
    const args = { document: view, variableValues: { ids: users }, contextValue: { kvetch } };
    return JSON.parse(JSON.stringify(await engine.execute(args))) as Response;
  }

  /** What is left of the whole answer without a server: `null`, and an error at its path, for each of its rows. */
  function withoutLost(): { readonly users: unknown; readonly paths: readonly string[] } {
    const paths: string[] = [];
    const keep = (node: Node | null, ...path: ReadonlyArray<string | number>): unknown => {
      if (node === null || isLost(node)) {
        paths.push(path.join('.'));
        return null;
      }
      const { lists, items, ...leaves } = node;
      return {
        ...leaves,
        ...(lists && { lists: lists.map((list, at) => keep(list, ...path, 'lists', at)) }),
        ...(items && { items: items.map((item, at) => keep(item, ...path, 'items', at)) }),
      };
    };
    return { users: whole.data?.users.map((user, at) => keep(user, 'users', at)), paths };
  }

  async function expectLost(): Promise<void> {
    const expected = withoutLost();
    const { data, errors = [] } = await ask();
    assert.equal(data?.users, expected.users);
    assert.equal(errors.map(({ path }) => path?.join('.')).sort(), [...expected.paths].sort());
    for (const { message } of errors) assert.match(message, /^Shard \d+ is unavailable\.$/);
    assert.ok(expected.paths.length > 0 && expected.paths.length < USERS * (1 + LISTS));
  }

  async function expectRecovery(): Promise<void> {
    await until('the lost server is found again', async () => (await ask()).errors === undefined);
    assert.equal(await ask(), whole);
  }

  test('killed: its rows are errors at their paths, all others data; found again without a restart', async () => {
    await own[0]?.kill();
    for (let request = 0; request < 3; request++) await expectLost();
    await own[0]?.start();
    await expectRecovery();
  });

  test('paused: the same, while it still does not answer', async () => {
    own[0]?.pause();
    for (let request = 0; request < 2; request++) await expectLost();
    own[0]?.resume();
    await expectRecovery();
  });

  test('killed under mutations: each is applied once or not at all, and repeating it settles which', async () => {
    const answers = new Map<string, { readonly owner: string; readonly isError: boolean }>();
    const mutate = async (owner: string, key: string): Promise<boolean> => {
      const args = { document: create, variableValues: { owner, key }, contextValue: { kvetch } };
      const { data, errors } = (await engine.execute(args)) as ExecutionResult;
      if (errors === undefined) return true;
      assert.equal([data?.createList, errors.map(({ path }) => path?.join('.'))], [null, ['createList']]);
      assert.match(errors[0]?.message ?? '', /^Shard \d+ is unavailable\.$/);
      return false;
    };
    const count = (isError: boolean): number => [...answers.values()].filter((one) => one.isError === isError).length;
    let isOver = false;
    const writers = numbered(4, async (writer) => {
      for (let n = 0; !isOver; n++) {
        const [owner = '', key] = [users[(n * 4 + writer) % USERS], `${writer} ${n}`];
        answers.set(key, { owner, isError: !(await mutate(owner, key)) });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    await until('lists are made', () => count(false) >= 30);
    await own[0]?.kill();
    await until('some fail', () => count(true) >= 10);
    const made = count(false);
    await until('others are made without the server', () => count(false) >= made + 10);
    await own[0]?.start();
    await expectAllWritable();
    isOver = true;
    await Promise.all(writers);
    for (const [key, { owner }] of answers) assert.ok(await mutate(owner, key), key);
    await kvetch.clean({ graceMs: 0 }); // edges on the lost server are missing; a cleaner adds them
    const { data } = await ask();
    for (const [at, owner] of users.entries()) {
      const before = new Set(whole.data?.users[at]?.lists?.map((list) => list?.id));
      const lists = (data?.users[at]?.lists ?? []) as ReadonlyArray<Node & { readonly key: string }>;
      const keys = lists.filter(({ id }) => !before.has(id)).map(({ key }) => key);
      assert.equal(keys.sort(), [...answers].flatMap(([key, one]) => (one.owner === owner ? [key] : [])).sort());
    }
  });

  function expectAllWritable(): Promise<void> {
    return until('all servers take writes again', async () => {
      const made = await kvetch.createObjects(
        'List',
        numbered(20, () => ({ data: {} })),
      );
      return made.every((one) => typeof one === 'string');
    });
  }
});

function numbered<T>(length: number, of: (n: number) => T): T[] {
  return Array.from({ length }, (_, n) => of(n));
}
