import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import * as assert from 'uvu/assert';
import { ConsistencyToken, type Kvetch } from '../../../src/kvetch.ts';
import { typescript } from '../../support/repository.ts';
import { todoStore } from '../todo.ts';
import { mysqlShards, mysqlSuite } from './rows.ts';

/** A process whose clock is ahead (milliseconds, or behind), on the same databases. */
class SkewedProcess {
  readonly #child: ChildProcess;

  constructor(skewMs: number, databases: readonly string[]) {
    const script = new URL('skewedProcess.ts', import.meta.url);
    this.#child = fork(script, [String(skewMs), JSON.stringify(databases)], { execArgv: [...typescript] });
  }

  async call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    this.#child.send({ method, args });
    const [answer] = (await once(this.#child, 'message')) as [{ value?: unknown; error?: string }];
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value;
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

mysqlSuite('kvetch mysql: clocks that differ', (test, server) => {
  const names = [server.newDatabase(), server.newDatabase()];
  const databases = names.map((name) => ({ uri: server.uri, database: name }));
  let kvetch: Kvetch;
  const processes: SkewedProcess[] = [];

  test.before(async () => {
    kvetch = todoStore(mysqlShards(databases, { createDatabase: true, connectionLimit: 3 }));
    await Promise.all(kvetch.stores.map((store) => store.readObjects([]))); // a database is made when it is first asked
    const uris = names.map((name) => `${server.uri}/${name}`);
    processes.push(new SkewedProcess(5000, uris), new SkewedProcess(-5000, uris));
    const now = await Promise.all(processes.map((one) => one.call('now')));
    assert.ok((now[0] as number) - Date.now() > 3000 && (now[1] as number) - Date.now() < -3000, 'their clocks differ');
  });
  test.after(async () => {
    for (const one of processes) await one.end();
    await kvetch.close();
  });

  const friends = async (fromId: string): Promise<ReadonlyArray<readonly [string, unknown]>> =>
    (await kvetch.getEdges('friends', fromId)).edges.map(({ toId, data }) => [toId, data ?? null] as const);

  for (const [name, at] of [
    ['ahead', 0],
    ['behind', 1],
  ] as const) {
    test(`a plain edge of a process that is 5 s ${name}: the later of two writes wins, whichever process made it`, async () => {
      const other = processes[at] as SkewedProcess;
      const [from, to] = [await kvetch.createObject('User', {}), await kvetch.createObject('User', {})];
      const edge = { fromId: from, toId: to };
      await other.call('insertEdge', 'friends', { ...edge, data: 1 });
      assert.equal(await friends(from), [[to, 1]]);
      await kvetch.deleteEdge('friends', edge);
      assert.equal(await friends(from), []);
      await other.call('insertEdge', 'friends', { ...edge, data: 2 });
      await kvetch.insertEdge('friends', { ...edge, data: 3 });
      assert.equal(await friends(from), [[to, 3]]);
      await other.call('deleteEdge', 'friends', edge);
      assert.equal(await friends(from), []);
    });

    test(`an index entry of a process that is 5 s ${name}: the same`, async () => {
      const other = processes[at] as SkewedProcess;
      const id = await kvetch.createObject('User', {});
      const entry = { value: `tag of ${id}`, targetId: id };
      const found = async (): Promise<readonly string[]> => (await kvetch.queryIndex('tags', entry.value)).ids;
      await other.call('insertIndexEntry', 'tags', entry);
      await kvetch.deleteIndexEntry('tags', entry);
      assert.equal(await found(), []);
      await kvetch.insertIndexEntry('tags', entry);
      await other.call('deleteIndexEntry', 'tags', entry);
      assert.equal(await found(), []);
      await other.call('insertIndexEntry', 'tags', entry);
      assert.equal(await found(), [id]);
    });
  }

  test('a list of plain edges is in the order in which they were inserted, whatever clocks say', async () => {
    const from = await kvetch.createObject('User', {});
    const inserted: string[] = [];
    for (let n = 0; n < 12; n++) {
      const toId = await kvetch.createObject('User', {});
      const edge = { fromId: from, toId };
      await [
        () => kvetch.insertEdge('friends', edge),
        () => processes[0]?.call('insertEdge', 'friends', edge),
        () => processes[1]?.call('insertEdge', 'friends', edge),
      ][n % 3]?.();
      inserted.push(toId);
    }
    assert.equal(
      (await friends(from)).map(([toId]) => toId),
      inserted,
    );
  });

  test('a freshness token holds what the server made of a write', async () => {
    const from = await kvetch.createObject('User', {});
    const to = await kvetch.createObject('User', {});
    const freshness = new ConsistencyToken();
    await kvetch.with({ freshness }).insertEdge('friends', { fromId: from, toId: to });
    const [row] = (
      await Promise.all(kvetch.stores.map((store) => store.readEdges([{ edgeId: 10002, fromId: from, toId: to }])))
    ).flat();
    const found = (
      await Promise.all(kvetch.stores.map((store) => store.readEdges([{ edgeId: 10002, fromId: from, toId: to }])))
    )
      .flat()
      .find((one) => one !== null && !(one instanceof Error));
    assert.ok(found !== undefined && found !== null && !(found instanceof Error), String(row));
    assert.ok(freshness.toString().includes(`${found.srcVersion.toString(36)}.${found.pos.toString(36)}.1`));
    assert.is(found.srcVersion, found.pos, 'both are the time of the server');
  });

  test('a process whose clock is wrong cleans by the clock of the server: it buries nothing young, and its lease ends', async () => {
    const HOUR = 3_600_000;
    const ahead = new SkewedProcess(
      10 * 24 * HOUR,
      names.map((name) => `${server.uri}/${name}`),
    );
    try {
      const [from, to] = [await kvetch.createObject('User', {}), await kvetch.createObject('User', {})];
      await kvetch.insertEdge('friends', { fromId: from, toId: to });
      await kvetch.deleteEdge('friends', { fromId: from, toId: to });
      await kvetch.deleteObject(to);
      const report = (await ahead.call('clean', { mode: 'full' })) as { purged: number; complete: boolean };
      assert.is(report.complete, true);
      assert.is(report.purged, 0, 'tombstones are some milliseconds old');
      for (const store of kvetch.stores) {
        const lease = await store.acquireLease({ task: 'recent:forward:0-4095', owner: 'me', nowUs: null, leaseUs: 1 });
        assert.ok(lease !== null && lease.watermarkUs <= lease.nowUs, 'what others write next is looked at');
        await store.releaseLease('recent:forward:0-4095', 'me');
      }
    } finally {
      await ahead.end();
    }
  });

  test('racing writers of three clocks: what is there is what the last one to end left', async () => {
    const from = await kvetch.createObject('User', {});
    const to = await kvetch.createObject('User', {});
    const edge = { fromId: from, toId: to };
    for (let n = 0; n < 20; n++) {
      await Promise.all([
        kvetch.insertEdge('friends', { ...edge, data: 'a' }),
        processes[0]?.call('insertEdge', 'friends', { ...edge, data: 'b' }),
        processes[1]?.call('insertEdge', 'friends', { ...edge, data: 'c' }),
      ]);
      await processes[n % 2]?.call('insertEdge', 'friends', { ...edge, data: n });
      assert.equal(await friends(from), [[to, n]]);
      await kvetch.deleteEdge('friends', edge);
      assert.equal(await friends(from), []);
    }
  });
});
