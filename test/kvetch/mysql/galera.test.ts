import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  create,
  increment,
  type Kvetch,
  type KvetchObject,
  type ShardUnavailableError,
  update,
} from '../../../src/kvetch.ts';
import type { MysqlShardOptions } from '../../../src/kvetch-mysql.ts';
import { type GaleraCluster, type GaleraNode, startGalera } from '../../support/galera.ts';
import { type Haproxy, startHaproxy } from '../../support/haproxy.ts';
import { needs } from '../../support/needs.ts';
import { reported } from '../../support/reported.ts';
import { until } from '../../support/until.ts';
import { idsOf, todoStore } from '../todo.ts';
import { mysqlShard } from './rows.ts';

const NODES = 3;
const options: MysqlShardOptions = {
  ...{ database: 'kvetch', createDatabase: true, connectionLimit: 5, connectTimeoutMs: 1000 },
  // a read waits until its node has all that was committed before
  ...{ session: { wsrep_sync_wait: 7 }, breaker: { resetMs: 100 } },
};

const test = needs(suite('kvetch mysql: a Galera cluster behind HAProxy'), 'galera', 'haproxy');
let cluster: GaleraCluster;
let proxy: Haproxy;
/** One process per node, and one that goes through HAProxy. */
let direct: readonly Kvetch[] = [];
let balanced: Kvetch;

test.before(
  reported(async () => {
    cluster = await startGalera(NODES);
    proxy = await startHaproxy(cluster.nodes.map(({ port }) => port));
    direct = cluster.nodes.map(({ uri }) => todoStore([mysqlShard({ ...options, uri })]));
    balanced = todoStore([mysqlShard({ ...options, uri: proxy.uri })]);
    for (const one of direct) await one.createObject('User', {}); // tables, one node after the other
  }),
);
test.after(async () => {
  for (const one of [...direct, balanced]) await one?.close();
  await proxy?.stop();
  await cluster?.remove();
});

test('writers on all nodes at the same rows: conflicts are tried again, nothing is lost, one has the name', async () => {
  const [first] = direct as [Kvetch];
  const user = await first.createObject('User', {});
  const [a = '', b = '', c = ''] = idsOf(await first.createObjects('User', [{ data: {} }, { data: {} }, { data: {} }]));
  const list = await first.createObject('List', { owner: a });
  await Promise.all(
    direct.flatMap((kvetch, node) => [
      ...numbered(20, (n) => kvetch.updateObject(user, { [`k${node}_${n}`]: n })),
      ...numbered(5, (n) => kvetch.updateObject(list, { owner: [a, b, c][(node + n) % 3] })),
      ...numbered(5, (n) => kvetch.insertEdge('friends', { fromId: user, toId: [a, b, c][(node + n) % 3] ?? '' })),
    ]),
  );
  const claims = await Promise.allSettled(
    direct.map((kvetch, node) => kvetch.createObject('User', { username: 'jane', node })),
  );
  const refused = claims.flatMap((claim) => (claim.status === 'rejected' ? [claim.reason.code] : []));
  assert.equal(refused, ['UNIQUE_VIOLATION', 'UNIQUE_VIOLATION']);
  for (const kvetch of [...direct, balanced]) {
    const object = (await kvetch.getObject(user)) as KvetchObject;
    const keys = direct.flatMap((_, node) => numbered(20, (n) => `k${node}_${n}`));
    assert.equal([keys.filter((key) => object[key] === undefined), object.version], [[], 61]);
    const owner = (await kvetch.getObject(list))?.owner;
    const counts = await kvetch.countEdgeLists([a, b, c].map((fromId) => ({ edge: 'user_to_list', fromId })));
    assert.equal(
      counts,
      [a, b, c].map((id) => (id === owner ? 1 : 0)),
    );
    assert.is(await kvetch.countEdges('friends', user), 3);
    assert.is((await kvetch.queryIndex('username', 'jane')).ids.length, 1);
  }
});

