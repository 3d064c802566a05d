import * as assert from 'uvu/assert';
import { type Kvetch, type KvetchObject, shardOfId } from '../../../src/kvetch.ts';
import { type MysqlCluster, mysqlCluster, type Stage } from '../../../src/kvetch-mysql.ts';
import { idsOf, rejection, todoStore } from '../todo.ts';
import { mysqlSuite } from './rows.ts';
import { type Load, load } from './writeLoad.ts';

const stages: readonly Stage[] = ['copy', 'tail', 'freeze', 'verify', 'close', 'open', 'purge'];

mysqlSuite('kvetch mysql: moving shards', (test, server) => {
  const closing: Array<() => Promise<unknown>> = [];
  test.after.each(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** Two databases with everything in the first, and as many clusters over them as are asked for. */
  function clusterMaker(): () => MysqlCluster {
    const [a, b] = [server.newDatabase(), server.newDatabase()];
    return () => {
      const cluster = mysqlCluster({
        ...{ servers: { a: { database: a }, b: { database: b } }, uri: server.uri, createDatabase: true },
        ...{ connectionLimit: 4, map: [{ from: 0, to: 4095, server: 'a' }] },
      });
      closing.push(() => cluster.close());
      return cluster;
    };
  }

  async function begin(): Promise<{ newCluster: () => MysqlCluster; kvetch: Kvetch; running: Load }> {
    const newCluster = clusterMaker();
    const cluster = newCluster();
    await cluster.init();
    const kvetch = todoStore(cluster);
    const running = await load(kvetch);
    closing.push(() => running.stop());
    return { newCluster, kvetch, running };
  }

  async function whereIs(cluster: MysqlCluster, shard: number): Promise<string | undefined> {
    return (await cluster.loadRanges()).find(({ from, to }) => from <= shard && shard <= to)?.store.name;
  }

  /** No rows are left of shards that a database does not hold. */
  async function expectNothingLeft(cluster: MysqlCluster): Promise<void> {
    for (const store of cluster.stores) {
      const database = await store.database();
      for (const table of ['kvetch_objects', 'kvetch_edges', 'kvetch_entries']) {
        const sql = `SELECT COUNT(*) FROM ${table} WHERE shard NOT IN (SELECT shard FROM kvetch_shards WHERE state = 1)`;
        const [row] = await database.read((session) => session.rows(sql));
        assert.is(row?.[0], 0, `${table} of ${store.name}`);
      }
    }
  }

  test('under writes nothing is lost or doubled, and readers with an old map find everything', async () => {
    const { newCluster, kvetch, running } = await begin();
    const seen: Array<readonly [Stage, number, number]> = [];
    const mover = newCluster();
    const report = await mover.move({
      ...{ from: 'a', to: 'b', shards: [1000, 3000], chunk: 500 },
      onProgress: async ({ stage, shards: [first, last] }) => {
        seen.push([stage, first, last]);
        await running.progress(20); // whatever the stage, writes go on (once the shards are not frozen)
      },
    });
    await running.progress(100);
    await running.stop();
    assert.is(report.shards, 2001);
    assert.ok(report.rows > 0);
    assert.equal(
      seen.filter(([stage]) => stage === 'open'),
      [1000, 1500, 2000, 2500, 3000].map((first) => ['open', first, Math.min(first + 499, 3000)]),
    );
    assert.equal([await whereIs(mover, 999), await whereIs(mover, 1000), await whereIs(mover, 3001)], ['a', 'b', 'a']);
    await running.check(kvetch);
    await running.check(todoStore(newCluster()));
    await expectNothingLeft(mover);
  });

  for (const stage of stages) {
    for (const mode of ['resume', 'abort'] as const) {
      test(`a mover that stops at "${stage}" is ${mode === 'resume' ? 'resumed' : 'aborted'} by another`, async () => {
        const { newCluster, kvetch, running } = await begin();
        const move = { from: 'a', to: 'b', shards: [0, 4095] as const, chunk: 1366 };
        let wake: () => void = () => {};
        const sleeping = new Promise<void>((resolve) => {
          wake = resolve;
        });
        let first: Promise<unknown> = Promise.resolve(null);
        await new Promise<void>((resolve) => {
          let count = 0;
          first = newCluster()
            .move({
              ...move,
              onProgress: (progress) => {
                if (progress.stage !== stage || ++count !== 2) return; // in the second of three parts
                resolve();
                return sleeping;
              },
            })
            .then(
              () => null,
              (error: unknown) => error,
            );
        });
        closing.push(async () => wake());
        const second = newCluster();
        assert.match((await rejection(second.move(move))).message, /at "b" already|resume it \(--resume\)/);
        const report = await second.move({ ...move, mode });
        await running.progress(20);
        const isOpened = mode === 'resume' || stage === 'purge';
        assert.is(await whereIs(second, 0), 'b');
        assert.is(await whereIs(second, 1366), isOpened ? 'b' : 'a');
        assert.is(await whereIs(second, 4095), mode === 'resume' ? 'b' : 'a');
        if (mode === 'abort') assert.is(report.shards, isOpened ? 0 : 1366);
        wake(); // the first was not dead, and goes on as if nothing had happened
        const error = (await first) as { readonly code?: string } | null;
        assert.ok(error === null || error.code === 'MOVE_FAILED', String(error));
        if (mode === 'abort') await second.move({ ...move, mode: 'resume' });
        await running.progress(20);
        await running.stop();
        assert.is(await whereIs(second, 4095), 'b');
        await running.check(kvetch);
        await expectNothingLeft(second);
      });
    }
  }

  test('what cannot be moved is refused before anything is done', async () => {
    const cluster = clusterMaker()();
    await cluster.init();
    const message = async (options: object): Promise<string> =>
      (await rejection(cluster.move({ from: 'a', to: 'b', shards: [0, 9], ...options }))).message;
    assert.match(await message({ to: 'a' }), /cannot be moved from "a" to itself/);
    assert.match(await message({ to: 'x' }), /no server "x"; it has "a", "b"/);
    assert.match(await message({ shards: [5, 4096] }), /range is 5-4096 and must be within 0-4095/);
    assert.match(await message({ chunk: 0 }), /"chunk" is 0/);
    assert.match(await message({ from: 'b', to: 'a' }), /is at "a" already/);
    assert.is((await cluster.move({ from: 'a', to: 'b', shards: [0, 9], mode: 'abort' })).shards, 0);
    assert.is((await cluster.loadRanges()).length, 1);
  });

  test('a writer whose clock is wrong is copied all the same, and back and forth nothing changes', async () => {
    const cluster = clusterMaker()();
    await cluster.init();
    let hours = 0;
    const kvetch = todoStore(cluster, { clock: () => Date.now() - hours * 3_600_000 });
    const users = idsOf(
      await kvetch.createObjects(
        'User',
        Array.from({ length: 30 }, (_, n) => ({ data: { n } })),
      ),
    );
    hours = 5;
    let late = 0;
    for (const [from, to] of [
      ['a', 'b'],
      ['b', 'a'],
      ['a', 'b'],
    ] as const) {
      await cluster.move({
        ...{ from, to, shards: [0, 4095], chunk: 4096 },
        onProgress: async ({ stage }) => {
          if (stage === 'tail') for (const id of users) await kvetch.updateObject(id, { late: ++late });
        },
      });
    }
    const objects = (await kvetch.getObjects(users)) as readonly KvetchObject[];
    assert.equal(
      objects.map(({ n, late: value, version }) => [n, Number(value) > late - 30, version]),
      users.map((_, n) => [n, true, objects[0]?.version]),
    );
    assert.ok(users.every((id) => shardOfId(id) >= 0));
    await expectNothingLeft(cluster);
  });
});
