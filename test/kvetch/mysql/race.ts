import * as assert from 'uvu/assert';
import type { Kvetch } from '../../../src/kvetch.ts';
import { type MysqlCluster, mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import type { RedisForTests } from '../../support/redisServer.ts';
import type { MysqlTestServer } from '../../support/servers.ts';
import { todoStore } from '../todo.ts';
import { type Load, load, loadSchema } from './writeLoad.ts';

/** What has happened so far. */
export interface RaceCounts {
  readonly writes: number;
  readonly cleanings: number;
  /** Rows that cleaners have put or buried, of writes that were under way most of the time. */
  readonly repairs: number;
  readonly moves: number;
}

/**
 * Writers append, change, move and delete objects behind Redis; meanwhile cleaners that spare no young row go through
 * everything again and again, and a range of shards moves from one database to the other and back. When `isEnough` and
 * all have stopped, one quiet pass of the cleaners must leave nothing wrong.
 */
export async function race(
  server: MysqlTestServer,
  redis: RedisForTests,
  isEnough: (counts: RaceCounts) => boolean,
): Promise<RaceCounts> {
  const closing: Array<() => Promise<unknown>> = [];
  const servers = Object.fromEntries(
    ['a', 'b'].map((name) => [name, { uri: server.uri, database: server.newDatabase() }]),
  );
  const newCluster = (): MysqlCluster => {
    const cluster = mysqlCluster({ servers, createDatabase: true, connectionLimit: 5 });
    closing.push(() => cluster.close());
    return cluster;
  };
  const prefix = redis.newPrefix();
  const newProcess = async (): Promise<Kvetch> => {
    const cache = redisCache({ url: redis.url, prefix, timeoutMs: 2000 });
    closing.push(() => cache.close());
    await cache.ready();
    return todoStore(newCluster(), { cache, schema: loadSchema });
  };
  const counts = { writes: 0, cleanings: 0, repairs: 0, moves: 0 };
  const isOver = (): boolean => isEnough(counts);
  const clean = async (kvetch: Kvetch): Promise<void> => {
    for (; !isOver(); counts.cleanings++) {
      const mode = counts.cleanings % 3 === 0 ? 'full' : 'recent';
      const report = await kvetch.clean({ mode, graceMs: 0, pageSize: 100 });
      counts.repairs += report.missingEdges + report.orphanEdges + report.missingIndex + report.staleIndex;
    }
  };
  const move = async (cluster: MysqlCluster): Promise<void> => {
    for (; !isOver(); counts.moves++) {
      const [from, to] = counts.moves % 2 === 0 ? (['a', 'b'] as const) : (['b', 'a'] as const);
      await cluster.move({ from, to, shards: [0, 2047], chunk: 512 });
    }
  };
  const count = async (running: Load): Promise<void> => {
    for (; !isOver(); counts.writes = running.writes()) await running.progress(10);
  };
  try {
    await newCluster().init();
    const [writer, cleaner] = [await newProcess(), await newProcess()];
    const running = await load(writer, { isHurt: true });
    closing.push(() => running.stop());
    await Promise.all([clean(cleaner), move(newCluster()), count(running)]);
    await running.stop();
    await running.check(cleaner);
    assert.equal(await newCluster().check(), []);
    return counts;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}
