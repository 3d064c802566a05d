import { randomUUID } from 'node:crypto';
import * as assert from 'uvu/assert';
import type { Kvetch } from '../../../src/kvetch.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { needs } from '../../support/needs.ts';
import { redisForTests } from '../../support/redisServer.ts';
import { TcpProxy } from '../../support/tcpProxy.ts';
import { until } from '../../support/until.ts';
import { idsOf, todoStore } from '../todo.ts';
import { mysqlShard, mysqlSuite } from './rows.ts';

const redis = await redisForTests();
const COM_QUERY = 0x03;
const COM_STMT_EXECUTE = 0x17;
const LISTS = 20_000;

mysqlSuite('kvetch mysql: long batches and short ones', (test, server) => {
  let proxy: TcpProxy;
  let kvetch: Kvetch;
  let users: readonly string[] = [];
  let statements = 0;

  test.before(async () => {
    proxy = await TcpProxy.open(Number(new URL(server.uri).port || 3306));
    proxy.rule((from, chunk) => {
      if (from === 'client' && (chunk[4] === COM_QUERY || chunk[4] === COM_STMT_EXECUTE)) statements++;
      return 'pass';
    });
    const uri = Object.assign(new URL(server.uri), { hostname: '127.0.0.1', port: String(proxy.port) });
    const database = server.newDatabase();
    kvetch = todoStore([mysqlShard({ uri: uri.href, database, createDatabase: true, connectionLimit: 4 })]);
    users = idsOf(
      await kvetch.createObjects(
        'User',
        Array.from({ length: 100 }, () => ({ data: {} })),
      ),
    );
    for (const [at, fromId] of users.entries())
      await kvetch.insertEdge('friends', { fromId, toId: users[(at + 1) % users.length] ?? '' });
  });
  test.after(async () => {
    await kvetch.close();
    await proxy.close();
  });

  const lists = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ edge: 'friends', fromId: users[n % users.length] ?? '', first: n % 7 }));

  test('60,000 lists in one batch: none fails for the length of the queue', async () => {
    const pages = await kvetch.getEdgeLists(lists(60_000));
    const failed = pages.filter((page) => page instanceof Error);
    assert.equal(failed.length, 0, String(failed[0]));
    assert.equal(
      pages.slice(0, 8).map((page) => (page instanceof Error ? page : page.edges.length)),
      [0, 1, 1, 1, 1, 1, 1, 0],
    );
  });

  test('reads, counts and writes of others pass a long batch; it goes on meanwhile', async () => {
    const before = statements;
    proxy.inStep = true; // what passes is then counted in turns of the connections, and not in time
    let isOver = false;
    const long = kvetch.getEdgeLists(lists(LISTS)).then((pages) => {
      isOver = true;
      return pages;
    });
    const [user = '', friend = ''] = users;
    await Promise.all([
      ...users.slice(0, 20).map((id) => kvetch.getObject(id)),
      kvetch.countEdges('friends', user),
      kvetch.updateObject(friend, { n: 1 }),
      kvetch.getEdgeLists(lists(150)),
    ]);
    const asked = statements - before;
    proxy.inStep = false;
    assert.not(isOver);
    assert.ok(asked > 22 && asked < 100, `${asked} statements were sent before the others were answered`);
    assert.ok((await long).every((page) => !(page instanceof Error)));
  });

  test('writes in a long batch are all made, one part after the other', async () => {
    const made = idsOf(
      await kvetch.createObjects(
        'User',
        Array.from({ length: 2500 }, (_, n) => ({ data: { n } })),
      ),
    );
    assert.is(new Set(made).size, 2500);
    const read = await kvetch.getObjects(made);
    assert.ok(read.every((user, n) => user !== null && !(user instanceof Error) && user.n === n));
  });

  needs(test, redis)('behind Redis a long batch is read, and kept, in parts', async () => {
    const cache = redisCache({ url: redis.url, prefix: redis.newPrefix(), timeoutMs: 2000 });
    await cache.ready();
    const database = server.newDatabase();
    const cached = todoStore([mysqlShard({ uri: server.uri, database, createDatabase: true })], { cache });
    const many = Array.from({ length: 4000 }, () => ({ edge: 'friends', fromId: randomUUID() }));
    for (const [hits, loads] of [
      [0, 4],
      [4000, 4],
    ] as const) {
      const pages = await cached.getEdgeLists(many);
      assert.ok(pages.every((page) => !(page instanceof Error)));
      await until('all is kept', () => cache.stats.fills === 4000); // which nobody waits for
      assert.equal([cache.stats.hits, cache.stats.loads], [hits, loads]);
    }
    await cached.close();
    await cache.close();
  });
});
