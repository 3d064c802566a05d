import * as assert from 'uvu/assert';
import { ConsistencyToken, type Kvetch, type KvetchObject } from '../../../src/kvetch.ts';
import { type MysqlShardOptions, type MysqlShardStore, mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { needs } from '../../support/needs.ts';
import { redisForTests } from '../../support/redisServer.ts';
import { type Replication, startReplication } from '../../support/replication.ts';
import { reported } from '../../support/reported.ts';
import { TcpProxy } from '../../support/tcpProxy.ts';
import { until } from '../../support/until.ts';
import { idsOf, todoStore } from '../todo.ts';
import { mysqlShard, mysqlSuiteWith } from './rows.ts';

/** For tests in which a replica that is held back is read all the same. */
const FOR_EVER = 3_600_000;

const redis = await redisForTests();

mysqlSuiteWith(['mariadbd'], 'kvetch mysql: replicas', (test) => {
  let servers: Replication;
  let databases = 0;
  const closing: Array<() => Promise<unknown>> = [];
  test.before(
    reported(async () => {
      servers = await startReplication(1);
    }),
  );
  test.after.each(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await replica().letGo();
  });
  test.after(() => servers?.remove());

  const replica = () => servers.replicas[0] as Replication['replicas'][number];
  const places = (maxReplicaLagMs: number): MysqlShardOptions => ({
    ...{ uri: servers.primary.uri, replicas: [{ uri: replica().uri, queryTimeoutMs: 300, breaker: { resetMs: 50 } }] },
    ...{ createDatabase: true, connectionLimit: 4, maxReplicaLagMs },
  });

  /** A process: a store of its own over the same database. */
  interface Process {
    readonly kvetch: Kvetch;
    readonly store: MysqlShardStore;
  }

  function open(database: string, options: Partial<MysqlShardOptions> = {}): Process {
    const store = mysqlShard({ ...places(FOR_EVER), ...options, database });
    const kvetch = todoStore([store]);
    closing.push(() => kvetch.close());
    return { kvetch, store };
  }

  const answered = ({ store }: Process): number => store.replicas.reduce((sum, { counts }) => sum + counts.answered, 0);

  /** Waits until a process reads an object from a replica. */
  async function usesReplica(process: Process, id: string): Promise<void> {
    await replica().caughtUp();
    await until('the replica answers', async () => {
      const before = answered(process);
      await process.kvetch.getObject(id);
      return answered(process) > before;
    });
  }

  /** A writer and a reader that read from the replica, and a user. */
  async function twoProcesses(options: Partial<MysqlShardOptions> = {}): Promise<[Process, Process, string]> {
    const database = `replicas_${databases++}`;
    const writer = open(database, options);
    const user = await writer.kvetch.createObject('User', { n: 0, username: 'jim', city: 'Rome' });
    const reader = open(database, options);
    await usesReplica(reader, user);
    await usesReplica(writer, user);
    return [writer, reader, user];
  }

  test('9.8: a reader sees what the replica shows; the process that wrote, and a token, see the write at once', async () => {
    const [writer, reader, user] = await twoProcesses();
    const friend = await writer.kvetch.createObject('User', { city: 'Rome' });
    await usesReplica(reader, friend);
    await usesReplica(writer, friend);
    const freshness = new ConsistencyToken();
    const write = writer.kvetch.with({ freshness });
    await replica().holdBack();
    await write.updateObject(user, { n: 1, city: 'Oslo' });
    await write.insertEdge('friends', { fromId: user, toId: friend });
    await write.insertIndexEntry('tags', { value: 'new', targetId: user });

    const look = async (kvetch: Kvetch): Promise<unknown> => ({
      n: (await kvetch.getObject(user))?.n,
      friends: (await kvetch.getEdges('friends', user)).edges.length,
      rome: (await kvetch.queryIndex('city', 'Rome')).ids.length,
      oslo: (await kvetch.queryIndex('city', 'Oslo')).ids.length,
      tags: (await kvetch.queryIndex('tags', 'new')).ids.length,
    });
    const [before, after] = [
      // what the replica does not have at all is asked of the primary
      { n: 0, friends: 0, rome: 2, oslo: 1, tags: 1 },
      { n: 1, friends: 1, rome: 1, oslo: 1, tags: 1 },
    ];
    assert.equal(await look(reader.kvetch), before);
    assert.equal(await look(writer.kvetch), after);
    assert.equal(await look(reader.kvetch.with({ freshness: ConsistencyToken.parse(freshness.toString()) })), after);
    // counts and pages of all objects are the primary's
    assert.is(await reader.kvetch.countEdges('friends', user), 1);

    await writer.kvetch.deleteEdge('friends', { fromId: user, toId: friend });
    await writer.kvetch.deleteObject(friend);
    assert.equal(
      [(await reader.kvetch.getObject(friend))?.city, await writer.kvetch.getObject(friend)],
      ['Rome', null],
    );
    assert.is((await writer.kvetch.getEdges('friends', user)).edges.length, 0);

    await replica().letGo();
    await replica().caughtUp();
    await until('the reader sees it', async () => (await reader.kvetch.getObject(user))?.n === 1);
    assert.is(await reader.kvetch.getObject(friend), null);
    await usesReplica(writer, user);
  });

  test('9.8: an object that a replica lacks is read from the primary, and so is a page behind an id that it lacks', async () => {
    const [writer, reader, user] = await twoProcesses();
    await replica().holdBack();
    const ids = idsOf(await writer.kvetch.createObjects('User', [{ data: { n: 5 } }, { data: { n: 6 } }]));
    for (const toId of ids) await writer.kvetch.insertEdge('friends', { fromId: user, toId });
    const before = answered(reader);
    const found = await reader.kvetch.getObjects([...ids, user]);
    assert.equal(
      found.map((object) => (object as KvetchObject).n),
      [5, 6, 0],
    );
    assert.is(answered(reader), before + 1);
    const page = await reader.kvetch.getEdges('friends', user, { after: ids[0] as string });
    assert.equal(
      page.edges.map(({ toId }) => toId),
      [ids[1]],
    );
    assert.is(await reader.kvetch.getObject('00000000-0000-4000-8000-000000000000'), null);
  });

  test('9.8: what was committed maxReplicaLagMs before a read is in it, however long a replica stands still', async () => {
    const maxReplicaLagMs = 100;
    const [writer, reader, user] = await twoProcesses({ maxReplicaLagMs });
    const seen: Array<readonly [least: number, version: number]> = [];
    for (let n = 1; n <= 30; n++) {
      if (n % 6 === 2) await replica().holdBack();
      if (n % 6 === 5) await replica().letGo();
      const { version } = await writer.kvetch.updateObject(user, { n });
      const returned = performance.now();
      do {
        await new Promise((resolve) => setTimeout(resolve, 10));
        await reader.kvetch.getObject(user);
      } while (performance.now() < returned + maxReplicaLagMs);
      seen.push([version, (await reader.kvetch.getObject(user))?.version ?? 0]);
    }
    assert.equal(
      seen.filter(([least, version]) => version < least),
      [],
    );
  });

  test('9.8: a process reads what it has written, in any order, while the replica stops and goes on', async () => {
    const [{ kvetch }, , user] = await twoProcesses({ maxReplicaLagMs: 200 });
    const truth = todoStore([mysqlShard({ uri: servers.primary.uri, database: `replicas_${databases - 1}` })]);
    closing.push(() => truth.close());
    const users = [user, ...idsOf(await kvetch.createObjects('User', new Array(5).fill({ data: { n: 0 } })))];
    const any = (): string => users[Math.floor(Math.random() * users.length)] as string;
    for (let n = 0; n < 200; n++) {
      if (n % 40 === 10) await replica().holdBack();
      if (n % 40 === 30) await replica().letGo();
      const [a, b] = [any(), any()];
      const writes = [
        () => kvetch.updateObject(a, { n, city: `city ${n % 3}` }),
        () => kvetch.insertEdge('friends', { fromId: a, toId: b }),
        () => kvetch.deleteEdge('friends', { fromId: a, toId: b }),
        () => kvetch.insertIndexEntry('tags', { value: `tag ${n % 2}`, targetId: a }),
        () => kvetch.deleteIndexEntry('tags', { value: `tag ${n % 2}`, targetId: a }),
      ];
      await writes[n % writes.length]?.();
      const look = async (from: Kvetch): Promise<unknown> => [
        (await from.getObjects(users)).map((object) => (object as KvetchObject).version),
        (await from.getEdges('friends', a)).edges.map(({ toId }) => toId),
        (await from.queryIndex('city', `city ${n % 3}`)).ids,
        (await from.queryIndex('tags', `tag ${n % 2}`)).ids,
      ];
      assert.equal(await look(kvetch), await look(truth), `after write ${n}`);
    }
  });

  test('9.8: a replica that is killed, hangs, lacks a table or is another database costs nobody an answer', async () => {
    const [writer, reader, user] = await twoProcesses({ maxReplicaLagMs: 500 });
    const read = async (): Promise<void> => {
      assert.is((await reader.kvetch.getObject(user))?.n, 0);
      assert.is((await reader.kvetch.queryIndex('username', 'jim')).ids.length, 1);
    };
    const hurt: Array<readonly [string, () => unknown, () => unknown]> = [
      ['killed', () => replica().kill(), () => replica().start()],
      ['hanging', () => replica().pause(), () => replica().resume()],
      [
        'without a table',
        () => replica().run(`RENAME TABLE replicas_${databases - 1}.kvetch_objects TO replicas_${databases - 1}.away`),
        () => replica().run(`RENAME TABLE replicas_${databases - 1}.away TO replicas_${databases - 1}.kvetch_objects`),
      ],
      [
        'of another origin',
        () => replica().run(`UPDATE replicas_${databases - 1}.kvetch_meta SET v = 'x' WHERE k = 'origin'`),
        async () => {
          const [row] = await (await writer.store.database()).read((session) =>
            session.rows("SELECT v FROM kvetch_meta WHERE k = 'origin'"),
          );
          await replica().run(`UPDATE replicas_${databases - 1}.kvetch_meta SET v = '${row?.[0]}' WHERE k = 'origin'`);
        },
      ],
    ];
    for (const [name, begin, end] of hurt) {
      await usesReplica(reader, user);
      const before = answered(reader);
      await begin();
      await until(`a replica that is ${name} is not asked`, async () => {
        await read();
        return reader.store.replicas.every(({ problem }) => problem !== null);
      });
      assert.match(
        (await reader.store.checkReplicas()).join(),
        /Replica "mysql replica-0" of "mysql" is not read from: /,
      );
      assert.ok(answered(reader) >= before);
      await end();
      await until(`a replica that was ${name} shows what is written`, async () => {
        return (await reader.store.checkReplicas()).length === 0;
      });
    }
  });

  test('9.8: a replica is never written to, nor read by what writes decide on', async () => {
    const [writer, , user] = await twoProcesses();
    await replica().holdBack();
    const { kvetch } = writer;
    for (let n = 1; n <= 5; n++) assert.is((await kvetch.updateObject(user, { n })).version, n + 1);
    const list = await kvetch.createObject('List', { owner: user });
    const item = await kvetch.createObject('Item', { list, text: 'x' });
    await kvetch.deleteObject(item);
    const again = await kvetch.createObject('User', { username: 'jim' }).catch((error) => error.code);
    assert.is(again, 'UNIQUE_VIOLATION');
    // the cleaners, too: a replica would show them objects without edges
    const { missingEdges, orphanEdges, missingIndex, staleIndex, errors } = await kvetch.clean({ graceMs: 0 });
    assert.equal([missingEdges, orphanEdges, missingIndex, staleIndex, errors], [0, 0, 0, 0, 0]);
    assert.is(await replica().ownWrites(), '');
  });

  test('9.8: shards that were moved away and back are not read from a replica that has not heard of it', async () => {
    const names = [`replicas_${databases++}`, `replicas_${databases++}`] as const;
    const server = (database: string): MysqlShardOptions => ({ ...places(FOR_EVER), database });
    const cluster = mysqlCluster({ servers: { a: server(names[0]), b: server(names[1]) } });
    await cluster.init();
    const kvetch = todoStore(cluster);
    closing.push(() => kvetch.close());
    const users = idsOf(await kvetch.createObjects('User', new Array(20).fill({ data: { n: 0 } })));
    const counts = (): readonly number[] => cluster.stores.map(({ replicas }) => replicas[0]?.counts.answered ?? 0);
    await until('both replicas answer', async () => {
      await kvetch.getObjects(users);
      return counts().every((count) => count > 0);
    });
    await replica().holdBack();
    await cluster.move({ from: 'a', to: 'b', shards: [0, 2047] });
    for (const user of users) await kvetch.updateObject(user, { n: 1 });
    await cluster.move({ from: 'b', to: 'a', shards: [0, 2047] });
    const found = await kvetch.getObjects(users);
    assert.equal(
      found.map((user) => (user as KvetchObject).n),
      users.map(() => 1),
    );
    await replica().letGo();
  });

  needs(test, redis)('9.8: Redis is filled from the primary; a replica answers while Redis does not', async () => {
    const database = `replicas_${databases++}`;
    const prefix = redis.newPrefix();
    const process = async (): Promise<Process & { readonly cache: ReturnType<typeof redisCache> }> => {
      const cache = redisCache({ url: redis.url, prefix, timeoutMs: 1000 });
      await cache.ready();
      const store = mysqlShard({ ...places(FOR_EVER), database });
      const kvetch = todoStore([store], { cache });
      closing.push(async () => {
        await kvetch.close();
        await cache.close();
      });
      return { kvetch, store, cache };
    };
    const writer = await process();
    const user = await writer.kvetch.createObject('User', { n: 0 });
    const [one, other] = [await process(), await process()];
    await replica().caughtUp();
    await one.store.checkReplicas(); // so that it could be read from
    await other.store.checkReplicas();
    await replica().holdBack();
    await writer.kvetch.updateObject(user, { n: 1 });
    assert.is((await one.kvetch.getObject(user))?.n, 1);
    await until('Redis is filled', () => one.cache.stats.fills > 0);
    assert.is((await other.kvetch.getObject(user))?.n, 1);
    assert.equal([answered(one), answered(other)], [0, 0]);
    await one.cache.close();
    assert.is((await one.kvetch.getObject(user))?.n, 0, 'as old as the replica');
    assert.is(answered(one), 1);
  });

  test('6.7: a server that has become read-only is connected to anew: its address may be another server by now', async () => {
    const database = `replicas_${databases++}`;
    const root = mysqlShard({ uri: servers.primary.uri, database, createDatabase: true, connectionLimit: 1 });
    await root.init();
    const admin = await root.database();
    const run = (sql: string): Promise<number> => admin.write((session) => session.write(sql));
    await run("CREATE USER IF NOT EXISTS app@'127.0.0.1' IDENTIFIED BY 'app'"); // who is not root obeys read_only
    await run(`GRANT ALL ON ${database}.* TO app@'127.0.0.1'`);
    const proxy = await TcpProxy.open(servers.primary.port);
    closing.push(() => proxy.close());
    const uri = `mysql://app:app@127.0.0.1:${proxy.port}/${database}`;
    const kvetch = todoStore([mysqlShard({ uri, connectionLimit: 1 })]);
    closing.push(() => kvetch.close());
    const user = await kvetch.createObject('User', { n: 0 });
    await run('SET GLOBAL read_only = ON');
    try {
      const { made } = proxy;
      for (let n = 1; n <= 2; n++) {
        const error = await kvetch.updateObject(user, { n }).catch((cause) => cause);
        assert.equal([error.code, error.next, error.effect], ['SHARD_UNAVAILABLE', 'refresh-shard-map', 'not-applied']);
        assert.is((await kvetch.getObject(user))?.n, 0, 'it is read all the same');
      }
      assert.is(proxy.made, made + 2);
    } finally {
      await run('SET GLOBAL read_only = OFF');
    }
    assert.is((await kvetch.updateObject(user, { n: 3 })).n, 3);
  });

  test('options of replicas', () => {
    const uri = 'mysql://jim:secret@10.0.0.1:3307/todo';
    assert.throws(() => mysqlShard({ uri, replicas: [uri] }), /the replica "10\.0\.0\.1:3307" is the primary itself/);
    assert.throws(() => mysqlShard({ uri, maxReplicaLagMs: 0 }), /"maxReplicaLagMs" is 0/);
    assert.throws(() => mysqlShard({ uri, replicas: ['http://x'] }), /must look like/);
  });
});
