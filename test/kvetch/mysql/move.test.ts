import * as assert from 'uvu/assert';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import type { MoveProgress, Stage } from '../../../src/kvetch/mysql/move/moveOptions.ts';
import type { Kvetch, KvetchObject } from '../../../src/kvetch.ts';
import { type MysqlCluster, mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { idsOf, manualClock, rejection, todoStore } from '../todo.ts';
import { mysqlSuite } from './rows.ts';
import { type Load, load } from './writeLoad.ts';

const stages: readonly Stage[] = ['copy', 'tail', 'freeze', 'verify', 'close', 'open', 'purge'];

/** A client of the same databases each time; for it one of the servers may be unreachable. */
type NewCluster = (unreachable?: string) => MysqlCluster;

mysqlSuite('kvetch mysql: moving shards', (test, server) => {
  const closing: Array<() => Promise<unknown>> = [];
  test.after.each(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** Databases with everything in the first, and as many clusters over them as are asked for. */
  function clusterMaker(...names: readonly string[]): NewCluster {
    const databases = names.map((name) => [name, server.newDatabase()] as const);
    return (unreachable) => {
      const placeOf = (name: string): string => (name === unreachable ? 'mysql://root@127.0.0.1:9' : server.uri);
      const servers = databases.map(([name, database]) => [name, { uri: placeOf(name), database }] as const);
      const map = [{ from: 0, to: 4095, server: names[0] ?? '' }];
      const cluster = mysqlCluster({
        ...{ servers: Object.fromEntries(servers), map, createDatabase: true, connectionLimit: 4 },
      });
      closing.push(() => cluster.close());
      return cluster;
    };
  }

  /** A mover that waits at a stage; it goes on when it is woken. `ended` yields its error, or `null`. */
  async function sleeper(
    cluster: MysqlCluster,
    options: Parameters<MysqlCluster['move']>[0],
    stage: Stage,
    part = 1,
  ): Promise<{ wake(): void; readonly ended: Promise<(Error & { code?: string }) | null> }> {
    let wake: () => void = () => {};
    const sleeping = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let ended: Promise<Error | null> = Promise.resolve(null);
    await new Promise<void>((resolve, reject) => {
      let count = 0;
      const onProgress = (progress: MoveProgress): Promise<void> | undefined => {
        if (progress.stage !== stage || ++count !== part) return undefined;
        resolve();
        return sleeping;
      };
      ended = cluster.move({ ...options, onProgress }).then(
        () => null,
        (error: Error) => error,
      );
      ended.then(reject); // when it never comes to that stage
    });
    closing.push(async () => wake());
    return { wake, ended };
  }

  async function begin(
    ...names: readonly string[]
  ): Promise<{ newCluster: NewCluster; kvetch: Kvetch; running: Load }> {
    const newCluster = clusterMaker(...(names.length === 0 ? ['a', 'b'] : names));
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

  test('a move that is told to stop ends between shards: none is frozen, and it is resumed', async () => {
    const { newCluster, running } = await begin();
    const mover = newCluster();
    const stopping = new AbortController();
    const move = { from: 'a', to: 'b', shards: [0, 127], chunk: 32 } as const;
    const onProgress = ({ stage, shards: [first] }: MoveProgress): void => {
      if (stage === 'verify' && first === 32) stopping.abort();
    };
    const error = await rejection(mover.move({ ...move, signal: stopping.signal, onProgress }));
    assert.is(
      error.message,
      'The move from "a" to "b" was stopped before shard 64, after 64 shards: resume it (--resume).',
    );
    assert.equal(await mover.check(), []);
    assert.equal([await whereIs(mover, 63), await whereIs(mover, 64)], ['b', 'a']);
    await running.progress(20);
    assert.is((await mover.move({ ...move, mode: 'resume' })).shards, 64);
    await running.stop();
    await expectNothingLeft(mover);
  });

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
        const first = await sleeper(newCluster(), move, stage, 2); // in the second of three parts
        const second = newCluster();
        assert.match((await rejection(second.move(move))).message, /at "b" already|resume it \(--resume\)/);
        const report = await second.move({ ...move, mode });
        await running.progress(20);
        const isOpened = mode === 'resume' || stage === 'purge';
        assert.is(await whereIs(second, 0), 'b');
        assert.is(await whereIs(second, 1366), isOpened ? 'b' : 'a');
        assert.is(await whereIs(second, 4095), mode === 'resume' ? 'b' : 'a');
        if (mode === 'abort') assert.is(report.shards, isOpened ? 0 : 1366);
        first.wake(); // it was not dead, and goes on as if nothing had happened
        const error = await first.ended;
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

  const everything = { from: 'a', to: 'b', shards: [0, 4095], chunk: 4096 } as const;

  test('what a mover opens while it is being aborted is not given back', async () => {
    const { newCluster, kvetch, running } = await begin();
    const first = await sleeper(newCluster(), everything, 'open');
    const late = async (): Promise<void> => {
      first.wake();
      assert.is(await first.ended, null);
    };
    const second = newCluster();
    const error = await rejection(second.move({ ...everything, mode: 'abort', onProgress: late }));
    assert.equal([error.code, /taken over shard 0/.test(error.message)], ['MOVE_FAILED', true], error.message);
    assert.equal([await second.check(), await whereIs(second, 0)], [[], 'b']);
    await running.progress(20);
    await running.stop();
    await running.check(kvetch);
  });

  test('a target that only the mover reaches: what the mover closes is not given back', async () => {
    const { newCluster, kvetch, running } = await begin();
    const first = await sleeper(newCluster(), everything, 'close');
    const late = async (): Promise<void> => {
      first.wake();
      assert.is(await first.ended, null);
    };
    const error = await rejection(newCluster('b').move({ ...everything, mode: 'abort', onProgress: late }));
    assert.equal([error.code, /taken over shard 0/.test(error.message)], ['MOVE_FAILED', true], error.message);
    const cluster = newCluster();
    assert.equal([await cluster.check(), await whereIs(cluster, 0)], [[], 'b']);
    await running.progress(20);
    await running.stop();
    await running.check(kvetch);
  });

  for (const stage of ['verify', 'open'] as const) {
    test(`a move to the same target from elsewhere, at "${stage}", is not taken for one's own`, async () => {
      const { newCluster, kvetch, running } = await begin('c', 'a', 'b');
      const fromC = { ...everything, from: 'c' };
      const first = await sleeper(newCluster(), fromC, stage);
      const other = newCluster();
      const error = await rejection(other.move({ ...everything, mode: 'resume' }));
      assert.match(error.message, /^Shard 0 is closed at the source and arriving at the target: it is not on its way/);
      assert.is((await other.move({ ...everything, mode: 'abort' })).shards, 0);
      assert.is((await other.move({ ...fromC, mode: 'abort' })).shards, 4096);
      first.wake();
      assert.is((await first.ended)?.code, 'MOVE_FAILED');
      await other.move(fromC);
      await running.progress(20);
      await running.stop();
      assert.equal(await other.check(), []);
      await running.check(kvetch);
    });
  }

  for (const mode of ['resume', 'abort'] as const) {
    test(`what an abort has left that came late opens nowhere a second time: ${mode}`, async () => {
      const { newCluster, kvetch, running } = await begin('a', 'b', 'c');
      const first = await sleeper(newCluster(), everything, 'copy');
      const toC = { ...everything, to: 'c' };
      let third: Awaited<ReturnType<typeof sleeper>> | undefined;
      const late = async (): Promise<void> => {
        third ??= await sleeper(newCluster(), { ...toC, mode: 'resume' }, 'copy');
      };
      const error = await rejection(newCluster().move({ ...everything, mode: 'abort', onProgress: late }));
      assert.match(error.message, /taken over shard 0/);
      third?.wake();
      assert.is(await third?.ended, null);
      first.wake();
      assert.is((await first.ended)?.code, 'MOVE_FAILED');
      const other = newCluster();
      await other.move({ ...everything, mode }).catch(() => {});
      assert.is(await whereIs(other, 0), 'c');
      await other.move({ ...everything, from: 'c', mode: 'abort' });
      await running.progress(20);
      await running.stop();
      assert.equal(await other.check(), []);
      await running.check(kvetch);
    });
  }

  test('what a mover to another target closes is not given back by an abort that names the wrong one', async () => {
    const { newCluster, kvetch, running } = await begin('a', 'b', 'c');
    const first = await sleeper(newCluster(), { ...everything, to: 'c' }, 'close');
    const late = async (): Promise<void> => {
      first.wake();
      assert.is(await first.ended, null);
    };
    const error = await rejection(newCluster().move({ ...everything, mode: 'abort', onProgress: late }));
    assert.equal([error.code, /taken over shard 0/.test(error.message)], ['MOVE_FAILED', true], error.message);
    const other = newCluster();
    assert.equal([await other.check(), await whereIs(other, 0)], [[], 'c']);
    await running.progress(20);
    await running.stop();
    await running.check(kvetch);
  });

  test('a mover that begins while an abort looks at the servers, first at the source, is left alone', async () => {
    const { newCluster, kvetch, running } = await begin();
    const aborting = newCluster();
    const target = aborting.stores.find(({ name }) => name === 'b');
    assert.ok(target !== undefined);
    let mover: Awaited<ReturnType<typeof sleeper>> | undefined;
    const { holdings } = target;
    target.holdings = async () => {
      mover ??= await sleeper(newCluster(), everything, 'close');
      return holdings.call(target);
    };
    assert.is((await aborting.move({ ...everything, mode: 'abort' })).shards, 0);
    mover?.wake();
    assert.is(await mover?.ended, null);
    const other = newCluster();
    assert.equal([await other.check(), await whereIs(other, 0)], [[], 'b']);
    await running.progress(20);
    await running.stop();
    await running.check(kvetch);
  });

  test('an abort that goes on late removes nothing of a mover that has begun since', async () => {
    const { newCluster, kvetch, running } = await begin();
    const [zero, one] = [0, 1].map((shard) => ({ from: 'a', to: 'b', shards: [shard, shard] }) as const);
    if (zero === undefined || one === undefined) return;
    const first = await sleeper(newCluster(), one, 'copy');
    await newCluster('b').move({ ...one, mode: 'abort' }); // "b" keeps what has arrived
    const second = await sleeper(newCluster(), zero, 'copy');
    let third: Awaited<ReturnType<typeof sleeper>> | undefined;
    const late = async (): Promise<void> => {
      third ??= await sleeper(newCluster(), one, 'close');
    };
    await newCluster().move({ ...one, shards: [0, 1], mode: 'abort', onProgress: late });
    for (const { wake } of [first, second]) wake();
    third?.wake();
    assert.is(await third?.ended, null);
    assert.equal(
      [await first.ended, await second.ended].map((error) => error?.code),
      ['MOVE_FAILED', 'MOVE_FAILED'],
    );
    const other = newCluster();
    assert.equal([await whereIs(other, 0), await whereIs(other, 1)], ['a', 'b']);
    await running.progress(20);
    await running.stop();
    assert.equal(await other.check(), []);
    await running.check(kvetch);
  });

  test('a move that is resumed against one in the other direction removes nothing that is on its way', async () => {
    const { newCluster, kvetch, running } = await begin('b', 'a');
    const first = await sleeper(newCluster(), { ...everything, from: 'b', to: 'a' }, 'close');
    assert.is((await newCluster().move({ ...everything, mode: 'resume' })).shards, 0);
    first.wake();
    assert.is(await first.ended, null);
    await running.progress(20);
    await running.stop();
    await running.check(kvetch);
  });

  test("what the source's cleaners have not seen the target's look at, those that are at work begin again", async () => {
    const clock = manualClock();
    const cluster = clusterMaker('a', 'b')();
    await cluster.init();
    let isCrash = false;
    const kvetch = todoStore(cluster, {
      clock,
      faults: (point) => {
        if (isCrash && point === 'afterObject') throw new Error('crash');
      },
    });
    const recent = { mode: 'recent', graceMs: 0 } as const;
    const owner = await kvetch.createObject('User', {});
    isCrash = true;
    const lost = Array.from({ length: 12 }, () => ({ data: { owner } }));
    await rejection(kvetch.createObjects('List', lost));
    isCrash = false;
    const there = await kvetch.countEdges('user_to_list', owner); // of those that came to lie on the shard of their user
    // a cleaner of the source that died keeps others from its rows until its lease ends
    const nowUs = clock.ms * 1000;
    const dead = { owner: 'dead', nowUs, leaseUs: 120_000_000 };
    for (const pass of ['forward', 'reverse-edges', 'reverse-entries'])
      await cluster.store('a').acquireLease({ task: `recent:${pass}:0-4095`, ...dead });
    clock.ms += 60_000;
    assert.is((await kvetch.clean(recent)).complete, false);
    await cluster.move({ from: 'a', to: 'b', shards: [0, 2047], chunk: 4096 });
    clock.ms += 60_000;
    const b = await cluster.store('b').database();
    const sql = 'SELECT COUNT(*) FROM kvetch_cleaner WHERE lease_owner IS NOT NULL';
    let isMoved = false;
    const report = await kvetch.clean({
      ...{ ...recent, pageSize: 1 },
      sleep: async () => {
        const [row] = isMoved ? [] : await b.read((session) => session.rows(sql));
        if (row?.[0] !== 1) return;
        isMoved = true; // in the middle of a pass over the target
        await cluster.move({ from: 'a', to: 'b', shards: [2048, 4095], chunk: 4096 });
      },
    });
    assert.equal([isMoved, report.complete], [true, false]);
    const { complete, missingEdges } = await kvetch.clean(recent);
    assert.equal([complete, report.missingEdges + missingEdges], [true, lost.length - there]);
    assert.is((await kvetch.getEdges('user_to_list', owner)).edges.length, lost.length);
  });

  test('what cannot be moved is refused before anything is done', async () => {
    const cluster = clusterMaker('a', 'b')();
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
    const cluster = clusterMaker('a', 'b')();
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
