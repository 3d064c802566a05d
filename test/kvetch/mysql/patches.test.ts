import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as assert from 'uvu/assert';
import type { Kvetch, ShardStore } from '../../../src/kvetch.ts';
import { deferred } from '../../support/deferred.ts';
import { sleep } from '../../support/redisServer.ts';
import { repositoryRoot, typescript } from '../../support/repository.ts';
import { TcpProxy } from '../../support/tcpProxy.ts';
import { wrapStore } from '../backends.ts';
import { rejection, todoStore } from '../todo.ts';
import { mysqlShard, mysqlSuite, newStore } from './rows.ts';

const PATCHES = 50;

mysqlSuite('kvetch mysql: patches of one object', (test, server) => {
  test(`${PATCHES} at a time in one process: one read and one statement for all`, async () => {
    const calls: string[] = [];
    const watched = (store: ShardStore): ShardStore =>
      wrapStore(store, (method, run) => {
        calls.push(method);
        return run();
      });
    const kvetch = todoStore([watched(newStore(server))]);
    const id = await kvetch.createObject('User', { city: 'Oslo' });
    calls.length = 0;
    const answers = await Promise.all(numbered(PATCHES, (n) => kvetch.updateObject(id, { [`a${n}`]: n })));
    assert.equal(
      answers.map(({ version }) => version).sort(ascending),
      numbered(PATCHES, (n) => n + 2),
    );
    assert.equal(calls.filter((call) => call === 'readObjects').length, 1);
    assert.equal(calls.filter((call) => call === 'replaceObjects').length, 1);
    await expectKeys(kvetch, id, ['a']);
  });

  test('what stands in line sees what others have written, concludes nothing from what is old, and ends with the object', async () => {
    const database = server.newDatabase();
    const [here, there] = [1, 2].map(() =>
      todoStore([mysqlShard({ uri: server.uri, database, createDatabase: true })]),
    );
    const [one, two] = [here as Kvetch, there as Kvetch];
    const id = await one.createObject('User', { city: 'Oslo' });
    const reached = deferred();
    const released = deferred();
    const pausing = todoStore([mysqlShard({ uri: server.uri, database })], {
      async faults(point) {
        if (point !== 'afterClaim') return;
        reached.resolve();
        await released.promise;
      },
    });
    const first = pausing.updateObject(id, { username: `u${id}` });
    await reached.promise;
    const second = pausing.updateObject(id, { city: 'Rome' });
    await two.updateObject(id, { city: 'Rome', n: 1 });
    await two.updateObject(id, { city: 'Bern' });
    released.resolve();
    await first;
    assert.is((await second).city, 'Rome', 'a patch that was true of an older version is written all the same');
    assert.is(await one.deleteObject(id), true);
    assert.is((await rejection(pausing.updateObject(id, { city: 'Rome' }))).code, 'NOT_FOUND');
  });

  test('a patch that is too large for the server fails alone', async () => {
    const kvetch = todoStore([newStore(server)], { limits: { maxBodyBytes: 1 << 26 } });
    const user = await kvetch.createObject('User', {});
    const answers = await Promise.allSettled(
      numbered(7, (n) => kvetch.updateObject(user, { [`a${n}`]: n === 3 ? 'x'.repeat(1 << 24) : n })),
    );
    assert.equal(
      answers.map((answer) => (answer.status === 'rejected' ? answer.reason.code : 'done')),
      numbered(7, (n) => (n === 3 ? 'BODY_TOO_LARGE' : 'done')),
    );
    assert.is((await kvetch.getObject(user))?.version, 7);
  });

  test('200 at a time in each of four processes, two of them behind 20 ms: none is refused, none is lost', async () => {
    const database = server.newDatabase();
    const kvetch = todoStore([mysqlShard({ uri: server.uri, database, createDatabase: true })]);
    const id = await kvetch.createObject('User', { city: 'Oslo' });
    const proxy = await proxyTo(server.uri);
    proxy.delayMs = 20;
    const prefixes = ['a', 'b', 'c', 'd'];
    const children = prefixes.map((prefix, at) => {
      const uri = at < 2 ? server.uri : uriBehind(server.uri, proxy);
      const args = [...typescript, join(repositoryRoot, 'test/kvetch/mysql/patcher.ts'), uri, database, id, prefix];
      return spawn(process.execPath, [...args, '200'], { stdio: ['pipe', 'pipe', 'inherit'] });
    });
    try {
      const lines = children.map(linesOf);
      for (const line of lines) assert.is(await line(), 'ready');
      for (const child of children) child.stdin?.write('go\n');
      for (const line of lines) assert.equal(JSON.parse(await line()).failures, []);
    } finally {
      for (const child of children) child.kill();
      await proxy.close();
    }
    await expectKeys(kvetch, id, prefixes, 200);
  });

  test('a writer that never rests does not keep one that is far away from the object', async () => {
    const database = server.newDatabase();
    const near = todoStore([mysqlShard({ uri: server.uri, database, createDatabase: true })]);
    const id = await near.createObject('User', { city: 'Oslo' });
    const proxy = await proxyTo(server.uri);
    const far = todoStore([mysqlShard({ uri: uriBehind(server.uri, proxy), database })]);
    await far.getObject(id);
    proxy.delayMs = 20;
    let isOver = false;
    const writing = (async () => {
      let n = 0;
      while (!isOver) await near.updateObject(id, { n: ++n });
      return n;
    })();
    try {
      for (let n = 0; n < 5; n++) await far.updateObject(id, n === 0 ? { username: `u${id}` } : { [`a${n}`]: n });
    } finally {
      isOver = true;
    }
    const count = await writing;
    await proxy.close();
    assert.is((await near.getObject(id))?.version, 1 + count + 5);
    assert.equal((await near.queryIndex('username', `u${id}`)).ids, [id]);
  });

  test('the lock of a process ends when it dies, and after a while when nobody hears that it has died', async () => {
    for (const isHeard of [true, false]) {
      const database = server.newDatabase();
      const near = todoStore([mysqlShard({ uri: server.uri, database, createDatabase: true })]);
      const id = await near.createObject('User', { city: 'Oslo' });
      const proxy = await proxyTo(server.uri);
      let losses = 1;
      const store = mysqlShard({ uri: uriBehind(server.uri, proxy), database, queryTimeoutMs: 1000 });
      const far = todoStore([
        wrapStore(store, (method, run) => (method === 'replaceObjects' && losses-- > 0 ? [false] : run())),
      ]);
      await far.getObject(id);
      const held = proxy.holdAsked('COMMIT');
      const cut = rejection(far.updateObject(id, { a: 1 }));
      while (held.count === 0) await sleep(5);
      let isDone = false;
      const waiting = near.updateObject(id, { b: 1 }).finally(() => {
        isDone = true;
      });
      await sleep(50);
      assert.is(isDone, false, 'the row is locked');
      if (isHeard) proxy.cutAll();
      assert.is((await waiting).b, 1);
      assert.is(((await cut) as Error & { effect?: string }).effect, 'unknown');
      assert.is((await near.getObject(id))?.version, 2);
      await proxy.close();
    }
  });

  async function expectKeys(kvetch: Kvetch, id: string, prefixes: readonly string[], count = PATCHES): Promise<void> {
    const object = await kvetch.getObject(id);
    const expected = prefixes.flatMap((prefix) => numbered(count, (n) => [`${prefix}${n}`, n] as const));
    assert.equal(Object.fromEntries(expected.map(([key]) => [key, object?.[key]])), Object.fromEntries(expected));
    assert.is(object?.version, 1 + expected.length);
  }
});

function proxyTo(uri: string): Promise<TcpProxy> {
  return TcpProxy.open(Number(new URL(uri).port) || 3306);
}

/** The server of the tests behind a proxy. */
function uriBehind(of: string, { port }: TcpProxy): string {
  const uri = new URL(of);
  uri.hostname = '127.0.0.1';
  uri.port = String(port);
  return String(uri);
}

function linesOf(child: ChildProcess): () => Promise<string> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return async () => String((await lines.next()).value);
}

function numbered<T>(length: number, of: (n: number) => T): T[] {
  return Array.from({ length }, (_, n) => of(n));
}

function ascending(a: number, b: number): number {
  return a - b;
}