test('units of all nodes on the same objects: each is there as a whole, and none that was acknowledged is lost', async () => {
  const [first] = direct as [Kvetch];
  const [a = '', b = ''] = idsOf(await first.createObjects('User', [{ data: { n: 0 } }, { data: { n: 0 } }]));
  const done: string[] = [];
  await Promise.all(
    direct.flatMap((kvetch, node) =>
      numbered(5, async (writer) => {
        for (let n = 0; n < 60; n++) {
          const username = `unit ${node} ${writer} ${n}`;
          const unit = kvetch.write([
            update(a, { n: increment() }),
            create('User', { username }),
            update(b, { n: increment() }),
          ]);
          // who has lost six races to writers of other nodes is told
          await unit.then(
            () => done.push(username),
            (error: ShardUnavailableError) => assert.is(error.effect, 'not-applied', String(error)),
          );
        }
      }),
    ),
  );
  assert.ok(done.length > 100, `${done.length} units`);
  const counted = await first.getObjects([a, b]);
  assert.equal(
    counted.map((one) => (one as KvetchObject).n),
    [done.length, done.length],
  );
  const found = await Promise.all(done.map((username) => first.queryIndex('username', username)));
  assert.equal(
    done.filter((_, at) => found[at]?.ids.length !== 1),
    [],
  );
});

test('a database that one node has just made is waited for on a node that is behind', async () => {
  const behind = await createConnection((cluster.nodes[NODES - 1] as GaleraNode).uri);
  const fresh = todoStore([mysqlShard({ ...options, uri: proxy.uri, database: 'fresh' })]);
  try {
    await behind.query('FLUSH TABLES WITH READ LOCK'); // it applies nothing more
    const unlocked = sleep(700).then(() => behind.query('UNLOCK TABLES'));
    const made = await Promise.all(numbered(10, () => fresh.createObject('User', {})));
    await unlocked;
    assert.is((await fresh.getObjects(made)).filter((user) => user !== null).length, 10);
  } finally {
    await fresh.close();
    behind.destroy();
  }
});

test('a node is killed under writers: each create is applied once or not at all, and the others go on', async () => {
  const outcomes = new Map<string, string | ShardUnavailableError>();
  let isOver = false;
  const writers = ['a', 'b', 'c', 'd'].map(async (name) => {
    for (let n = 0; !isOver; n++) {
      const key = `${name} ${n}`;
      const create = balanced.createObject('User', { key, username: key }, { idempotencyKey: key });
      outcomes.set(key, await create.catch((error: ShardUnavailableError) => error));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  const done = (): number => [...outcomes.values()].filter((outcome) => typeof outcome === 'string').length;
  await until('objects are made', () => done() >= 50);
  await cluster.nodes[1]?.kill();
  const before = done();
  await until('objects are made without the node', () => done() >= before + 100);
  await cluster.nodes[1]?.start();
  isOver = true;
  await Promise.all(writers);
  const failed = [...outcomes.values()].filter((outcome) => outcome instanceof Error);
  assert.ok(failed.every((error) => (error as ShardUnavailableError).code === 'SHARD_UNAVAILABLE'));
  assert.ok(failed.length < outcomes.size / 4, `${failed.length} of ${outcomes.size} creates failed`);
  const ids: string[] = [];
  for (const [key, outcome] of outcomes) {
    const id = await balanced.createObject('User', { key, username: key }, { idempotencyKey: key });
    if (typeof outcome === 'string') assert.is(outcome, id, 'what was said to be written is there');
    ids.push(id);
  }
  const nodes = cluster.nodes.map(({ uri }) => todoStore([mysqlShard({ ...options, uri })]));
  for (const node of nodes) {
    const read = await node.getObjects(ids);
    assert.equal(
      read.map((user) => [(user as KvetchObject).key, (user as KvetchObject).version]),
      [...outcomes.keys()].map((key) => [key, 1]),
    );
    await node.close();
  }
  assert.equal((await balanced.clean({ graceMs: 0 })).errors, 0);
});
test.run();

function numbered<T>(length: number, of: (n: number) => T): T[] {
  return Array.from({ length }, (_, n) => of(n));
}
