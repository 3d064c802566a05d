import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as assert from 'uvu/assert';
import type { Kvetch, ShardStore } from '../../../src/kvetch.ts';
import { repositoryRoot } from '../../support/repository.ts';
import { wrapStore } from '../backends.ts';
import { rejection, todoStore } from '../todo.ts';
import { mysqlShard, mysqlSuite, newStore } from './rows.ts';

const PATCHES = 50;

mysqlSuite('kvetch mysql: patches of one object', (test, server) => {
  test(`${PATCHES} at a time in one process: one read, then one statement each`, async () => {
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
    assert.equal(calls.filter((call) => call === 'replaceObjects').length, PATCHES);
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

  test(`${PATCHES} at a time in each of two processes: none is refused, none is lost`, async () => {
    const database = server.newDatabase();
    const kvetch = todoStore([mysqlShard({ uri: server.uri, database, createDatabase: true })]);
    const id = await kvetch.createObject('User', { city: 'Oslo' });
    const prefixes = ['a', 'b'];
    const children = prefixes.map((prefix) => {
      const args = [
        '--import',
        'tsx',
        join(repositoryRoot, 'test/kvetch/mysql/patcher.ts'),
        server.uri,
        database,
        id,
        prefix,
      ];
      return spawn(process.execPath, [...args, String(PATCHES)], { stdio: ['pipe', 'pipe', 'inherit'] });
    });
    try {
      const lines = children.map(linesOf);
      for (const line of lines) assert.is(await line(), 'ready');
      for (const child of children) child.stdin?.write('go\n');
      for (const line of lines) assert.equal(JSON.parse(await line()).failures, []);
    } finally {
      for (const child of children) child.kill();
    }
    await expectKeys(kvetch, id, prefixes);
  });

  async function expectKeys(kvetch: Kvetch, id: string, prefixes: readonly string[]): Promise<void> {
    const object = await kvetch.getObject(id);
    const expected = prefixes.flatMap((prefix) => numbered(PATCHES, (n) => [`${prefix}${n}`, n] as const));
    assert.equal(Object.fromEntries(expected.map(([key]) => [key, object?.[key]])), Object.fromEntries(expected));
    assert.is(object?.version, 1 + expected.length);
  }
});

function linesOf(child: ChildProcess): () => Promise<string> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return async () => String((await lines.next()).value);
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function numbered<T>(length: number, of: (n: number) => T): T[] {
  return Array.from({ length }, (_, n) => of(n));
}

function ascending(a: number, b: number): number {
  return a - b;
}
