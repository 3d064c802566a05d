import { createConnection, type RowDataPacket } from 'mysql2/promise';
import * as assert from 'uvu/assert';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import type { Kvetch, KvetchError, KvetchObject } from '../../../src/kvetch.ts';
import { TcpProxy } from '../../support/tcpProxy.ts';
import { until } from '../../support/until.ts';
import { errorOf, rejection, todoStore } from '../todo.ts';
import { edgeRow, entryRow, idOf, mysqlShards, mysqlSuite, newStore, objectRow } from './rows.ts';

const MANY = 40;

/** Whether a chunk ends a transaction, as opposed to: `READ COMMITTED`. */
const isCommit = (from: 'client' | 'server', chunk: Buffer): boolean =>
  from === 'client' && /(?:^.{5}|;\n)COMMIT$/s.test(chunk.toString('latin1'));

mysqlSuite('kvetch mysql: writes that are ready in one turn', (test, server) => {
  const closing: Array<() => unknown> = [];
  test.after.each(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** A store whose statements pass a proxy that counts commits. */
  async function open(): Promise<{ readonly kvetch: Kvetch; readonly proxy: TcpProxy; commits: () => number }> {
    const proxy = await TcpProxy.open(Number(new URL(server.uri).port || 3306));
    let commits = 0;
    proxy.rule((from, chunk) => {
      if (isCommit(from, chunk)) commits++;
      return 'pass';
    });
    const { username, password } = new URL(server.uri);
    const uri = `mysql://${username}:${password}@127.0.0.1:${proxy.port}`;
    const databases = [server.newDatabase(), server.newDatabase()].map((database) => ({ uri, database }));
    const stores = mysqlShards(databases, { createDatabase: true, connectionLimit: 4 });
    const kvetch = todoStore(stores, { outboxPollMs: 3_600_000 }); // so that writes leave notes
    closing.push(
      () => proxy.close(),
      () => kvetch.close(),
    );
    await Promise.all(stores.map((store) => store.init()));
    commits = 0;
    return { kvetch, proxy, commits: () => commits };
  }

  const numbers = Array.from({ length: MANY }, (_, n) => n);

  test('6.8: creates of one turn are one transaction a server; so are plain edges and entries', async () => {
    const { kvetch, commits } = await open();
    const users = await Promise.all(numbers.map((n) => kvetch.createObject('User', { n })));
    const servers = new Set(users.map((id) => shardOfId(id) < 2048));
    assert.is(commits(), servers.size);
    const friends = users.slice(1);
    const source = users[0] as string;
    await Promise.all(friends.map((toId) => kvetch.insertEdge('friends', { fromId: source, toId })));
    assert.is(commits(), servers.size + 1);
    await Promise.all(friends.map((targetId) => kvetch.insertIndexEntry('tags', { value: 'x', targetId })));
    assert.is(commits(), servers.size + 2);
    assert.equal(
      (await kvetch.getObjects(users)).map((user) => (user as KvetchObject).n),
      numbers,
    );
    assert.is(await kvetch.countEdges('friends', source), MANY - 1);
    assert.is((await kvetch.queryIndex('tags', 'x')).ids.length, MANY - 1);
  });

  test('6.4: stamped puts of one turn to one edge count in the order of the calls', async () => {
    const store = newStore(server);
    closing.push(() => store.close());
    const puts = [1, 0, 1].map((state) => ({
      ...{ row: edgeRow(1, 2, { state: state as 0 | 1 }), keepPosition: true, stamped: true },
    }));
    const stamps = await Promise.all(puts.map((put) => store.putEdges([put])));
    const versions = stamps.map(([stamp]) => (stamp as { srcVersion: number }).srcVersion);
    assert.ok(versions.every((version, at) => at === 0 || version > (versions[at - 1] as number)));
    const [row] = await store.readEdges([puts[0]?.row as never]);
    assert.is((row as { srcVersion: number }).srcVersion, versions[2]);
    const entries = [entryRow('sx', 1), entryRow('sx', 2), entryRow('sy', 1)];
    const given = await store.putEntries(entries.map((entry) => ({ row: entry, unique: false, stamped: true })));
    const read = await store.readEntries(entries);
    assert.equal(
      given.map((stamp) => (stamp as { srcVersion: number }).srcVersion),
      read.map((entry) => (entry as { srcVersion: number }).srcVersion),
    );
  });

  test('6.7, 6.10: entries of a turn for shards that are elsewhere are their own errors, stamped ones too', async () => {
    const database = server.newDatabase();
    const store = newStore(server, { database });
    closing.push(() => store.close());
    await store.init();
    const gone = '00000000-0000-8123-8000-000000000001';
    const connection = await createConnection({ uri: `${server.uri}/${database}` });
    closing.push(() => connection.end());
    await connection.query(`UPDATE kvetch_shards SET state = 0 WHERE shard = ${shardOfId(gone)}`);
    await connection.query("UPDATE kvetch_meta SET v = v + 1 WHERE k = 'epoch'");
    const edges = [idOf(1), gone, idOf(2)].map((fromId, at) => edgeRow(1, at, { fromId, shard: shardOfId(fromId) }));
    const put = await Promise.all(edges.map((row) => store.putEdges([{ row, keepPosition: true, stamped: true }])));
    assert.equal(
      put.map(([answer]) => (answer instanceof Error ? errorOf(answer).name : 'put')),
      ['put', 'ShardMovedError', 'put'],
    );
    const objects = [idOf(1), gone].map((id, n) => objectRow(n, { id }));
    const inserted = await Promise.all(objects.map((row) => store.insertObjects([{ row, edges: [] }])));
    assert.equal(
      inserted.map(([answer]) => answer?.constructor.name ?? null),
      [null, 'ShardMovedError'],
    );
    const [rows] = await connection.query<RowDataPacket[]>('SELECT COUNT(*) AS n FROM kvetch_objects');
    assert.is(rows[0]?.n, 1);
  });

  test('6.7: a turn whose commit is not answered is unknown for each of its creates, and made once when repeated', async () => {
    const { kvetch, proxy } = await open();
    const create = (n: number): Promise<string> => kvetch.createObject('User', { n }, { idempotencyKey: `key ${n}` });
    proxy.rule((from, chunk) => (isCommit(from, chunk) ? 'cut' : 'pass'));
    const lost = await Promise.allSettled(numbers.map(create));
    assert.ok(lost.every((one) => one.status === 'rejected' && one.reason.effect === 'unknown'));
    proxy.heal();
    let ids: readonly string[] = [];
    await until('the server answers', async () => {
      ids = await Promise.all(numbers.map(create)).catch(() => []);
      return ids.length === MANY;
    });
    assert.is(new Set(ids).size, MANY);
    const found = await kvetch.getObjects(ids);
    assert.equal(
      found.map((user) => [(user as KvetchObject).n, (user as KvetchObject).version]),
      numbers.map((n) => [n, 1]),
    );
  });

  test('an object that somebody else has locked holds up the others of its turn once, not for as long as the lock', async () => {
    const database = server.newDatabase();
    const stores = mysqlShards([{ uri: server.uri, database }], { createDatabase: true, queryTimeoutMs: 2000 });
    const kvetch = todoStore(stores);
    closing.push(() => kvetch.close());
    const ids = await Promise.all(numbers.slice(0, 4).map((n) => kvetch.createObject('User', { n })));
    const [locked = '', ...others] = ids;
    const connection = await createConnection({ uri: `${server.uri}/${database}` });
    closing.push(() => connection.destroy());
    await connection.query('START TRANSACTION');
    await connection.query('SELECT * FROM kvetch_objects WHERE obj_id = ? FOR UPDATE', [
      Buffer.from(locked.replaceAll('-', ''), 'hex'),
    ]);
    const held = rejection(kvetch.updateObject(locked, { n: 9 }));
    const written = await Promise.all(others.map((id) => kvetch.updateObject(id, { n: 9 })));
    assert.equal(
      written.map(({ n }) => n),
      [9, 9, 9],
    );
    const { code, effect, next } = (await held) as KvetchError;
    assert.equal([code, effect, next], ['SHARD_UNAVAILABLE', 'not-applied', 'retry']);
    await connection.query('COMMIT');
    assert.is((await kvetch.updateObject(locked, { n: 9 })).n, 9);
  });
});
