import { createConnection } from 'mysql2/promise';
import * as assert from 'uvu/assert';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import type { Kvetch, ShardStore, ShardUnavailableError } from '../../../src/kvetch.ts';
import { mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { needs } from '../../support/needs.ts';
import { startMariadb } from '../../support/servers.ts';
import { until } from '../../support/until.ts';
import { idsOf, rejection, todoStore } from '../todo.ts';
import { mysqlShard, mysqlShards, mysqlSuite, newStore } from './rows.ts';

/** Every call of a store but the last. */
function callsOf(store: ShardStore): ReadonlyArray<() => unknown> {
  const scan = { order: 'time' as const, fromShard: 0, toShard: 4095, fromUs: 0, toUs: 1, after: null, limit: 1 };
  return [
    ...[() => store.readObjects([]), () => store.browse([]), () => store.scanObjects(scan)],
    ...[() => store.insertObjects([]), () => store.replaceObjects([])],
    ...[() => store.readEdgePages([]), () => store.countEdges([]), () => store.readEdges([])],
    ...[() => store.scanEdges(scan), () => store.putEdges([])],
    ...[() => store.readEntryPages([]), () => store.readEntries([]), () => store.readHolders([])],
    ...[() => store.scanEntries(scan), () => store.putEntries([]), () => store.claimEntries([])],
    () => store.purge({ objects: [], edges: [], entries: [] }),
    () => store.acquireLease({ task: 'a', owner: 'b', nowUs: 0, leaseUs: 1 }),
    () => store.saveCleanerState('a', 'b', { watermarkUs: 0, cursor: null }, { nowUs: 0, leaseUs: 1 }),
    () => store.releaseLease('a', 'b'),
  ];
}

mysqlSuite('kvetch mysql: opening', (test, server) => {
  test('what was written is there for the next client', async () => {
    const places = [server.newDatabase(), server.newDatabase()].map((database) => ({ uri: server.uri, database }));
    const first = todoStore(mysqlShards(places, { createDatabase: true }));
    const [user = ''] = idsOf(await first.createObjects('User', [{ data: { username: 'jane', at: new Date(5) } }]));
    const lists = idsOf(
      await first.createObjects(
        'List',
        Array.from({ length: 9 }, () => ({ data: { owner: user } })),
      ),
    );
    await first.close();
    const second = todoStore(mysqlShards(places));
    assert.equal((await second.getObject(user))?.at, new Date(5));
    assert.equal(
      (await second.getEdges('user_to_list', user)).edges.map(({ toId }) => toId),
      lists,
    );
    assert.equal((await second.queryIndex('username', 'jane')).ids, [user]);
    await second.close();
  });

  test('many open an empty database at once', async () => {
    const database = server.newDatabase();
    const stores = Array.from({ length: 8 }, () => mysqlShard({ uri: server.uri, database, createDatabase: true }));
    await Promise.all(stores.map((store) => store.init()));
    await Promise.all(stores.map((store) => store.close()));
  });

  test('a database is not opened as what it is not', async () => {
    const [a, b] = [server.newDatabase(), server.newDatabase()].map((database) => ({ uri: server.uri, database }));
    const right = mysqlShards([a, b] as object[], { createDatabase: true });
    await Promise.all(right.map((store) => store.init()));
    const swapped = mysqlShards([b, a] as object[]);
    const error = await rejection(swapped[0]?.init() as Promise<void>);
    assert.is(error.code, 'BAD_OPTION');
    assert.match(error.message, /"mysql-0" was made with place "2 of 2" and cannot be opened with "1 of 2"/);
    const kvetch = todoStore(swapped);
    assert.is((await rejection(kvetch.createObject('User', {}))).code, 'BAD_OPTION');
    for (const [at, call] of callsOf(swapped[1] as ShardStore).entries()) {
      assert.match((await rejection((async () => call())())).message, /"mysql-1" was made with place/, `call ${at}`);
    }
    await kvetch.close();
    const connection = await createConnection({ uri: `${server.uri}/${a?.database}` });
    await connection.query("UPDATE kvetch_meta SET v = '64' WHERE k = 'logical_shards'");
    await connection.end();
    const other = mysqlShard(a as object);
    assert.match((await rejection(other.init())).message, /made with logical_shards "64"/);
    await Promise.all([...right, other].map((store) => store.close()));
  });

  test('a process that does not follow moves is told so when it starts, and not by the first who asks', async () => {
    const places = [server.newDatabase(), server.newDatabase()].map((database) => ({ uri: server.uri, database }));
    const before = todoStore(mysqlShards(places, { createDatabase: true }));
    const users = idsOf(
      await before.createObjects(
        'User',
        Array.from({ length: 30 }, () => ({ data: {} })),
      ),
    );
    const [a, b] = places as [object, object];
    const cluster = mysqlCluster({ servers: { a, b } });
    await cluster.init();
    await cluster.move({ from: 'a', to: 'b', shards: [10, 2000] });
    const late = todoStore(mysqlShards(places));
    const error = await rejection(late.getObject(users.find((id) => shardOfId(id) < 10 || shardOfId(id) < 2048) ?? ''));
    assert.equal(
      [error.code, error.message],
      [
        'BAD_OPTION',
        'The database of "mysql-0" does not hold shards 10-2000 any more: they were moved, and mysqlShards cannot know where to. Name all servers in mysqlCluster.',
      ],
    );
    const moved = users.find((id) => shardOfId(id) >= 10 && shardOfId(id) <= 2000) ?? '';
    assert.match(
      (await rejection(before.updateObject(moved, { n: 1 }))).message,
      /moved to another node\. mysqlCluster/,
    );
    assert.ok((await todoStore(cluster).getObjects(users)).every((user) => user !== null && !(user instanceof Error)));
    await cluster.move({ from: 'b', to: 'a', shards: [10, 2000] });
    assert.is((await late.getObject(moved))?.id, moved);
    await Promise.all([before.close(), late.close(), cluster.close()]);
  });

  test('a database that has lost its facts is not opened as a new one; init writes them', async () => {
    for (const loss of ['DROP TABLE kvetch_meta', 'DELETE FROM kvetch_meta']) {
      const database = server.newDatabase();
      const kvetch = todoStore([mysqlShard({ uri: server.uri, database, createDatabase: true })]);
      const id = await kvetch.createObject('User', {});
      const connection = await createConnection({ uri: `${server.uri}/${database}` });
      await connection.query(loss);
      await connection.end();
      const later = mysqlShard({ uri: server.uri, database, createDatabase: true });
      const error = await rejection(todoStore([later]).getObject(id));
      assert.is(error.code, 'BAD_OPTION');
      assert.match(error.message, /"mysql" has objects, .* kvetch_meta is gone or empty\. .*"kvetch init"/);
      await later.restoreTables();
      for (const store of [todoStore([later]), kvetch]) assert.is((await store.getObject(id))?.id, id, loss);
      await Promise.all([kvetch.close(), later.close()]);
    }
  });

  test('a database that is not there yet is opened once it is', async () => {
    const database = server.newDatabase();
    const store = mysqlShard({ uri: server.uri, database });
    const kvetch = todoStore([store]);
    const error = await rejection(kvetch.createObject('User', {}));
    assert.equal([error.code, error.message.includes(database)], ['SHARD_UNAVAILABLE', false]);
    const maker = mysqlShard({ uri: server.uri, database, createDatabase: true });
    await maker.init();
    // half a second later, where failures have had the server left alone
    await until('it is opened', () => kvetch.createObject('User', {}).then(Boolean, () => false));
    await Promise.all([kvetch.close(), maker.close()]);
  });

  needs(test, 'mariadbd')(
    'a process that may create its database reads one that is there, from a server that takes no writes',
    async () => {
      const own = await startMariadb();
      const root = await createConnection({ uri: own.uri });
      await root.query("CREATE USER app@'%'");
      await root.query("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX ON k.* TO app@'%'");
      const uri = `mysql://app@127.0.0.1:${own.port}/k`;
      const open = (): Kvetch => todoStore([mysqlShard({ uri, createDatabase: true, queryTimeoutMs: 1000 })]);
      const maker = open();
      const id = await maker.createObject('User', { username: 'jane' });
      for (const [begin, end] of [
        ['SET GLOBAL read_only = 1', 'SET GLOBAL read_only = 0'],
        ['FLUSH TABLES WITH READ LOCK', 'UNLOCK TABLES'],
        ["REVOKE CREATE ON k.* FROM app@'%'", 'DO 1'],
      ] as const) {
        await root.query(begin);
        const reader = open();
        assert.is((await reader.getObject(id))?.username, 'jane', begin);
        assert.equal((await reader.queryIndex('username', 'jane')).ids, [id], begin);
        await root.query(end);
        await reader.createObject('User', {});
        await reader.close();
      }
      await maker.close();
      root.destroy();
      await own.remove();
    },
  );

  test('a wrong password is an unavailable shard', async () => {
    const store = newStore(server);
    const url = new URL(server.uri);
    url.username = 'nobody';
    url.password = 'wrong';
    const kvetch = todoStore([mysqlShard({ uri: url.href, database: 'x' })]);
    const error = (await rejection(kvetch.createObject('User', {}))) as ShardUnavailableError;
    assert.equal([error.code, error.effect], ['SHARD_UNAVAILABLE', 'not-applied']);
    assert.not.match(error.message, /nobody|127\.0\.0\.1/);
    await Promise.all([kvetch.close(), store.close()]);
  });

  test('options are checked', () => {
    const database = 'd';
    assert.throws(() => mysqlShard({}), /needs a "database"/);
    assert.throws(() => mysqlShard({ database: 'a`; DROP' }), /needs a "database" of letters/);
    assert.throws(() => mysqlShard('http://x/d'), /must look like "mysql:/);
    assert.throws(() => mysqlShard('mysql://h/d?multipleStatements=true'), /must look like "mysql:/);
    assert.throws(() => mysqlShard({ uri: 'mysql://h/d', host: 'i' }), /either a "uri" or "host"/);
    assert.throws(() => mysqlShard({ database, queryTimeoutMs: 0 }), /"queryTimeoutMs" is 0/);
    assert.throws(() => mysqlShard({ database, connectionLimit: 1.5 }), /"connectionLimit" is 1\.5/);
    assert.throws(() => mysqlShard({ database, breaker: { failures: -1 } }), /"breaker\.failures" is -1/);
    assert.throws(() => mysqlShards([]), /needs from 1 to 4096 servers/);
  });
});
