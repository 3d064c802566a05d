import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import type { FaultPoint } from '../../../src/kvetch/KvetchContext.ts';
import type { ObjectRow } from '../../../src/kvetch/shards/rows.ts';
import { isDecision } from '../../../src/kvetch/writes/unit/prepared.ts';
import { increment, type Kvetch, type KvetchError, type KvetchOptions, update } from '../../../src/kvetch.ts';
import type { MysqlShardStore } from '../../../src/kvetch-mysql.ts';
import { repositoryRoot, typescript } from '../../support/repository.ts';
import { until } from '../../support/until.ts';
import { wrapStore } from '../backends.ts';
import { rejection, todoStore } from '../todo.ts';
import { mysqlShards, mysqlSuite } from './rows.ts';
import { membersOf, STOPPED_MS, type VictimIds } from './splitUnitVictim.ts';
import { allRows, preparedIds } from './unitRace.ts';

mysqlSuite('kvetch mysql: units over two servers whose process is killed', (test, server) => {
  const names = [server.newDatabase(), server.newDatabase()];
  const uris = names.map((name) => `${server.uri}/${name}`);
  const databases = (): readonly MysqlShardStore[] =>
    mysqlShards(
      names.map((database) => ({ uri: server.uri, database })),
      { createDatabase: true, connectionLimit: 4 },
    );
  const open = (options: Partial<KvetchOptions> = {}): Kvetch => todoStore(databases(), options);
  const stores = databases();
  let kvetch: Kvetch;
  test.before(async () => {
    kvetch = todoStore(stores);
    await Promise.all(kvetch.stores.map((store) => store.readObjects([])));
  });
  test.after(() => kvetch.close());

  /** An object of a server. */
  async function objectOn(place: 0 | 1): Promise<string> {
    for (;;) {
      const id = kvetch.newId('User');
      if (shardOfId(id) < 2048 !== (place === 0)) continue;
      return kvetch.createObject('User', { n: 0, city: 'old' }, { id });
    }
  }

  async function victims(): Promise<VictimIds> {
    const [here, there, checked, gone] = await Promise.all([objectOn(0), objectOn(1), objectOn(0), objectOn(1)]);
    return { here, there, checked, gone, made: kvetch.newId('User', {}, { near: here }) };
  }

  async function die(ids: VictimIds, point: FaultPoint, times: number): Promise<void> {
    const script = join(repositoryRoot, 'test/kvetch/mysql/splitUnitVictim.ts');
    const args = [JSON.stringify(uris), point, String(times), JSON.stringify(ids)];
    const child = spawn(process.execPath, [...typescript, script, ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [, signal] = await once(child, 'exit');
    assert.is(signal, 'SIGKILL');
  }

  /** What the unit has changed: all, nothing, or a list of what is there. */
  async function stateOf({ here, there, checked, gone, made }: VictimIds): Promise<string> {
    const [one, two, three, four, five] = await Promise.all(
      [here, there, checked, gone, made].map((id) => kvetch.getObject(id)),
    );
    const friends = (await kvetch.getEdges('friends', there)).edges.map(({ toId }) => toId);
    const tags = (await kvetch.queryIndex('tags', `of ${made}`)).ids;
    const city = (await kvetch.queryIndex('city', 'new')).ids.filter((id) => [here, there, made].includes(id));
    const named = (await kvetch.queryIndex('username', `of ${made}`)).ids;
    assert.is(three?.n, 0);
    const found = [
      one?.n === 1,
      two?.n === 1,
      four === null,
      five !== null,
      friends.length === 1,
      tags.length === 1,
      city.length === 3,
    ];
    if (found.every((is) => is) && named.length === 1) return 'all';
    return found.every((is) => !is) && city.length === 0 ? 'nothing' : JSON.stringify([found, city.length]);
  }

  /** The notes of both servers. */
  async function notes(): Promise<number> {
    const counts = stores.map(async (store) => {
      const database = await store.database();
      const [row] = await database.read((session) => session.rows('SELECT COUNT(*) FROM kvetch_outbox'));
      return Number(row?.[0]);
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  const points: ReadonlyArray<readonly [name: string, point: FaultPoint, times: number, state: 'all' | 'nothing']> = [
    ['one server has prepared', 'beforePrepare', 2, 'nothing'],
    ['both servers have prepared', 'afterPrepare', 1, 'nothing'],
    ['it is decided', 'afterDecide', 1, 'all'],
    ['one server has applied', 'beforeApply', 2, 'all'],
    ['both servers have applied', 'afterApply', 1, 'all'],
  ];
  const finishers: Readonly<Record<string, (ids: VictimIds) => Promise<void>>> = {
    'the next writers': async ({ here, there, checked, gone, made }) => {
      await kvetch.updateObject(here, { n: increment(0), x: 1 });
      await kvetch.write([there, checked].map((id) => update(id, { n: increment(0), x: 1 })));
      await kvetch.deleteObject(gone).then(() => {});
      if ((await kvetch.getObject(made)) === null) await kvetch.createObject('User', {}, { id: made });
    },
    'a cleaner': async () => {
      const report = await kvetch.clean({ graceMs: 0 });
      assert.is(report.errors, 0);
    },
    'a relay': async () => {
      const relay = open({ outboxPollMs: 20 });
      await until('the relay has done all notes', async () => (await notes()) === 0);
      await relay.close();
    },
  };
  for (const [name, point, times, state] of points) {
    for (const [by, finish] of Object.entries(finishers)) {
      test(`${name}: ${by} make it ${state}`, async () => {
        const ids = await victims();
        await die(ids, point, times);
        if (by === 'the next writers') {
          await finish(ids);
          const [here, there] = await Promise.all([kvetch.getObject(ids.here), kvetch.getObject(ids.there)]);
          assert.equal([here?.n, there?.n], state === 'all' ? [1, 1] : [0, 0]);
          assert.equal([here?.x, there?.x], [1, 1]);
          assert.is((await kvetch.getObject(ids.made))?.n ?? 0, state === 'all' ? 1 : 0);
        } else {
          await finish(ids);
          assert.is(await stateOf(ids), state);
        }
        // the row of its key is met by its repeat, or a cleaner
        const left = (await preparedIds(kvetch)).filter(
          (id) => by !== 'the next writers' || Object.values(ids).includes(id),
        );
        assert.equal(left, []);
      });
    }
  }

  for (const [point, where] of [
    ['afterPrepare', 'before it looks whether it is late'],
    ['decision', 'behind that, with the decision in its hand'],
  ] as const) {
    test(`a writer that stops ${where}, until its unit is aborted, is told so`, async () => {
      const ids = await victims();
      const script = join(repositoryRoot, 'test/kvetch/mysql/splitUnitVictim.ts');
      const args = [JSON.stringify(uris), point, '1', JSON.stringify(ids), 'SIGSTOP'];
      const child = spawn(process.execPath, [...typescript, script, ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let printed = '';
      child.stdout.on('data', (text) => {
        printed += String(text);
      });
      const exited = once(child, 'exit');
      await until('it has stopped', () => /\) T /.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8')));
      await sleep(STOPPED_MS);
      assert.ok((await preparedIds(kvetch)).length > 0, 'it stands in the middle');
      await kvetch.clean({ graceMs: 0 });
      assert.ok((await decisions()).length > 0);
      if (point === 'afterPrepare') await forgetDecisions();
      child.kill('SIGCONT');
      await exited;
      assert.equal(JSON.parse(printed), { code: 'CONFLICT', effect: 'not-applied' });
      assert.is(await stateOf(ids), 'nothing');
      await kvetch.clean({ graceMs: 0 });
      await forgetDecisions();
      assert.equal([await stateOf(ids), await preparedIds(kvetch)], ['nothing', []]);
    });
  }

  test('[6.8] a unit that died is whole when its repeat is answered, and is written once', async () => {
    for (const [, point, times] of points) {
      const ids = await victims();
      await die(ids, point, times);
      const options = { idempotencyKey: `of ${JSON.stringify(ids)}` };
      const { objects } = await kvetch.write(membersOf(ids), options);
      assert.is(objects[4]?.id, ids.made, point);
      assert.is(await stateOf(ids), 'all', point);
      assert.equal(await preparedIds(kvetch), []);
    }
  });

  test('exports show a unit that is not applied as not written', async () => {
    const ids = await victims();
    await die(ids, 'afterPrepare', 1);
    const lines: string[] = [];
    await kvetch.exportShards([0, 4095], async (some) => void lines.push(...some));
    const rows = lines.map(
      (line) => JSON.parse(line) as { id?: string; codec?: number; attributes?: { n?: number } | null },
    );
    const own = rows.filter(({ id }) => Object.values(ids).includes(id ?? ''));
    assert.is(own.length, 4, 'not the object that is to be created');
    for (const row of own) assert.equal([row.codec, row.attributes?.n], [1, 0]);
    await kvetch.clean({ graceMs: 0 });
    assert.is(await stateOf(ids), 'nothing');
  });

  test('an aborted unit stays so: its decision outlives it, and an applied one leaves no row', async () => {
    const ids = await victims();
    const slow = open({
      async faults(at: FaultPoint) {
        if (at === 'afterPrepare') await kvetch.updateObject(ids.here, { x: 1 });
      },
      limits: { updateWaitMs: 500 },
    });
    const error = (await rejection(slow.write(membersOf(ids)))) as KvetchError;
    assert.equal([error.code, error.effect], ['CONFLICT', 'not-applied'], error.message);
    assert.is(await stateOf(ids), 'nothing');
    await slow.close();
    const options = { idempotencyKey: `of ${ids.here}` };
    await kvetch.write(membersOf(ids), options);
    assert.is(await stateOf(ids), 'all');
    await kvetch.clean({ graceMs: 0 });
    const left = await decisions();
    assert.ok(left.length > 0 && left.every(({ body }) => body.includes('"aborted"')), 'written ones are gone');
    await kvetch.clean({ graceMs: 0 });
    assert.is((await decisions()).length, left.length, 'the retention is not over');
    await forgetDecisions();
    assert.is((await kvetch.write(membersOf(ids), options)).isNew, false, 'the row of a key stays');
    assert.is(await stateOf(ids), 'all');
  });

  const yesterday = (): number => Date.now() - 48 * 3600 * 1000;

  test('a purge leaves the decision of a unit that is not applied, whatever the clock of its writer says', async () => {
    const ids = await victims();
    const dying = open({
      clock: yesterday,
      faults(at: FaultPoint) {
        if (at === 'afterDecide') throw new Error('the process has died');
      },
    });
    let death: Promise<Error> | null = null;
    const cleaner = todoStore(
      databases().map((store) =>
        wrapStore(store, async (method, run, args) => {
          const isPurge = method === 'acquireLease' && JSON.stringify(args).includes('purge-objects');
          if (isPurge) death ??= rejection(dying.write(membersOf(ids))); // when all other passes are over
          if (isPurge) await death;
          return run();
        }),
      ),
    );
    assert.is((await cleaner.clean({ graceMs: 0, maxRemembered: 0 })).errors, 0);
    assert.match(String(await death), /has died/);
    await kvetch.clean({ graceMs: 0 });
    assert.is(await stateOf(ids), 'all');
    await Promise.all([dying.close(), cleaner.close()]);
  });

  test('the decision to abort outlives the retention by the clock of the writer, whatever the clock of who aborts says', async () => {
    const ids = await victims();
    const behind = open({ clock: yesterday });
    const slow = open({
      async faults(at: FaultPoint) {
        if (at !== 'afterPrepare') return;
        await behind.updateObject(ids.here, { x: 1 });
        await kvetch.clean({ graceMs: 0 });
      },
      limits: { updateWaitMs: 500 },
    });
    const error = (await rejection(slow.write(membersOf(ids)))) as KvetchError;
    assert.equal([error.code, error.effect], ['CONFLICT', 'not-applied'], error.message);
    assert.is(await stateOf(ids), 'nothing');
    await Promise.all([slow.close(), behind.close()]);
  });

  /** As when the retention is over. */
  async function forgetDecisions(): Promise<void> {
    const cleaner = open({ limits: { updateWaitMs: 0 } });
    await cleaner.clean({ graceMs: 0, retentionMs: 1 });
    await cleaner.close();
    assert.equal(await decisions(), []);
  }

  /** All rows that decide. */
  async function decisions(): Promise<readonly ObjectRow[]> {
    const pages = await Promise.all(kvetch.stores.map((store) => store.scanObjects(allRows)));
    return pages.flatMap(({ rows }) => rows).filter(isDecision);
  }
});
