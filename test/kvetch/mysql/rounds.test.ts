import { parse } from 'graphql';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import * as assert from 'uvu/assert';
import { createEngine, get, makeSchema } from '../../../src/index.ts';
import { type Kvetch, loadEdges, loadObject, loadObjects, type ShardStore } from '../../../src/kvetch.ts';
import { TcpProxy } from '../../support/tcpProxy.ts';
import { until } from '../../support/until.ts';
import { wrapStore } from '../backends.ts';
import { idsOf, todoStore } from '../todo.ts';
import { mysqlShards, mysqlSuite } from './rows.ts';

/** So many that both servers hold some. */
const LISTS = 40;
const ITEMS = 5;
const COM_QUERY = 0x03;
const COM_STMT_EXECUTE = 0x17;

const engine = createEngine({
  schema: makeSchema({
    typeDefs: /* GraphQL */ `
      type Query { user(id: ID!): User, lists(ids: [ID!]!): [List]! }
      type User { id: ID!, lists: [List!]! }
      type List { id: ID!, items: [Item!]! }
      type Item { text: String! }
    `,
    objects: {
      Query: { plans: { user: (_$root, { $id }) => loadObject($id), lists: (_$root, { $ids }) => loadObjects($ids) } },
      User: { plans: { lists: ($user) => loadObjects(loadEdges('user_to_list', get($user, 'id'))) } },
      List: { plans: { items: ($list) => loadObjects(loadEdges('list_to_item', get($list, 'id'))) } },
    },
  }),
});

mysqlSuite('kvetch mysql: rounds of the todo view', (test, server) => {
  const proxies: TcpProxy[] = [];
  let kvetch: Kvetch;
  let user = '';
  let lists: readonly string[] = [];
  let statements = 0;
  /** For each time that nothing was under way, what was then asked of stores before one of them had answered. */
  let waves: string[][] = [];

  test.before(async () => {
    let underWay = 0;
    const watched = (store: ShardStore): ShardStore =>
      wrapStore(store, async (method, run) => {
        if (underWay++ === 0) waves.push([]);
        waves.at(-1)?.push(`${store.name} ${method}`);
        try {
          return await run();
        } finally {
          underWay--;
        }
      });
    for (let at = 0; at < 2; at++) {
      const proxy = await TcpProxy.open(Number(new URL(server.uri).port || 3306));
      proxies.push(proxy);
      proxy.rule((from, chunk) => {
        if (from === 'client' && (chunk[4] === COM_QUERY || chunk[4] === COM_STMT_EXECUTE)) statements++;
        return 'pass';
      });
    }
    const databases = proxies.map(() => server.newDatabase());
    const servers = proxies.map(({ port }, at) => {
      const uri = Object.assign(new URL(server.uri), { hostname: '127.0.0.1', port: String(port) });
      return { uri: uri.href, database: databases[at] as string };
    });
    // The rounds of a process that has not read these lists before.
    const shards = mysqlShards(servers, { createDatabase: true }).map(watched);
    kvetch = todoStore(shards, { guessedIds: 0 });
    user = await kvetch.createObject('User', {});
    const owned = Array.from({ length: LISTS }, () => ({ data: { owner: user } }));
    lists = idsOf(await kvetch.createObjects('List', owned));
    const items = lists.flatMap((list) => Array.from({ length: ITEMS }, (_, n) => ({ data: { text: `${n}`, list } })));
    idsOf(await kvetch.createObjects('Item', items));
    const connection = await createConnection(server.uri);
    const count = databases.map((database) => `SELECT note_id FROM ${database}.kvetch_outbox`).join(' UNION ALL ');
    await until('the notes of these writes are settled', async () => {
      const [rows] = await connection.query<RowDataPacket[]>(count);
      return rows.length === 0;
    });
    connection.destroy();
  });
  test.after(async () => {
    await kvetch.close();
    for (const proxy of proxies) await proxy.close();
  });

  /** Asks twice, so that every connection is open, and counts the second time. */
  async function counted(text: string, variableValues: Record<string, unknown>): Promise<unknown> {
    const request = { document: parse(text), variableValues, contextValue: { kvetch } };
    await engine.execute(request);
    kvetch.stats.reset();
    statements = 0;
    waves = [];
    return JSON.parse(JSON.stringify(await engine.execute(request)));
  }

  test('three rounds of SQL, each in parallel over the servers: lists are read with the objects they belong to', async () => {
    const result = await counted('query ($id: ID!) { user(id: $id) { lists { items { text } } } }', { id: user });
    const items = Array.from({ length: ITEMS }, (_, n) => ({ text: `${n}` }));
    assert.equal(result, { data: { user: { lists: lists.map(() => ({ items })) } } });
    assert.is(kvetch.stats.rounds, 3);
    assert.is(waves.length, 3, JSON.stringify(waves));
    for (const calls of waves) {
      const servers = calls.map((call) => call.split(' ')[0]);
      assert.is(new Set(servers).size, servers.length, 'a server is called once a round');
    }
    const mixed = waves.flat().filter((call) => call.endsWith(' read')).length;
    assert.is(statements, kvetch.stats.storeCalls + mixed, 'a statement for each kind of row in a call');
    assert.equal(
      waves[2]?.map((call) => call.split(' ')[1]),
      ['readObjects', 'readObjects'],
    );
  });

  test('objects with their edges and then their targets are two rounds, whatever the number of rows', async () => {
    for (const ids of [lists.slice(0, 1), lists.slice(0, 3), lists]) {
      await counted('query ($ids: [ID!]!) { lists(ids: $ids) { items { text } } }', { ids });
      assert.equal([kvetch.stats.rounds, waves.length], [2, 2], `${ids.length} lists: with their pages, and the items`);
    }
  });
});
