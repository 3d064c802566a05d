import * as assert from 'uvu/assert';
import { shardOfId, shardOfValue } from '../../../src/kvetch/ids/routing.ts';
import { ConsistencyToken, type Kvetch, type ShardUnavailableError } from '../../../src/kvetch.ts';
import { type MysqlCluster, mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { reported } from '../../support/reported.ts';
import { type OwnMariadb, startMariadbs } from '../../support/servers.ts';
import { idsOf, todoStore } from '../todo.ts';
import { mysqlSuiteWith } from './rows.ts';

/** The second half of the shards is on the server that is killed. */
const isOnB = (shard: number): boolean => shard >= 2048;

/** What one call works on; all of it lives on the server that is killed. */
interface World {
  readonly user: string;
  readonly friend: string;
  readonly list: string;
  readonly city: string;
  readonly username: string;
}

/** Every call that a store has, each by itself. A batch answers with its entries. */
const reads: Record<string, (kvetch: Kvetch, world: World) => Promise<unknown>> = {
  getObject: (kvetch, { user }) => kvetch.getObject(user),
  getObjects: (kvetch, { user }) => kvetch.getObjects([user, user]),
  'getObject, fresh': (kvetch, { user }) => kvetch.with({ freshness: new ConsistencyToken() }).getObject(user),
  getEdges: (kvetch, { user }) => kvetch.getEdges('friends', user),
  getEdgeLists: (kvetch, { user }) => kvetch.getEdgeLists([{ edge: 'friends', fromId: user }]),
  countEdges: (kvetch, { user }) => kvetch.countEdges('friends', user),
  countEdgeLists: (kvetch, { user }) => kvetch.countEdgeLists([{ edge: 'friends', fromId: user }]),
  queryIndex: (kvetch, { city }) => kvetch.queryIndex('city', city),
  queryIndexes: (kvetch, { city }) => kvetch.queryIndexes([{ index: 'city', value: city }]),
  browse: (kvetch) => kvetch.browse('User'),
  edgeObjects: async (kvetch, { user }) => {
    const pages = await kvetch.reads.edgeObjects([{ edge: 'friends', fromId: user }]);
    return pages.flatMap((page) => (page instanceof Error ? [page] : page.objects));
  },
  indexObjects: async (kvetch, { city }) => {
    const pages = await kvetch.reads.indexObjects([{ index: 'city', value: city }]);
    return pages.flatMap((page) => (page instanceof Error ? [page] : page.objects));
  },
  exportShards: (kvetch, { user }) => kvetch.exportShards([shardOfId(user), shardOfId(user)], async () => {}),
  'browse, as a batch': async (kvetch) => kvetch.reads.browse([{ type: 'User' }, { type: 'List', first: 1 }]),
};

const writes: Record<string, (kvetch: Kvetch, world: World) => Promise<unknown>> = {
  createObject: (kvetch, { user }) => kvetch.createObject('User', { n: 1 }, { near: user }),
  createObjects: (kvetch, { user }) => kvetch.createObjects('User', [{ data: { n: 1 }, near: user }]),
  'createObject, unique': (kvetch, { user, username }) =>
    kvetch.createObject('User', { username }, { near: user, idempotencyKey: username }),
  updateObject: (kvetch, { list }) => kvetch.updateObject(list, { title: String(Math.random()) }),
  'updateObject, ifVersion': async (kvetch, { friend }) => {
    const version = Number(String(friend).length > 0);
    return kvetch.updateObject(friend, { n: 5 }, { ifVersion: version }).catch((error: { code?: string }) => {
      if (error.code === 'CONFLICT') return 'done'; // an attempt before it has changed the object
      throw error;
    });
  },
  deleteObject: (kvetch, { list }) => kvetch.deleteObject(list),
  insertEdge: (kvetch, { user, friend }) => kvetch.insertEdge('friends', { fromId: user, toId: friend }),
  deleteEdge: (kvetch, { user, friend }) => kvetch.deleteEdge('friends', { fromId: user, toId: friend }),
  insertIndexEntry: (kvetch, { city, user }) => kvetch.insertIndexEntry('tags', { value: city, targetId: user }),
  deleteIndexEntry: (kvetch, { city, user }) => kvetch.deleteIndexEntry('tags', { value: city, targetId: user }),
};

const calls = Object.entries({ ...reads, ...writes });

mysqlSuiteWith(['mariadbd'], 'kvetch mysql: every call meets a dead server', (test, server) => {
  const own: OwnMariadb[] = [];
  const closing: Array<() => Promise<unknown>> = [];
  const databases = { a: '', c: '' };

  test.before(
    reported(async () => {
      own.push(...(await startMariadbs(1)));
      for (const name of ['a', 'c'] as const) databases[name] = server.newDatabase();
    }),
  );
  test.after(async () => {
    for (const close of closing) await close();
    for (const one of own) await one.remove();
  });

  /** A process of its own: nothing is known yet of servers or shards. */
  function newProcess(): { readonly kvetch: Kvetch; readonly cluster: MysqlCluster } {
    const cluster = mysqlCluster({
      servers: {
        a: { uri: server.uri, database: databases.a },
        b: { uri: own[0]?.uri ?? '', database: 'kvetch' },
        c: { uri: server.uri, database: databases.c },
      },
      map: [
        { from: 0, to: 2047, server: 'a' },
        { from: 2048, to: 4095, server: 'b' },
      ],
      ...{ createDatabase: true, connectionLimit: 2, connectTimeoutMs: 1000 },
      breaker: { resetMs: 100 },
    });
    closing.push(() => cluster.close());
    return { kvetch: todoStore(cluster), cluster };
  }

  async function newWorld(kvetch: Kvetch, name: string): Promise<World> {
    const values = (prefix: string): string => {
      for (let n = 0; ; n++) if (isOnB(shardOfValue(`s${prefix}${n}`))) return `${prefix}${n}`;
    };
    const [city, username] = [values(`city ${name}`), values(`user ${name}`)];
    const made = idsOf(
      await kvetch.createObjects(
        'User',
        Array.from({ length: 30 }, () => ({ data: { city } })),
      ),
    );
    const [user = '', friend = ''] = made.filter((id) => isOnB(shardOfId(id)));
    const list = await kvetch.createObject('List', { owner: user }, { near: user });
    await kvetch.insertEdge('friends', { fromId: user, toId: friend });
    return { user, friend, list, city, username };
  }

  /** The first error among what a call answers. */
  async function failureOf(call: Promise<unknown>): Promise<ShardUnavailableError | null> {
    const answer = await call.catch((error: Error) => error);
    const entries = Array.isArray(answer) ? answer : [answer];
    return (entries.find((entry) => entry instanceof Error) as ShardUnavailableError | undefined) ?? null;
  }

  test('killed: each call says SHARD_UNAVAILABLE; after a move to another server, each finds it', async () => {
    const { kvetch, cluster } = newProcess();
    await cluster.init();
    const worlds = new Map<string, World>();
    for (const [name] of calls) worlds.set(name, await newWorld(kvetch, name));
    const worldOf = (name: string): World => worlds.get(name) as World;

    await own[0]?.kill();
    for (const [name, call] of calls) {
      const alone = newProcess();
      const error = await failureOf(call(alone.kvetch, worldOf(name)));
      await alone.cluster.close(); // or its relay comes back with the server, and takes one of its connections
      assert.is(error?.code, 'SHARD_UNAVAILABLE', `${name}: ${error?.stack}`);
      assert.equal([error?.next, error?.effect], ['retry', 'not-applied'], name);
      assert.match(error?.message ?? '', /^Shard \d+ is unavailable\.$/, name);
    }
    const told: string[] = [];
    const lost = await newProcess().kvetch.clean({
      onError: (error) => told.push((error as ShardUnavailableError).code),
    });
    assert.equal([lost.complete, new Set(told)], [false, new Set(['SHARD_UNAVAILABLE'])]);

    await own[0]?.start();
    const processes = new Map(calls.map(([name]) => [name, newProcess().kvetch]));
    const cleaner = newProcess().kvetch;
    for (const process of [...processes.values(), cleaner]) await process.countEdges('friends', worldOf('browse').user);
    await newProcess().cluster.move({ from: 'b', to: 'c', shards: [2048, 4095] });
    await own[0]?.kill();
    for (const [name, call] of calls) {
      const end = performance.now() + 8000;
      for (let tries = 1; ; tries++) {
        const error = await failureOf(call(processes.get(name) as Kvetch, worldOf(name)));
        if (error === null) break;
        assert.is(error.code, 'SHARD_UNAVAILABLE', `${name}: ${error.stack}`);
        assert.ok(performance.now() < end, `${name} has not found the shard after ${tries} calls.`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    const report = await cleaner.clean({ graceMs: 0 });
    assert.equal([report.complete, report.errors], [true, 0], 'a server without shards is not needed');
  });
});
