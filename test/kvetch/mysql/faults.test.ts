import { randomUUID } from 'node:crypto';
import * as assert from 'uvu/assert';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import type { Kvetch, KvetchObject, ShardStore, ShardUnavailableError } from '../../../src/kvetch.ts';
import { reported } from '../../support/reported.ts';
import { type OwnMariadb, startMariadbs } from '../../support/servers.ts';
import { errorOf, idsOf, rejection, todoStore } from '../todo.ts';
import { mysqlShards, mysqlSuiteWith } from './rows.ts';

const QUERY_MS = 800;
/** The second of two nodes is the one that is hurt. */
const isLost = (id: string): boolean => shardOfId(id) >= 2048;

mysqlSuiteWith(['mariadbd'], 'kvetch mysql: faults', (test, server) => {
  let own: OwnMariadb;
  let shards: readonly ShardStore[];
  let kvetch: Kvetch;
  let users: string[] = [];

  test.before(
    reported(async () => {
      own = (await startMariadbs(1))[0] as OwnMariadb;
      shards = mysqlShards(
        [
          { uri: server.uri, database: server.newDatabase() },
          { uri: own.uri, database: 'lost' },
        ],
        {
          ...{ createDatabase: true, connectTimeoutMs: 500, acquireTimeoutMs: 600, queryTimeoutMs: QUERY_MS },
          breaker: { resetMs: 200 },
        },
      );
      kvetch = todoStore(shards);
      users = idsOf(
        await kvetch.createObjects(
          'User',
          Array.from({ length: 40 }, (_, n) => ({ data: { n } })),
        ),
      );
      assert.ok(users.some(isLost) && !users.every(isLost));
    }),
  );
  test.after(async () => {
    await kvetch.close();
    await own.remove();
  });

  /** The rows of the lost node are errors, the others are there; returns why the node was not asked, or what became of it. */
  async function expectLost(): Promise<string> {
    const causes = new Set<string>();
    const read = await kvetch.getObjects(users);
    for (const [at, id] of users.entries()) {
      if (!isLost(id)) assert.is((read[at] as KvetchObject).n, at);
      else {
        const { code, message, next, effect, cause } = errorOf(read[at]) as ShardUnavailableError;
        causes.add((cause as Error).name);
        assert.equal([code, next, effect], ['SHARD_UNAVAILABLE', 'retry', 'not-applied']);
        assert.is(message, `Shard ${shardOfId(id)} is unavailable.`);
      }
    }
    return [...causes].join();
  }

  /** After some failures the breaker answers in place of the node: one of a few calls finds it open, not just trying. */
  async function untilLeftAlone(): Promise<void> {
    const causes: string[] = [];
    while (causes.at(-1) !== 'BreakerOpenError') {
      assert.ok(causes.length < 12, causes.join());
      causes.push(await expectLost());
    }
  }

  /** The same client reads everything again, as soon as the breaker lets it; the runner ends a test that waits in vain. */
  async function expectRecovery(): Promise<void> {
    for (;;) {
      const read = await kvetch.getObjects(users);
      if (read.some((entry) => entry instanceof Error)) {
        await sleep(20);
        continue;
      }
      assert.equal(
        read.map((entry) => (entry as KvetchObject).n),
        users.map((_, n) => n),
      );
      return;
    }
  }

  test('a killed server costs its own rows, is left alone, and is found again when it is back', async () => {
    await own.kill();
    await untilLeftAlone();
    await own.start();
    await expectRecovery();
  });

  test('a paused server costs its own rows when the time of a statement is over, is left alone, and is found again', async () => {
    own.pause();
    assert.is(await expectLost(), 'TimeoutError');
    await untilLeftAlone();
    own.resume();
    await expectRecovery();
  });

  test('[6.8] a paused server: an update that is alone fails as its shard does not answer, not by a conflict', async () => {
    const impatient = todoStore(shards, { limits: { updateWaitMs: QUERY_MS / 2 } });
    const user = users.find(isLost) as string;
    const before = (await impatient.getObject(user)) as KvetchObject;
    own.pause();
    const updates = [1, 2, 3].map((n) => rejection(impatient.updateObject(user, { n })));
    for (const error of (await Promise.all(updates)) as ShardUnavailableError[])
      assert.equal([error.code, error.next, error.effect], ['SHARD_UNAVAILABLE', 'retry', 'not-applied']);
    own.resume();
    await expectRecovery();
    assert.equal(await impatient.getObject(user), before);
  });

  test('connections that died while nobody looked are replaced without an error', async () => {
    await own.kill();
    await own.start();
    await expectRecovery();
    await own.kill();
    await own.start();
    assert.equal((await kvetch.getObjects(users)).filter((entry) => entry instanceof Error).length, 0);
  });

  test('writes while a server is killed are applied once or not at all', async () => {
    const outcomes = new Map<string, string | ShardUnavailableError>();
    let isOver = false;
    const writer = async (name: string): Promise<void> => {
      for (let n = 0; !isOver; n++) {
        const key = `${name}-${n}`;
        const create = kvetch.createObject('User', { key, username: key }, { idempotencyKey: key });
        outcomes.set(key, await create.catch((error: ShardUnavailableError) => error));
        if (outcomes.get(key) instanceof Error) await sleep(5);
      }
    };
    const writers = ['a', 'b', 'c', 'd'].map(writer);
    const count = (isFailed: boolean): number =>
      [...outcomes.values()].filter((outcome) => outcome instanceof Error === isFailed).length;
    await until(() => count(false) >= 20);
    await own.kill();
    await until(() => count(true) >= 4);
    await own.start();
    const before = count(false);
    await until(() => count(false) >= before + 20);
    isOver = true;
    await Promise.all(writers);
    await expectRecovery();
    const failed = [...outcomes].filter(([, outcome]) => outcome instanceof Error);
    assert.ok(failed.length > 0 && failed.length < outcomes.size);
    assert.ok(failed.every(([, error]) => ['SHARD_UNAVAILABLE'].includes((error as ShardUnavailableError).code)));
    const written: string[] = [];
    for (const [key, outcome] of outcomes) {
      const id = await kvetch.createObject('User', { key, username: key }, { idempotencyKey: key });
      if (typeof outcome === 'string') assert.is(outcome, id, 'what was said to be written is there');
      written.push(id);
    }
    const read = await kvetch.getObjects(written);
    assert.equal(
      read.map((entry) => [(entry as KvetchObject).key, (entry as KvetchObject).version]),
      [...outcomes.keys()].map((key) => [key, 1]),
    );
    assert.is(new Set(written).size, outcomes.size);
  });

  test('more calls than the queue holds fail at once, and the breaker stays closed', async () => {
    const small = todoStore(
      mysqlShards([{ uri: server.uri, database: server.newDatabase() }], {
        ...{ createDatabase: true, connectionLimit: 1, queueLimit: 5 },
      }),
    );
    const user = await small.createObject('User', {});
    // of different objects: reads of one object share a call
    const calls = await Promise.allSettled(Array.from({ length: 50 }, () => small.getObject(randomUUID())));
    const refused = calls.filter(({ status }) => status === 'rejected').length;
    assert.ok(refused > 0 && refused < 50);
    assert.is((await small.getObject(user))?.id, user);
    await small.close();
  });
});

/** What does not come is ended by the runner. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(10);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
