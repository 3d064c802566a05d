import * as assert from 'uvu/assert';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import type { MoveProgress, Stage } from '../../../src/kvetch/mysql/move/moveOptions.ts';
import type { Kvetch, KvetchError } from '../../../src/kvetch.ts';
import { type MysqlCluster, mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { type RedisCache, redisCache } from '../../../src/kvetch-redis.ts';
import { redisForTests } from '../../support/redisServer.ts';
import { reported } from '../../support/reported.ts';
import { type OwnMariadb, startMariadbs } from '../../support/servers.ts';
import { until } from '../../support/until.ts';
import { idsOf, rejection, todoStore } from '../todo.ts';
import { mysqlSuiteWith } from './rows.ts';
import { type Load, load } from './writeLoad.ts';

const redis = await redisForTests();
const move = { from: 'a', to: 'b', shards: [0, 2047] as const, chunk: 1024 };

/** Three servers with a Redis around them; the source and the target of moves belong to the suite, and die. */
mysqlSuiteWith([redis, 'mariadbd'], 'kvetch mysql: servers die in the middle of a move', (test, server) => {
  const own: OwnMariadb[] = [];
  const closing: Array<() => Promise<unknown>> = [];
  let databases = 0;

  test.before(
    reported(async () => {
      own.push(...(await startMariadbs(2)));
    }),
  );
  test.after.each(async () => {
    for (const one of own) await one.start(); // else the writers of a failed test would never end
    for (const close of closing.splice(0).reverse()) await close();
  });
  test.after(async () => {
    for (const one of own) await one.remove();
  });

  interface World {
    readonly newCluster: () => MysqlCluster;
    /** Another process with the same Redis than the one that writes, which learnt the map before the move. */
    readonly reader: Kvetch;
    readonly running: Load;
  }

  async function begin(): Promise<World> {
    const database = `move_${databases++}`;
    const common = server.newDatabase();
    const newCluster = (): MysqlCluster => {
      const cluster = mysqlCluster({
        servers: {
          a: { uri: own[0]?.uri ?? '', database },
          b: { uri: own[1]?.uri ?? '', database },
          c: { uri: server.uri, database: common },
        },
        map: [
          { from: 0, to: 2047, server: 'a' },
          { from: 2048, to: 4095, server: 'c' },
        ],
        ...{ createDatabase: true, connectionLimit: 4, breaker: { resetMs: 50 } },
        ...{ connectTimeoutMs: 2000, acquireTimeoutMs: 3000, queryTimeoutMs: 5000 },
      });
      closing.push(() => cluster.close());
      return cluster;
    };
    const prefix = redis.newPrefix();
    const newProcess = async (): Promise<Kvetch> => {
      const cache: RedisCache = redisCache({ url: redis.url, prefix, timeoutMs: 2000 });
      closing.push(() => cache.close());
      await cache.ready();
      return todoStore(newCluster(), { cache });
    };
    await newCluster().init();
    const [writer, reader] = [await newProcess(), await newProcess()];
    const running = await load(writer, { isHurt: true });
    closing.push(() => running.stop());
    await reader.browse('List');
    return { newCluster, reader, running };
  }

  /** Moves, and kills a server when the move is at a stage of its second part; the error that the mover ends with. */
  async function moveAndKill({ newCluster, running }: World, victim: OwnMariadb, stage: Stage): Promise<KvetchError> {
    let count = 0;
    const moving = newCluster().move({
      ...move,
      onProgress: async (progress) => {
        await running.progress(5);
        if (progress.stage === stage && ++count === 2) await victim.kill();
      },
    });
    return (await rejection(moving)) as KvetchError;
  }

  async function expectWhole({ newCluster, reader, running }: World, isMoved: boolean): Promise<void> {
    await running.progress(50);
    await running.stop();
    const cluster = newCluster();
    assert.equal(await cluster.check(), []);
    assert.equal(
      (await cluster.loadRanges()).map(({ from, to, store }) => [from, to, store.name]),
      isMoved
        ? [
            [0, 2047, 'b'],
            [2048, 4095, 'c'],
          ]
        : [
            [0, 1023, 'b'],
            [1024, 2047, 'a'],
            [2048, 4095, 'c'],
          ],
    );
    await running.check(todoStore(newCluster()));
    await running.check(reader);
  }

  for (const [name, at, stage, mode] of [
    ['source', 0, 'copy', 'abort'],
    ['source', 0, 'verify', 'resume'],
    ['source', 0, 'close', 'abort'],
    ['target', 1, 'copy', 'resume'],
    ['target', 1, 'verify', 'abort'],
    ['target', 1, 'open', 'resume'],
  ] as const) {
    test(`the ${name} is killed at "${stage}": the move ends, and is ${mode === 'abort' ? 'aborted' : 'resumed'}`, async () => {
      const world = await begin();
      const victim = own[at] as OwnMariadb;
      const error = await moveAndKill(world, victim, stage);
      assert.equal([error.code, error.next], ['MOVE_FAILED', 'retry'], String(error));
      await world.running.progress(20);
      await victim.start();
      const report = await world.newCluster().move({ ...move, mode });
      assert.is(report.shards, 1024);
      await expectWhole(world, mode === 'resume');
    });
  }

  test('the source is killed when all has arrived: resuming removes what is left there', async () => {
    const world = await begin();
    const error = await moveAndKill(world, own[0] as OwnMariadb, 'purge');
    assert.is(error.code, 'MOVE_FAILED');
    await own[0]?.start();
    assert.is((await world.newCluster().move({ ...move, mode: 'resume' })).shards, 0);
    await expectWhole(world, true);
    const source = await world.newCluster().store('a').database();
    const [row] = await source.read((session) => session.rows('SELECT COUNT(*) FROM kvetch_objects'));
    assert.is(row?.[0], 0);
  });

  test('the target is lost while it is copied to: the source has everything back without it', async () => {
    const world = await begin();
    await moveAndKill(world, own[1] as OwnMariadb, 'tail');
    // 0-1023 are there and nowhere else: they come back with it
    const shards = [1024, 2047] as const;
    assert.is((await world.newCluster().move({ ...move, shards, mode: 'abort' })).shards, 1024);
    await own[1]?.start();
    assert.match((await world.newCluster().check()).join(), /Shards 1024-2047 are arriving on "b"/);
    assert.is((await world.newCluster().move({ ...move, mode: 'abort' })).shards, 0);
    await expectWhole(world, false);
  });

  test('the target is lost when it was about to open: nothing is given back before it says that it has not', async () => {
    const world = await begin();
    await moveAndKill(world, own[1] as OwnMariadb, 'open');
    const abort = { ...move, mode: 'abort' } as const;
    assert.match(
      (await rejection(world.newCluster().move(abort))).message,
      /may be open at "b", which does not answer/,
    );
    await own[1]?.start();
    assert.is((await world.newCluster().move(abort)).shards, 1024);
    await expectWhole(world, false);
  });

  test('the source is lost while it is given back what is on its way: an abort is only aborted again', async () => {
    const world = await begin();
    const stop = ({ stage, shards: [first] }: MoveProgress): void => {
      if (stage === 'open' && first > 0) throw new Error('crash');
    };
    assert.is((await rejection(world.newCluster().move({ ...move, onProgress: stop }))).code, 'MOVE_FAILED');
    const abort = { ...move, mode: 'abort' } as const;
    const lost = await rejection(world.newCluster().move({ ...abort, onProgress: () => own[0]?.kill() }));
    assert.match(lost.message, /^Taking back the move from "a" to "b" was interrupted after 0 shards: abort it/);
    await own[0]?.start();
    const resumed = await rejection(world.newCluster().move({ ...move, mode: 'resume' }));
    assert.match(resumed.message, /^An abort of the move of shard 1024 was interrupted: abort it again/);
    assert.is((await world.newCluster().move(abort)).shards, 1024);
    await expectWhole(world, false);
  });

  test('a server that has given all its shards away is shut down: who slept all the time finds them', async () => {
    const { newCluster, running } = await begin();
    await running.stop();
    const sleeper = todoStore(newCluster());
    const users = idsOf(
      await sleeper.createObjects(
        'User',
        numbered(20, (n) => ({ data: { n } })),
      ),
    );
    await newCluster().move(move);
    await own[0]?.kill();
    const isLost = (id: string): boolean => shardOfId(id) < 2048;
    assert.ok(users.some(isLost));
    assert.equal(
      (await sleeper.getObjects(users)).map((user) => user instanceof Error),
      users.map(isLost),
    );
    await until('all are found', async () =>
      (await sleeper.getObjects(users)).every((user) => !(user instanceof Error)),
    );
    assert.is((await sleeper.browse('User', { first: 1 })).objects.length, 1);
  });
});

function numbered<T>(length: number, of: (n: number) => T): T[] {
  return Array.from({ length }, (_, n) => of(n));
}
