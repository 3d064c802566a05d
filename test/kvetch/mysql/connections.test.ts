import { randomUUID } from 'node:crypto';
import * as assert from 'uvu/assert';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import type { Kvetch, KvetchObject, ShardUnavailableError } from '../../../src/kvetch.ts';
import type { MysqlShardOptions } from '../../../src/kvetch-mysql.ts';
import { needs } from '../../support/needs.ts';
import { startMariadb } from '../../support/servers.ts';
import { type Rule, TcpProxy } from '../../support/tcpProxy.ts';
import { until } from '../../support/until.ts';
import { errorOf, idsOf, manualClock, todoStore } from '../todo.ts';
import { mysqlShards, mysqlSuite } from './rows.ts';

/** The second of two nodes is the one behind the proxy. */
const isBehindProxy = (id: string): boolean => shardOfId(id) >= 2048;
/** A machine under load takes long to make databases: preparing them has no limit in time, nor have processes without a fault. */
const patient = { connectTimeoutMs: 60_000, acquireTimeoutMs: 60_000, queryTimeoutMs: 60_000 };
/** Long enough for a machine under load; only what waits for an answer that never comes takes this long. */
const limits = { connectTimeoutMs: 2000, acquireTimeoutMs: 2000, queryTimeoutMs: 2000, breaker: { resetMs: 50 } };

