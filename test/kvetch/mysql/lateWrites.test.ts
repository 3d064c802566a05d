import { createConnection, type RowDataPacket } from 'mysql2/promise';
import * as assert from 'uvu/assert';
import type { Kvetch, KvetchError, KvetchOptions } from '../../../src/kvetch.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { redisForTests, sleep } from '../../support/redisServer.ts';
import { TcpProxy } from '../../support/tcpProxy.ts';
import { until } from '../../support/until.ts';
import { rejection, todoStore } from '../todo.ts';
import { mysqlShards, mysqlSuiteWith } from './rows.ts';

const redis = await redisForTests();

mysqlSuiteWith([redis], 'kvetch mysql: writes that land late', (test, server) => {
  const endings: Array<() => unknown> = [];
  test.after.each(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  /** A writer whose packets can be held up on their way to the server, and a reader that is near. */
  async function openWorld(options: Partial<KvetchOptions> = {}) {
    const database = server.newDatabase();
    const proxy = await TcpProxy.open(Number(new URL(server.uri).port) || 3306);
    endings.push(() => proxy.close());
    const prefix = redis.newPrefix();
    const uri = new URL(server.uri);
    const open = async (port: string, queryTimeoutMs: number): Promise<Kvetch> => {
      const cache = redisCache({ url: redis.url, prefix, timeoutMs: 2000 });
      await cache.ready();
      const shards = mysqlShards([{ uri: `mysql://${uri.username}:${uri.password}@127.0.0.1:${port}`, database }], {
        ...{ createDatabase: true, connectionLimit: 3, queryTimeoutMs },
        session: { idle_transaction_timeout: 0 }, // as on MySQL: MariaDB would roll back what nobody commits for so long
      });
      const kvetch = todoStore(shards, { ...options, cache });
      endings.push(async () => {
        await kvetch.close();
        await cache.close();
      });
      return kvetch;
    };
    const [reader, writer] = [await open(uri.port || '3306', 10_000), await open(String(proxy.port), 700)];
    return { proxy, reader, writer, database };
  }

  test('a COMMIT that is held up until long after its writer gave up: lists, indexes and caches follow', async () => {
    const { proxy, reader, writer } = await openWorld();
    const [a, b] = [await writer.createObject('User', {}), await writer.createObject('User', {})];
    const list = await writer.createObject('List', { owner: a, title: 'x' });
    const listsOf = async (owner: string): Promise<readonly string[]> =>
      (await reader.getEdges('user_to_list', owner)).edges.map(({ toId }) => toId);
    const held = proxy.holdAsked('COMMIT');
    const error = (await rejection(writer.updateObject(list, { owner: b }))) as KvetchError;
    assert.equal([error.code, error.effect], ['SHARD_UNAVAILABLE', 'unknown']);
    assert.ok(held.count >= 1);
    for (const id of [a, b, list]) await reader.getObject(id);
    assert.equal([await listsOf(a), await listsOf(b)], [[list], []]);
    await reader.clean({ mode: 'recent', graceMs: 0 });
    await sleep(1500); // longer than the grace, and all that follows a write
    assert.equal([await listsOf(a), await listsOf(b)], [[list], []], 'nothing has happened yet');
    held.release();
    await until('readers see it, in lists too', async () => {
      const [object, before, after] = [await reader.getObject(list), await listsOf(a), await listsOf(b)];
      return object?.owner === b && before.length === 0 && after[0] === list;
    });
    assert.ok(reader.stats.relayed + writer.stats.relayed >= 1); // either may be first
  });

  test('the recent pass finds a COMMIT that came late, though its rows were written long before', async () => {
    const { proxy, reader, writer } = await openWorld({ outboxPollMs: 0 });
    const [a, b] = [await writer.createObject('User', {}), await writer.createObject('User', {})];
    const list = await writer.createObject('List', { owner: a });
    const listsOf = async (owner: string): Promise<readonly string[]> =>
      (await reader.getEdges('user_to_list', owner)).edges.map(({ toId }) => toId);
    const held = proxy.holdAsked('COMMIT');
    await rejection(writer.updateObject(list, { owner: b }));
    assert.equal([await listsOf(a), await listsOf(b)], [[list], []]);
    await sleep(1500);
    for (let n = 0; n < 2; n++) await reader.clean({ mode: 'recent', graceMs: 0 }); // its watermark goes by
    held.release();
    await until('it has come', async () => {
      const report = await reader.clean({ mode: 'recent', graceMs: 0 });
      return report.missingEdges > 0;
    });
    assert.equal([await listsOf(a), await listsOf(b)], [[], [list]]);
    assert.is((await reader.getObject(list))?.owner, b);
  });

  test('an update that is held up changes nothing where another was faster, and leaves no note', async () => {
    const { proxy, reader, writer, database } = await openWorld();
    const id = await writer.createObject('User', { n: 1 });
    await writer.updateObject(id, { n: 2 });
    const held = proxy.holdAsked('START TRANSACTION');
    const error = (await rejection(writer.updateObject(id, { n: 3 }))) as KvetchError;
    assert.is(error.effect, 'unknown', 'its COMMIT is on the way');
    await reader.updateObject(id, { n: 4 });
    held.release();
    await sleep(1000);
    assert.is((await reader.getObject(id))?.n, 4);
    const connection = await createConnection({ uri: `${server.uri}/${database}` });
    const [rows] = await connection.query<RowDataPacket[]>('SELECT COUNT(*) AS n FROM kvetch_outbox');
    connection.destroy();
    assert.equal(rows[0]?.n, 0);
  });
});
