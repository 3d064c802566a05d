/** The change feed on MySQL: numbers that come late, moves, writers that are stopped and killed. Spec 6.13. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Connection, createConnection } from 'mysql2/promise';
import * as assert from 'uvu/assert';
import type { StoredChange } from '../../../src/kvetch/changes/StoredChange.ts';
import { insertEdge, type Kvetch, update } from '../../../src/kvetch.ts';
import { mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { mustGet } from '../../../src/utils/mustGet.ts';
import { typescript } from '../../support/repository.ts';
import { until } from '../../support/until.ts';
import { rejection, todoStore } from '../todo.ts';
import { mysqlSuite } from './rows.ts';

const changeFeed = { retentionMs: 3_600_000 };
const KEPT = "INSERT INTO kvetch_changes (at_us, change_keys) VALUES (1, '')";

mysqlSuite('changes: mysql', (test, server) => {
  const closing: Array<() => unknown> = [];
  test.after.each(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function open(count: number): Promise<{ kvetch: Kvetch; databases: string[]; newStore: () => Kvetch }> {
    const databases = Array.from({ length: count }, () => server.newDatabase());
    const newStore = (): Kvetch => {
      const servers = Object.fromEntries(databases.map((database, at) => [`s${at}`, { uri: server.uri, database }]));
      const cluster = mysqlCluster({ servers, createDatabase: true, connectionLimit: 4, queryTimeoutMs: 3000 });
      const store = todoStore(cluster, { changeFeed });
      closing.push(() => store.close());
      return store;
    };
    const kvetch = newStore();
    for (const store of kvetch.stores) await store.changes?.end(); // they are made one after the other
    const cluster = mysqlCluster({
      servers: Object.fromEntries(databases.map((database, at) => [`s${at}`, { uri: server.uri, database }])),
    });
    await cluster.init();
    await cluster.close();
    return { kvetch, databases, newStore };
  }

  async function writer(database = ''): Promise<Connection> {
    const connection = await createConnection(`${server.uri}/${database}`);
    connection.on('error', () => {}); // it is killed
    closing.push(() => connection.destroy());
    await connection.query('START TRANSACTION');
    return connection;
  }

  async function read(kvetch: Kvetch, from?: string): Promise<StoredChange[]> {
    const found: StoredChange[] = [];
    for await (const change of kvetch.changes({ follow: false, ...(from === undefined ? {} : { from }) }))
      found.push(change);
    return found;
  }

  const idsOf = (changes: readonly StoredChange[]): readonly string[] =>
    changes.flatMap((change) => (change.kind === 'object' ? [change.id] : []));

  /** Processes that are there before a feed is: without it, on these databases. */
  function oldStore(databases: readonly string[]): Kvetch {
    const servers = Object.fromEntries(databases.map((database, at) => [`s${at}`, { uri: server.uri, database }]));
    const store = todoStore(mysqlCluster({ servers, createDatabase: true, connectionLimit: 4, queryTimeoutMs: 3000 }));
    closing.push(() => store.close());
    return store;
  }

  async function plainServer(): Promise<{ databases: string[]; kvetch: Kvetch }> {
    const databases = [server.newDatabase()];
    const cluster = mysqlCluster({
      servers: { s0: { uri: server.uri, database: databases[0] ?? '' } },
      createDatabase: true,
    });
    await cluster.init();
    await cluster.close();
    return { databases, kvetch: oldStore(databases) };
  }

  const withFeed = (databases: readonly string[]): Kvetch => {
    const [database = ''] = databases;
    const store = todoStore(mysqlCluster({ servers: { s0: { uri: server.uri, database } }, queryTimeoutMs: 3000 }), {
      changeFeed,
    });
    closing.push(() => store.close());
    return store;
  };

  test('a process from before the feed leaves its changes, whichever way it writes first [6.13.8]', async () => {
    const { databases, kvetch } = await plainServer();
    const user = (): Promise<string> => kvetch.createObject('User', { username: `${Math.random()}` });
    const [end, other] = [await user(), await user()];
    type Way = (old: Kvetch, id: string, version: number) => Promise<unknown>;
    const ways: Readonly<Record<string, Way>> = {
      update: (old, id) => old.updateObject(id, { age: 1 }),
      'update of a version': (old, id, ifVersion) => old.updateObject(id, { age: 1 }, { ifVersion }),
      'updates together': (old, id) => old.updateObjects([{ id, data: { age: 1 } }]),
      'unique update': (old, id) => old.updateObject(id, { username: id }),
      delete: (old, id) => old.deleteObject(id),
      edge: (old, id) => old.insertEdge('friends', { fromId: id, toId: end }),
      'edge that goes': (old, id) => old.deleteEdge('friends', { fromId: id, toId: end }),
      unit: (old, id) => old.write([update(id, { age: 1 }), insertEdge('friends', { fromId: id, toId: end })]),
      create: (old, id) => old.createObject('User', { city: 'Rome' }, { id: `${id.slice(0, -4)}ffff` }),
      'create in a list': (old, id) => old.createObject('List', { owner: id }, { id: `${id.slice(0, -4)}fffe` }),
    };
    const old = new Map<string, { store: Kvetch; id: string; version: number }>();
    for (const name of Object.keys(ways)) {
      const [store, id] = [oldStore(databases), await user()];
      await store.updateObject(other, { city: name }); // it is open, and has written
      old.set(name, { store, id, version: (await store.getObject(id))?.version ?? 0 });
    }
    const feed = withFeed(databases);
    for (const [name, write] of Object.entries(ways)) {
      const from = await feed.changePosition();
      const { store, id, version } = mustGet(old, name);
      const answers = await write(store, id, version);
      if (Array.isArray(answers))
        assert.not.ok(
          answers.some((answer) => answer instanceof Error),
          name,
        );
      const changes = await read(feed, from);
      const named = changes.map((change) => (change.kind === 'object' ? change.id : change.fromId));
      assert.ok(
        named.some((one) => one.startsWith(id.slice(0, -4))),
        `${name}: ${named.join()} ${id}`,
      );
    }
  });

  test('a feed begins when writes without it are done: a position waits for them [6.13.8]', async () => {
    const { databases, kvetch } = await plainServer();
    const id = await kvetch.createObject('User', { username: 'ann' });
    const open = await writer(databases[0]);
    await open.query('SELECT shard FROM kvetch_shards WHERE state IN (1, 2) LOCK IN SHARE MODE'); // as each write does
    const feed = withFeed(databases);
    let isThere = false;
    const asked = feed.changePosition().then((position) => {
      isThere = true;
      return position;
    });
    await sleep(500);
    assert.is(isThere, false);
    await kvetch.getObject(id); // readers do not wait
    await open.query('COMMIT');
    const from = await asked;
    await kvetch.updateObject(id, { city: 'Rome' });
    assert.equal(idsOf(await read(feed, from)), [id]);
    assert.equal(idsOf(await read(kvetch, from)), [id], 'a process from before reads the feed, too');
  });

  test('a feed that ends lets all write; one that begins again has another name [6.13.8]', async () => {
    const { databases, kvetch } = await plainServer();
    const id = await kvetch.createObject('User', { username: 'ann' });
    const feed = withFeed(databases);
    const from = await feed.changePosition();
    const [database = ''] = databases;
    const ended = todoStore(mysqlCluster({ servers: { s0: { uri: server.uri, database } } }), {
      changeFeed: { retentionMs: 0 },
    });
    closing.push(() => ended.close());
    await ended.updateObject(id, { city: 'Oslo' });
    assert.match((await rejection(ended.changePosition())).message, /changeFeed/);
    const between = oldStore(databases);
    await between.updateObject(id, { city: 'Bern' });
    const again = withFeed(databases);
    const position = await again.changePosition();
    for (const [at, store] of [ended, between, kvetch].entries()) {
      await store.updateObject(id, { city: `${at}` });
      assert.ok((await read(again, position)).length > 0, `${at}`);
    }
    assert.is((await rejection(read(again, from))).code, 'CHANGES_GONE');
  });

  test('processes write while the feed is switched on, and shards move: with what was there, nothing is left out [6.13.8]', async () => {
    const databases = [server.newDatabase(), server.newDatabase()];
    const servers = Object.fromEntries(databases.map((database, at) => [`s${at}`, { uri: server.uri, database }]));
    const mover = mysqlCluster({ servers, createDatabase: true, queryTimeoutMs: 3000 });
    closing.push(() => mover.close());
    await mover.init();
    const acknowledged = new Map<string, number>();
    const writers = [startWriter(databases, acknowledged), startWriter(databases, acknowledged)];
    await until('they write', () => acknowledged.size > 50);
    await mover.move({ from: 's0', to: 's1', shards: [0, 511], chunk: 512, overlapMs: 50 });
    const feed = todoStore(mysqlCluster({ servers, queryTimeoutMs: 3000 }), { changeFeed });
    closing.push(() => feed.close());
    let position = await feed.changePosition();
    const seen = new Map<string, number>();
    for await (const { objects } of feed.browsePages('User'))
      for (const object of objects) if (!(object instanceof Error)) seen.set(object.id, object.version);
    const atStart = acknowledged.size;
    await mover.move({ from: 's1', to: 's0', shards: [0, 511], chunk: 256, overlapMs: 50 });
    await mover.move({ from: 's0', to: 's1', shards: [100, 300], chunk: 256, overlapMs: 50 });
    await sleep(1000);
    for (const child of writers) child.kill('SIGSTOP');
    await sleep(100);
    const isComplete = async (): Promise<boolean> => {
      position = await followTo(feed, position, seen, 200);
      return [...acknowledged].every(([id, version]) => (seen.get(id) ?? 0) >= version);
    };
    await until('all have come', isComplete);
    assert.ok(acknowledged.size > atStart + 20, `${atStart} ${acknowledged.size}`);
  });

  test('a reader waits for a transaction that has a number and is not committed, however old it is [6.13.3]', async () => {
    const { kvetch, databases } = await open(1);
    const first = await kvetch.createObject('User', { username: 'first' });
    const late = await writer(databases[0]);
    const ghost = '00000000-0000-8000-8000-000000000001';
    await late.query(`INSERT INTO kvetch_changes (at_us, change_keys) VALUES (1, 'o:${ghost}')`);
    const second = await kvetch.createObject('User', { username: 'second' });
    const position = await kvetch.changePosition();
    assert.equal(idsOf(await read(kvetch)), [first]);
    await sleep(1100); // old enough to be taken, if only nobody had it
    assert.equal(idsOf(await read(kvetch)), [first]);
    await late.query('COMMIT');
    assert.equal(idsOf(await read(kvetch)), [first, ghost, second]);
    assert.equal(idsOf(await read(kvetch, position)), [ghost, second], 'a position is before what was open [6.13.7]');
    assert.equal(await read(kvetch, await kvetch.changePosition()), []);
  });

  test('a number whose transaction was undone is passed; nobody can use it any more [6.13.3]', async () => {
    const { kvetch, databases } = await open(1);
    const first = await kvetch.createObject('User', { username: 'first' });
    const undone = await writer(databases[0]);
    await undone.query(KEPT);
    undone.destroy(); // as a process that is killed
    const second = await kvetch.createObject('User', { username: 'second' });
    await until('it is passed', async () => idsOf(await read(kvetch)).includes(second));
    assert.equal(idsOf(await read(kvetch)), [first, second]);
    const late = await writer(databases[0]);
    const error = await late
      .query("INSERT INTO kvetch_changes (number, at_us, change_keys) VALUES (2, 1, '')")
      .then(() => null)
      .catch(({ errno }: { errno: number }) => errno);
    assert.is(error, 1062);
  });

  test('many undone numbers hold up a reader for a moment, not for a moment each', async () => {
    const { kvetch, databases } = await open(1);
    const ids: string[] = [];
    for (let n = 0; n < 20; n++) {
      const undone = await writer(databases[0]);
      await undone.query(KEPT);
      await undone.query('ROLLBACK');
      ids.push(await kvetch.createObject('User', { username: `${n}` }));
    }
    await sleep(1100);
    const begin = performance.now();
    assert.equal(idsOf(await read(kvetch)), ids);
    assert.ok(performance.now() - begin < 5000);
    assert.equal(await read(kvetch, await kvetch.changePosition()), []);
  });

  test('numbers that are left out each time, as on Galera: a position, a page and a cleaner wait for all together [6.13.3, 6.13.6]', async () => {
    const cluster = mysqlCluster({
      servers: { s0: { uri: server.uri, database: server.newDatabase() } },
      ...{ createDatabase: true, session: { auto_increment_increment: 3 } },
    });
    const kvetch = todoStore(cluster, { changeFeed });
    closing.push(() => kvetch.close());
    await cluster.init();
    const { changes } = cluster.store('s0');
    const from = await kvetch.changePosition();
    const create = async (count: number): Promise<string[]> => {
      const ids: string[] = [];
      while (ids.length < count) ids.push(await kvetch.createObject('User', { city: 'Oslo' }));
      return ids;
    };
    const ids = await create(20);
    const begin = performance.now();
    const end = await changes.end();
    assert.ok(performance.now() - begin < 10_000, 'it waits for a second, not for one each');
    assert.equal(idsOf(await read(kvetch, from)), ids);
    await create(20);
    await sleep(1100);
    assert.is((await changes.read(end, 100)).changes.length, 60, 'they are in one page');
    await create(20);
    changes.keep(400);
    await sleep(450);
    await changes.drop();
    const kept = await changes.read(0, 0);
    assert.equal([kept.gone, kept.end], [end + 117, end + 120], 'those that nobody has read go, too');
  });

  test('cleaners wait for open numbers, too, keep the last number, and tell readers what is gone [6.13.6]', async () => {
    const { kvetch, databases } = await open(1);
    const [store] = kvetch.stores;
    await kvetch.createObject('User', { username: 'first' });
    const [old] = await read(kvetch);
    const late = await writer(databases[0]);
    await late.query(KEPT);
    for (let n = 0; n < 5; n++) await kvetch.createObject('User', { username: `${n}` });
    store?.changes?.keep(1);
    await sleep(20);
    assert.is(await store?.changes?.drop(), 0);
    await late.query('COMMIT');
    assert.is(await store?.changes?.drop(), 6);
    assert.is((await read(kvetch)).length, 1);
    const gone = await read(kvetch, old?.position).catch(({ code }: { code: string }) => code);
    assert.is(gone, 'CHANGES_GONE');
  });

  test('a store that is older than a position refuses it; a table that is gone begins a new feed [6.13.6]', async () => {
    const { kvetch, databases, newStore } = await open(1);
    for (let n = 0; n < 5; n++) await kvetch.createObject('User', { username: `${n}` });
    const [, second, , , last] = await read(kvetch);
    const connection = await writer(databases[0]);
    await connection.query('DELETE FROM kvetch_changes WHERE number > 3'); // as a backup has it
    await connection.query('COMMIT');
    const codeFrom = async (store: Kvetch, from?: string): Promise<string> =>
      read(store, from).then(
        (changes) => `${changes.length}`,
        ({ code }: { code: string }) => code,
      );
    assert.equal(
      [await codeFrom(kvetch, last?.position), await codeFrom(kvetch, second?.position)],
      ['CHANGES_GONE', '1'],
    );
    await connection.query('DROP TABLE kvetch_changes');
    assert.is((await rejection(kvetch.createObject('User', { username: 'lost' }))).code, 'SHARD_UNAVAILABLE');
    const cluster = mysqlCluster({ servers: { s0: { uri: server.uri, database: databases[0] ?? '' } } });
    closing.push(() => cluster.close());
    assert.match((await cluster.check()).join(), /no table kvetch_changes.*kvetch init/);
    await cluster.init();
    assert.equal(await cluster.check(), []);
    await newStore().createObject('User', { username: 'new' });
    assert.equal([await codeFrom(newStore(), second?.position), await codeFrom(newStore())], ['CHANGES_GONE', '1']);
  });

  test('a server that has given away its shards and its changes may go [6.13.4]', async () => {
    const { kvetch, databases } = await open(2);
    const named = (count: number) =>
      mysqlCluster({
        servers: Object.fromEntries(
          databases.map((database, at) => [`s${at}`, { uri: server.uri, database }]).slice(2 - count),
        ),
      });
    for (let n = 0; n < 10; n++) await kvetch.createObject('User', { username: `${n}` });
    const early = await kvetch.changePosition();
    const mover = named(2);
    closing.push(() => mover.close());
    await mover.move({ from: 's0', to: 's1', shards: [0, 2047], chunk: 2048, overlapMs: 1 });
    const later = await kvetch.createObject('User', { username: 'later' });
    const position = await kvetch.changePosition();
    const [change] = (await read(kvetch, early)).slice(-1);
    assert.equal(idsOf(change === undefined ? [] : [change]), [later]);
    const rest = todoStore(named(1), { changeFeed });
    closing.push(() => rest.close());
    const last = await rest.createObject('User', { username: 'last' });
    assert.equal(idsOf(await read(rest, position)), [last]);
    assert.is((await rejection(read(rest, early))).code, 'CHANGES_GONE', 'it does not know of the move');
  });

  test('shards come to a server that was added, and was told of no feed: writes leave their changes there [6.13.8]', async () => {
    const databases = [server.newDatabase(), server.newDatabase()];
    const [first = '', added = ''] = databases;
    const cluster = (some: readonly string[]) => {
      const servers = Object.fromEntries(some.map((database, at) => [`s${at}`, { uri: server.uri, database }]));
      const map = [{ from: 0, to: 4095, server: 's0' }];
      return mysqlCluster({ servers, map, createDatabase: true, queryTimeoutMs: 3000 });
    };
    const alone = cluster([first]);
    closing.push(() => alone.close());
    await alone.init();
    const before = withFeed([first]);
    const id = await before.createObject('User', { username: 'ann' });
    const from = await before.changePosition();
    const mover = cluster([first, added]);
    closing.push(() => mover.close());
    await mover.init();
    await mover.move({ from: 's0', to: 's1', shards: [0, 4095], chunk: 4096, overlapMs: 1 });
    const untold = todoStore(cluster(databases));
    closing.push(() => untold.close());
    await untold.updateObject(id, { city: 'Rome' });
    const after = todoStore(cluster(databases));
    closing.push(() => after.close());
    assert.equal(idsOf(await read(after, from)), [id]);
  });

  test('shards move under load: nothing is left out, and no object goes back [6.13.4]', async () => {
    const { kvetch, databases, newStore } = await open(2);
    const servers = Object.fromEntries(databases.map((database, at) => [`s${at}`, { uri: server.uri, database }]));
    const mover = mysqlCluster({ servers });
    closing.push(() => mover.close());
    const acknowledged = new Map<string, number>();
    let isOver = false;
    const write = async (): Promise<void> => {
      for (let n = 0; !isOver; n++) {
        const id = await kvetch.createObject('User', { city: 'Oslo' });
        acknowledged.set(id, (await kvetch.updateObject(id, { city: `${n}` })).version);
      }
    };
    const writers = [write(), write(), write()];
    const seen = new Map<string, number>();
    let position = await kvetch.changePosition();
    const follow = async (): Promise<void> => {
      while (!isOver) {
        const reader = newStore(); // each part of the feed is read by another process
        position = await followTo(reader, position, seen, 200);
        await reader.close();
      }
    };
    const following = follow();
    for (const [from, to] of [
      ['s0', 's1'],
      ['s1', 's0'],
      ['s0', 's1'],
    ] as const) {
      await mover.move({ from, to, shards: [0, 511], chunk: 256, overlapMs: 100 });
      await sleep(300);
    }
    isOver = true;
    await Promise.all([...writers, following]);
    for (const change of await read(newStore(), position)) note(change, seen);
    for (const [id, version] of acknowledged) assert.ok((seen.get(id) ?? 0) >= version, `${id} ${version}`);
    assert.ok(acknowledged.size > 20, `${acknowledged.size} objects`);
  });

  test('writers that are stopped and killed: each acknowledged write comes [6.13.3]', async () => {
    const { kvetch, databases, newStore } = await open(2);
    const acknowledged = new Map<string, number>();
    const start = (): ChildProcess => startWriter(databases, acknowledged);
    const seen = new Map<string, number>();
    let position = await kvetch.changePosition();
    let [stops, kills] = [0, 0];
    let isOver = false;
    const harass = async (): Promise<void> => {
      while (!isOver) {
        const before = acknowledged.size;
        const child = start();
        await until('it writes', () => acknowledged.size > before + 10);
        for (let n = 0; n < 3; n++, stops++) {
          child.kill('SIGSTOP');
          await sleep(Math.random() * 1500);
          child.kill('SIGCONT');
          await sleep(Math.random() * 100);
        }
        child.kill('SIGSTOP'); // somewhere in a transaction, which the server undoes
        await sleep(50);
        child.kill('SIGKILL');
        kills++;
      }
    };
    const harassing = Promise.all([harass(), harass()]);
    for (const end = performance.now() + 20_000; performance.now() < end; )
      position = await followTo(kvetch, position, seen, 500);
    isOver = true;
    await harassing;
    const isComplete = async (): Promise<boolean> => {
      position = await followTo(newStore(), position, seen, 200);
      return [...acknowledged].every(([id, version]) => (seen.get(id) ?? 0) >= version);
    };
    await until('all have come', isComplete);
    assert.ok(acknowledged.size > 20 && kills > 1 && stops > 3, `${acknowledged.size} ${kills} ${stops}`);
  });

  /** A process that writes without end, and was told of no feed. */
  function startWriter(databases: readonly string[], acknowledged: Map<string, number>): ChildProcess {
    const file = fileURLToPath(new URL('changesWriter.ts', import.meta.url));
    const child = spawn(process.execPath, [...typescript, file, server.uri, ...databases], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    closing.push(() => child.kill('SIGKILL'));
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [id = '', version] = line.split(' ');
        acknowledged.set(id, Math.max(acknowledged.get(id) ?? 0, Number(version)));
      }
    });
    return child;
  }

  /** Notes what comes; no object goes back. */
  function note(change: StoredChange, seen: Map<string, number>): void {
    if (change.kind !== 'object' || change.object === null || change.object instanceof Error) return;
    const before = seen.get(change.id) ?? 0;
    assert.ok(change.object.version >= before, `${change.id} went back from ${before} to ${change.object.version}`);
    seen.set(change.id, change.object.version);
  }

  /** Follows for so long. Returns the last position. */
  async function followTo(kvetch: Kvetch, from: string, seen: Map<string, number>, ms: number): Promise<string> {
    let position = from;
    for await (const change of kvetch.changes({ from, pollMs: 10, signal: AbortSignal.timeout(ms) })) {
      note(change, seen);
      ({ position } = change);
    }
    return position;
  }
});