mysqlSuite('kvetch mysql: connections through a proxy', (test, server) => {
  const endings: Array<() => unknown> = [];
  test.after.each(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  async function proxyTo(port: number): Promise<TcpProxy> {
    const proxy = await TcpProxy.open(port);
    endings.push(() => proxy.close());
    return proxy;
  }

  function at(port: number): string {
    const uri = new URL(server.uri);
    uri.hostname = '127.0.0.1';
    uri.port = String(port);
    return uri.href;
  }

  const through = (proxy: TcpProxy): string => at(proxy.port);

  function open(servers: readonly MysqlShardOptions[], options: MysqlShardOptions = {}, clock = Date.now): Kvetch {
    const kvetch = todoStore(mysqlShards(servers, { createDatabase: true, ...limits, ...options }), { clock });
    endings.push(() => kvetch.close());
    return kvetch;
  }

  /** One node through a proxy. */
  async function alone(
    options: MysqlShardOptions = {},
    clock: () => number = Date.now,
  ): Promise<{ kvetch: Kvetch; proxy: TcpProxy }> {
    const proxy = await proxyTo(portOf(server.uri));
    const database = server.newDatabase();
    await prepare([{ uri: server.uri, database }], []);
    const kvetch = open([{ uri: through(proxy), database }], options, clock);
    await until('it is open', () =>
      kvetch.browse('User').then(
        () => true,
        () => false,
      ),
    );
    return { kvetch, proxy };
  }

  /** Two nodes, the second through a proxy, and users on both. */
  async function halfBehind(port: number): Promise<{ kvetch: Kvetch; proxy: TcpProxy; users: readonly string[] }> {
    const proxy = await proxyTo(port);
    const direct = { uri: server.uri, database: server.newDatabase(), ...patient };
    const behind = server.newDatabase();
    const requests = Array.from({ length: 30 }, (_, n) => ({ data: { n } }));
    const users = await prepare([direct, { uri: at(port), database: behind }], requests);
    assert.ok(users.some(isBehindProxy) && !users.every(isBehindProxy));
    const kvetch = open([direct, { uri: through(proxy), database: behind }]);
    await assertRecovers(kvetch, users);
    return { kvetch, proxy, users };
  }

  /** Makes databases, with users in them. */
  async function prepare(
    servers: readonly MysqlShardOptions[],
    requests: ReadonlyArray<{ readonly data: Readonly<Record<string, unknown>> }>,
  ): Promise<readonly string[]> {
    const kvetch = todoStore(mysqlShards(servers, { createDatabase: true, ...patient }));
    try {
      await kvetch.browse('User');
      return idsOf(await kvetch.createObjects('User', requests));
    } finally {
      await kvetch.close();
    }
  }

  /** The rows behind the proxy are errors, all others are there. */
  function assertLost(read: ReadonlyArray<unknown>, users: readonly string[]): void {
    for (const [at, id] of users.entries()) {
      if (!isBehindProxy(id)) assert.is((read[at] as KvetchObject).n, at);
      else {
        const { code, next, effect } = errorOf(read[at]) as ShardUnavailableError;
        assert.equal([code, next, effect], ['SHARD_UNAVAILABLE', 'retry', 'not-applied']);
      }
    }
  }

  async function assertRecovers(kvetch: Kvetch, users: readonly string[]): Promise<void> {
    await until('all users are read', async () =>
      (await kvetch.getObjects(users)).every((entry) => !(entry instanceof Error)),
    );
    assert.equal(
      (await kvetch.getObjects(users)).map((entry) => (entry as KvetchObject).n),
      users.map((_, n) => n),
    );
  }

  test('a connection that is cut in the middle of a read: the read is made again, and nobody notices', async () => {
    const { kvetch, proxy, users } = await halfBehind(portOf(server.uri));
    for (const side of ['client', 'server'] as const) {
      let cuts = 0;
      proxy.rule((from) => (from === side && cuts++ === 0 ? 'cut' : 'pass'));
      const read = await kvetch.getObjects(users);
      assert.ok(cuts > 0);
      assert.equal(
        read.map((entry) => (entry as KvetchObject).n),
        users.map((_, n) => n),
      );
    }
  });

  test('connections that are cut together, in the middle of reads, are one failure: nobody notices', async () => {
    const { kvetch, proxy } = await alone({ connectionLimit: 8, breaker: { failures: 3, resetMs: 60_000 } });
    const calls = Array.from({ length: 8 }, () => () => kvetch.getObject(randomUUID()));
    await Promise.all(calls.map((call) => call())); // each has a connection
    for (let n = 0; n < 3; n++) {
      const seen = proxy.holdAnswers();
      const reads = calls.map((call) => call());
      await seen;
      proxy.cutAll();
      proxy.heal();
      assert.equal(
        await Promise.all(reads),
        calls.map(() => null),
        `${n}`,
      );
    }
  });

  test('connections that are cut again and again cost the rows of their server, until they hold', async () => {
    const { kvetch, proxy, users } = await halfBehind(portOf(server.uri));
    proxy.rule((from) => (from === 'server' ? 'cut' : 'pass'));
    for (let call = 0; call < 5; call++) assertLost(await kvetch.getObjects(users), users);
    proxy.heal();
    await assertRecovers(kvetch, users);
  });

  test('a server that swallows what it is asked costs its rows, after the time limit', async () => {
    const { kvetch, proxy, users } = await halfBehind(portOf(server.uri));
    proxy.rule(() => 'drop');
    assertLost(await kvetch.getObjects(users), users);
    proxy.heal();
    await assertRecovers(kvetch, users);
  });

  test('a create that is cut anywhere is made once when it is asked for again, or was not made at all', async () => {
    const clock = manualClock();
    const { kvetch, proxy } = await alone({}, clock);
    const owner = await kvetch.createObject('User', {});
    const create = (key: string): Promise<string> =>
      kvetch.createObject('List', { name: key, owner }, { idempotencyKey: key });
    let made = 0;
    const failures = await cutEverywhere(proxy, async (place, begin) => {
      begin();
      const outcome = await create(place).catch((error: ShardUnavailableError) => error);
      proxy.heal();
      let isThere = false;
      await until('lists are read', async () => {
        const lists = await kvetch.browse('List').catch(() => null);
        isThere = (lists?.objects.length ?? 0) > made;
        return lists !== null;
      });
      if (outcome instanceof Error && outcome.effect === 'not-applied')
        assert.not(isThere, `${place}: was said not to be applied`);
      await until('it is created', async () => typeof (await create(place).catch(() => null)) === 'string');
      made++;
      return outcome instanceof Error;
    });
    assert.ok(failures > 0);
    clock.ms += 60_000;
    await kvetch.clean(); // edges and index entries whose write was cut
    const { edges } = await kvetch.getEdges('user_to_list', owner);
    const lists = await kvetch.getObjects(edges.map(({ toId }) => toId));
    assert.is(new Set(lists.map((list) => (list as KvetchObject).name)).size, made);
    assert.is(lists.length, made);
    assert.ok(lists.every((list) => (list as KvetchObject).version === 1));
  });

  test('an update that is cut anywhere is applied once or not at all, and "not-applied" is true', async () => {
    const { kvetch, proxy } = await alone();
    const failures = await cutEverywhere(proxy, async (place, begin) => {
      const id = await kvetch.createObject('User', { n: 'before' });
      begin();
      const outcome = await kvetch.updateObject(id, { n: 'after' }).catch((error: ShardUnavailableError) => error);
      proxy.heal();
      let seen: KvetchObject | null = null;
      await until('the user is read', async () => {
        seen = await kvetch.getObject(id).catch(() => null);
        return seen !== null;
      });
      const { n, version } = seen as unknown as KvetchObject;
      const isApplied = n === 'after';
      assert.is(version, isApplied ? 2 : 1, place);
      if (!(outcome instanceof Error)) assert.ok(isApplied, place);
      else if (outcome.effect === 'not-applied') assert.not(isApplied, `${place}: was said not to be applied`);
      return outcome instanceof Error;
    });
    assert.ok(failures > 0);
  });

  test('a storm of calls shares a few connections, also after all were cut', async () => {
    const { kvetch, proxy } = await alone({ connectionLimit: 4 });
    const id = await kvetch.createObject('User', {});
    const storm = async (): Promise<void> => {
      const read = await Promise.all(Array.from({ length: 300 }, () => kvetch.getEdges('friends', id)));
      assert.is(read.length, 300);
    };
    await storm();
    assert.ok(proxy.made <= 5, `${proxy.made} connections: one made the database, four are the pool`);
    const before = proxy.made;
    proxy.cutAll();
    await until('the cut connections are gone', () => proxy.open === 0);
    await storm();
    assert.ok(proxy.made - before <= 4, `${proxy.made - before} connections after the cut`);
  });

  test('who gets no connection in time is told so, and nothing is applied', async () => {
    const { kvetch, proxy } = await alone({ connectionLimit: 1, acquireTimeoutMs: 200, queryTimeoutMs: 60_000 });
    await kvetch.building(); // asked once for each process
    const held = proxy.holdAnswers();
    const slow = kvetch.createObject('User', { n: 'slow' });
    await held;
    const error = await kvetch.createObject('User', { n: 'late' }).catch((reason: ShardUnavailableError) => reason);
    assert.equal(
      [(error as ShardUnavailableError).code, (error as ShardUnavailableError).effect],
      ['SHARD_UNAVAILABLE', 'not-applied'],
    );
    proxy.heal();
    assert.is((await kvetch.getObject(await slow))?.n, 'slow');
    const names = (await kvetch.browse('User')).objects.map((user) => (user as KvetchObject).n);
    assert.not(names.includes('late'));
  });

  needs(test, 'mariadbd')(
    'a server that is killed while it answers a batch costs its rows, and is found again',
    async () => {
      const own = await startMariadb();
      endings.push(() => own.remove());
      const { kvetch, proxy, users } = await halfBehind(own.port);
      const held = proxy.holdAnswers();
      const reading = kvetch.getObjects(users);
      await held;
      await own.kill();
      proxy.cutAll();
      assertLost(await reading, users);
      proxy.heal();
      await own.start();
      await assertRecovers(kvetch, users);
    },
  );
});

/**
 * Runs an operation with its connection cut at its first chunk, at its second, … on the way there and on the way back,
 * until a run has fewer chunks than that. `operation` says whether it failed; returns how many did.
 */
async function cutEverywhere(
  proxy: TcpProxy,
  operation: (place: string, begin: () => void) => Promise<boolean>,
): Promise<number> {
  let failures = 0;
  for (const side of ['client', 'server'] as const) {
    for (let at = 1; at < 40; at++) {
      let chunks = 0;
      const rule: Rule = (from) => (from === side && ++chunks === at ? 'cut' : 'pass');
      if (await operation(`${side} ${at}`, () => proxy.rule(rule))) failures++;
      if (chunks < at) break;
    }
  }
  return failures;
}

function portOf(uri: string): number {
  return Number(new URL(uri).port || 3306);
}
