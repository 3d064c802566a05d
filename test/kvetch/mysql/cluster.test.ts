import { type Connection, createConnection } from 'mysql2/promise';
import * as assert from 'uvu/assert';
import type { ShardMovedError } from '../../../src/kvetch/errors.ts';
import { shardOfId, shardOfValue } from '../../../src/kvetch/ids/routing.ts';
import type { Kvetch, KvetchObject } from '../../../src/kvetch.ts';
import { type MysqlCluster, type MysqlClusterOptions, mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { until } from '../../support/until.ts';
import { errorOf, idsOf, rejection, todoStore } from '../todo.ts';
import { edgeRow, entryRow, idOf, mysqlShard, mysqlSuite, objectRow } from './rows.ts';

mysqlSuite('kvetch mysql: cluster', (test, server) => {
  const closing: Array<() => Promise<unknown>> = [];
  test.after.each(async () => {
    for (const close of closing.splice(0)) await close();
  });

  function newCluster(names: readonly string[], options: Partial<MysqlClusterOptions> = {}): MysqlCluster {
    const servers = Object.fromEntries(
      names.map((name) => [name, { uri: server.uri, database: server.newDatabase() }] as const),
    );
    const cluster = mysqlCluster({ servers, createDatabase: true, connectionLimit: 4, ...options });
    closing.push(() => cluster.close());
    return cluster;
  }

  async function connect(database: string): Promise<Connection> {
    const connection = await createConnection({ uri: `${server.uri}/${database}` });
    closing.push(() => connection.end());
    return connection;
  }

  /** Sets the state of shards as a move does: together with the epoch of the server. */
  async function setState(connection: Connection, state: number, where = 'TRUE'): Promise<void> {
    await connection.query('START TRANSACTION');
    await connection.query(`UPDATE kvetch_shards SET state = ${state} WHERE ${where}`);
    await connection.query("UPDATE kvetch_meta SET v = v + 1 WHERE k = 'epoch'");
    await connection.query('COMMIT');
  }

  async function twentyUsers(kvetch: Kvetch): Promise<string[]> {
    return idsOf(
      await kvetch.createObjects(
        'User',
        Array.from({ length: 20 }, (_, n) => ({ data: { n } })),
      ),
    );
  }

  test('init divides the shards once; a server that comes later has none', async () => {
    const place = () => ({ uri: server.uri, database: server.newDatabase() });
    const [a, b, c] = [place(), place(), place()];
    const first = newCluster([], { servers: { a, b } });
    const early = await rejection(todoStore(first).createObject('User', {}));
    assert.equal([early.code, early.message.includes('kvetch init')], ['BAD_OPTION', true]);
    await first.init();
    const divided = await first.loadRanges();
    assert.equal(
      divided.map(({ from, to, store }) => [from, to, store.name]),
      [
        [0, 2047, 'a'],
        [2048, 4095, 'b'],
      ],
    );
    const map = [{ from: 0, to: 4095, server: 'c' }];
    const second = newCluster([], { servers: { a, b, c }, map });
    await second.init();
    assert.equal(
      (await second.loadRanges()).map(({ to, store }) => [to, store.name]),
      divided.map(({ to, store }) => [to, store.name]),
    );
  });

  test('a server whose database is another one, or that is missing, is told of; its shards are not given away', async () => {
    const place = () => ({ uri: server.uri, database: server.newDatabase() });
    const [a, b] = [place(), place()];
    const right = newCluster([], { servers: { a, b } });
    await right.init();
    const users = await twentyUsers(todoStore(right));
    for (const servers of [{ a, b: place() }, { a }, { b, c: place() }]) {
      const wrong = newCluster([], { servers });
      const error = await rejection(wrong.init());
      assert.equal(
        [error.code, /^No server has the shards \d+-\d+, which were divided/.test(error.message)],
        ['BAD_OPTION', true],
      );
      assert.ok((await wrong.check()).some((problem) => /open nowhere/.test(problem)));
    }
    await right.init();
    assert.equal(await right.check(), []);
    assert.ok((await todoStore(right).getObjects(users)).every((user) => (user as KvetchObject).typeId === 100000));
  });

  test('a division that was interrupted goes on when it is repeated', async () => {
    const cluster = newCluster(['a', 'b']);
    await cluster.init();
    // as after a crash when the first server had its shards, and no marks were made
    for (const store of cluster.stores) {
      const database = await store.database();
      await database.write((session) =>
        session.write(`DELETE FROM kvetch_shards WHERE state = 0 OR ${store.name === 'b' ? 'TRUE' : 'FALSE'}`),
      );
    }
    assert.match((await cluster.check()).join(), /Shards 2048-4095 are open nowhere/);
    await cluster.init();
    assert.equal(await cluster.check(), []);
  });

  test('a map of unequal parts, and mistakes in it', async () => {
    const map = [
      { from: 0, to: 9, server: 'b' },
      { from: 10, to: 4095, server: 'a' },
    ];
    const cluster = newCluster(['a', 'b'], { map });
    await cluster.init();
    assert.equal(
      (await cluster.loadRanges()).map(({ from, to, store }) => [from, to, store.name]),
      map.map(({ from, to, server: name }) => [from, to, name]),
    );
    assert.throws(() => newCluster([]), /at least one server/);
    assert.throws(() => newCluster(['a'], { map }), /no server "b"; it has "a"/);
    assert.throws(() => newCluster(['a'], { map: [{ from: 1, to: 4095, server: 'a' }] }), /must cover 0\.\.4095/);
  });

  test('what a server does not hold it neither reads nor writes, whatever is asked', async () => {
    const database = server.newDatabase();
    const store = mysqlShard({ uri: server.uri, database, createDatabase: true });
    const [here, gone] = [idOf(1), '00000000-0000-8123-8000-000000000001'] as const;
    const values = ['s', 'sjane'] as const;
    const objects = [here, gone].map((id, n) => objectRow(n, { id }));
    const edges = [here, gone].map((fromId) => edgeRow(1, 2, { fromId, shard: shardOfId(fromId) }));
    const entries = values.map((value) => entryRow(value, 1));
    const claims = values.map((value) => ({ row: entryRow(value, 1, { index: 'u' }), replaces: null }));
    const writes = {
      replace: () =>
        store.replaceObjects(objects.map((row) => ({ row: { ...row, version: 2 }, expectedVersion: row.version }))),
      edges: () => store.putEdges(edges.map((row) => ({ row, keepPosition: true }))),
      entries: () => store.putEntries(entries.map((row) => ({ row, unique: false }))),
      claim: () => store.claimEntries(claims),
      release: () => store.putEntries(claims.map(({ row }) => ({ row: { ...row, state: 0 as const }, unique: true }))),
      insert: () =>
        store.insertObjects(
          objects.map(({ id }, n) => ({ row: objectRow(n, { id: id.replace(/1$/, '9') }), edges: [] })),
        ),
    };
    const page = { afterPos: null, afterId: null, limit: 5 };
    const reads = {
      objects: () => store.readObjects([here, gone]),
      pages: () => store.readEdgePages([here, gone].map((fromId) => ({ ...page, edgeId: 5, fromId }))),
      emptyPages: () => store.readEdgePages([here, gone].map((fromId) => ({ ...page, edgeId: 99, fromId }))),
      counts: () => store.countEdges([here, gone].map((fromId) => ({ edgeId: 5, fromId }))),
      entryPages: () =>
        store.readEntryPages(values.map((value) => ({ index: 'name', value, afterId: null, limit: 5 }))),
      edges: () => store.readEdges(edges),
      entries: () => store.readEntries(entries),
      holders: () => store.readHolders(claims.map(({ row }) => row)),
    };
    await store.insertObjects(objects.map((row) => ({ row, edges: [] })));
    for (const write of [writes.edges, writes.entries, writes.claim]) {
      assert.equal(
        (await write()).map((answer) => answer instanceof Error),
        [false, false],
      );
    }
    const connection = await connect(database);
    const where = `shard IN (${shardOfId(gone)}, ${shardOfValue('sjane')})`;
    const tables = ['kvetch_objects', 'kvetch_edges', 'kvetch_entries'];
    const rowsOfGone = async (): Promise<unknown> =>
      Promise.all(tables.map(async (table) => (await connection.query(`SELECT * FROM ${table} WHERE ${where}`))[0]));
    const before = await rowsOfGone();
    const isRefused = (answer: unknown): boolean => (answer as ShardMovedError | null)?.code === 'SHARD_MOVED';
    for (const [state, isRead] of [
      [3, true],
      [4, false],
      [0, false],
    ] as const) {
      // frozen, arriving, closed
      await setState(connection, state, where);
      for (const [name, read] of Object.entries(reads)) {
        assert.equal((await read()).map(isRefused), [false, !isRead], `${name} in state ${state}`);
      }
      for (const [name, write] of Object.entries(writes)) {
        const answers = await write();
        assert.equal(answers.map(isRefused), [false, true], `${name} in state ${state}`);
        assert.equal(
          [errorOf(answers[1])].map((e) => [(e as ShardMovedError).next, (e as ShardMovedError).effect])[0],
          ['refresh-shard-map', 'not-applied'],
        );
      }
      assert.equal(await rowsOfGone(), before, `state ${state}`);
    }
    const all = { order: 'time' as const, fromShard: 0, toShard: 4095, fromUs: 0, toUs: 1e15, after: null, limit: 100 };
    const scanned = [...(await store.scanObjects(all)).rows, ...(await store.scanEdges(all)).rows];
    assert.ok(scanned.length > 0 && scanned.every(({ shard }) => shard !== shardOfId(gone)));
    const browse = { typeId: 1, afterId: null, limit: 10 };
    const spans = [
      [0, 10],
      [shardOfId(gone), shardOfId(gone)],
    ].map((span) => [span as [number, number]]);
    assert.equal((await store.browse(spans.map((shards) => ({ ...browse, shards })))).map(isRefused), [false, true]);
  });

  test('rows of a moving shard are not purged', async () => {
    const database = server.newDatabase();
    const store = mysqlShard({ uri: server.uri, database, createDatabase: true });
    const row = objectRow(1, { state: 0 });
    await store.insertObjects([{ row, edges: [] }]);
    const connection = await connect(database);
    await setState(connection, 2);
    assert.is(await store.purge({ objects: [row], edges: [], entries: [] }), 0);
    await setState(connection, 1);
    assert.is(await store.purge({ objects: [row], edges: [], entries: [] }), 1);
  });

  test('closing a shard waits for the writes that are under way', async () => {
    const database = server.newDatabase();
    const patience = { queryTimeoutMs: 60_000, acquireTimeoutMs: 60_000 };
    const store = mysqlShard({ uri: server.uri, database, createDatabase: true, ...patience });
    await store.init();
    const blocker = await connect(database);
    await blocker.query('START TRANSACTION');
    const id = `x'${idOf(2).replaceAll('-', '')}'`;
    await blocker.query(`INSERT INTO kvetch_objects VALUES (${id}, 0, 1, 1, 1, 1, 1, 1, '{}')`);
    // its fence is passed, and its second row waits for the other transaction
    const write = store.insertObjects([1, 2].map((n) => ({ row: objectRow(n), edges: [] })));
    const mover = await connect(database);
    await until('the write waits for the lock', async () => {
      // a copy that is made anew only when nobody has read it for 100 ms
      await new Promise((resolve) => setTimeout(resolve, 200));
      const [rows] = await mover.query('SELECT * FROM information_schema.innodb_trx WHERE trx_state = "LOCK WAIT"');
      return (rows as unknown[]).length > 0;
    });
    let isClosed = false;
    const close = setState(mover, 0).then(() => {
      isClosed = true;
    });
    await blocker.query('DO SLEEP(0.2)');
    assert.is(isClosed, false);
    await blocker.query('ROLLBACK');
    assert.equal(await write, [null, null]);
    await close;
    assert.equal(
      (await store.readObjects([idOf(1)])).map((answer) => (answer as ShardMovedError).code),
      ['SHARD_MOVED'],
    );
  });

  test('a caller waits for a shard that is nowhere, and is told when that takes too long', async () => {
    const cluster = newCluster(['a', 'b']);
    await cluster.init();
    const kvetch = todoStore(cluster, { limits: { shardMoveWaitMs: 100 } });
    const patient = todoStore(cluster);
    const users = await twentyUsers(kvetch);
    const [a] = await Promise.all(cluster.stores.map((store) => store.database()));
    const isOnA = (id: string): boolean => shardOfId(id) < 2048;
    await a?.write((session) => session.write('UPDATE kvetch_shards SET state = 0'));
    await a?.write((session) => session.write("UPDATE kvetch_meta SET v = v + 1 WHERE k = x'65706f6368'"));
    const read = await kvetch.getObjects(users);
    for (const [at, id] of users.entries()) {
      if (isOnA(id)) assert.is((errorOf(read[at]) as ShardMovedError).code, 'SHARD_MOVED');
      else assert.is((read[at] as KvetchObject).n, at);
    }
    assert.is((await rejection(kvetch.browse('User'))).code, 'SHARD_MOVED');
    const waiting = Promise.all([
      patient.getObjects(users),
      patient.browse('User', { first: 20 }),
      twentyUsers(patient),
    ]);
    await a?.write((session) => session.write('UPDATE kvetch_shards SET state = 1 WHERE shard < 2048'));
    await a?.write((session) => session.write("UPDATE kvetch_meta SET v = v + 1 WHERE k = x'65706f6368'"));
    const [objects, browsed] = await waiting;
    assert.equal(
      objects.map((object) => (object as KvetchObject).n),
      users.map((_, n) => n),
    );
    assert.is(browsed.objects.length, 20);
  });
});
