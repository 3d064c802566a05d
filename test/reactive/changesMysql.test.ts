/** Writes of other programs, by the binlog of a real server (spec 11.8.10.3). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createInvalidator, followChanges, memoryVersions } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { temporaryDirectory } from '../kvetch/backends.ts';
import { needs } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';
import { typescript } from '../support/repository.ts';
import { type OwnMariadb, startMariadb } from '../support/servers.ts';
import { until } from '../support/until.ts';
import { secrets } from './dyingWriter.ts';
import { type Common, type Followed, followedBy, newInvalidator, rowKeys } from './followed.ts';

const redis = await redisForTests();
const test = needs(suite('changes: the binlog of MariaDB'), 'mariadbd');
const options = ['--server-id=1', '--log-bin=log', '--binlog-format=ROW'];
let server: OwnMariadb;
let sql: Connection;
const ends: (() => unknown)[] = [];

test.before(async () => {
  server = await startMariadb(options);
  sql = await connected();
  await sql.query('CREATE DATABASE shop');
});
test.before.each(async () => {
  await sql.query('CREATE OR REPLACE TABLE shop.orders (id INT PRIMARY KEY, buyer VARCHAR(20))');
});
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
test.after(async () => {
  sql.destroy();
  await server.remove();
});

async function connected(): Promise<Connection> {
  const connection = await createConnection(server.uri);
  connection.on('error', () => undefined);
  return connection;
}

interface FollowedFrom extends Followed {
  readonly places: (string | null)[];
}

type Given = Partial<Parameters<typeof followChanges.mysql>[1]>;

/** Follows from the place of `places`, as a process would that is started again. */
function follow(places: (string | null)[] = [null], given: Given = {}, invalidator = newInvalidator()): FollowedFrom {
  const run = (common: Common): Promise<void> =>
    followChanges.mysql(invalidator, {
      ...{ connection: server.uri, tables: { shop: ['orders'] } },
      load: () => places.at(-1) ?? null,
      save: (place) => places.push(place),
      ...common,
      ...given,
      keysOf: common.keysOf,
    });
  return { ...followedBy(run, invalidator, given.keysOf ?? rowKeys, ends), places };
}

async function started(...args: Parameters<typeof follow>): Promise<FollowedFrom> {
  const followed = follow(...args);
  await until('it follows', () => followed.places.at(-1) !== null || followed.errors.length > 0);
  return followed;
}

test('inserts, updates and deletes are told with their rows before and after, in order [11.8.10.3]', async () => {
  const followed = await started();
  await sql.query("INSERT INTO shop.orders VALUES (1, 'ann'), (2, 'bob')");
  await sql.query("UPDATE shop.orders SET buyer = 'zoë' WHERE id = 1");
  await sql.query('DELETE FROM shop.orders WHERE id = 2');
  await until('all is told', () => followed.told.length === 4);
  const row = (id: number, buyer: string): object => ({ id, buyer });
  const base = { database: 'shop', table: 'orders' };
  assert.equal(followed.told, [
    { ...base, kind: 'insert', before: null, after: row(1, 'ann') },
    { ...base, kind: 'insert', before: null, after: row(2, 'bob') },
    { ...base, kind: 'update', before: row(1, 'ann'), after: row(1, 'zoë') },
    { ...base, kind: 'delete', before: row(2, 'bob'), after: null },
  ]);
  assert.equal(followed.errors, []);
});

test('tables that are not followed, rolled back writes and rights are not told', async () => {
  const followed = await started();
  await sql.query('CREATE OR REPLACE TABLE shop.other (id INT PRIMARY KEY)');
  await sql.query('INSERT INTO shop.other VALUES (1)');
  await sql.query('CREATE DATABASE IF NOT EXISTS elsewhere');
  await sql.query('DROP DATABASE elsewhere');
  await sql.query("GRANT SELECT ON shop.* TO reader@'127.0.0.1' IDENTIFIED BY 'x'");
  await sql.query('START TRANSACTION');
  await sql.query("INSERT INTO shop.orders VALUES (5, 'eve')");
  await sql.query('ROLLBACK');
  const before = followed.epoch();
  await sql.query("INSERT INTO shop.orders VALUES (6, 'fay')");
  await until('the last is told', async () => (await followed.versionOf('order:6')) > 0);
  assert.equal([followed.told.length, followed.errors, followed.epoch() === before], [1, [], true]);
});

test('a follower that was away is told what happened meanwhile; duplicates are harmless [11.8.10.3]', async () => {
  const first = await started();
  await sql.query("INSERT INTO shop.orders VALUES (1, 'ann')");
  await until('it is told', () => first.told.length === 1 && first.places.length > 1);
  await first.end();
  await sql.query("INSERT INTO shop.orders VALUES (2, 'bob')");
  await sql.query("INSERT INTO shop.orders VALUES (3, 'cy')");
  const epoch = first.epoch();
  const second = await started(first.places, {}, first.invalidator);
  await until('it is told', () => second.told.length === 2);
  assert.equal(
    second.told.map(({ after }) => after?.id),
    [2, 3],
  );
  assert.is(second.epoch(), epoch, 'nothing was missed');
  await second.end();
  const again = await started([first.places[1] ?? null], {}, first.invalidator);
  await until('from an older place', () => again.told.length >= 2);
  assert.equal(again.errors, []);
});

test('who has no place, or one that the server no longer has, lets all clients fetch again, and says so [11.8.10.3]', async () => {
  const first = await started();
  const { invalidator } = first;
  await sql.query("INSERT INTO shop.orders VALUES (1, 'ann')");
  await until('it is told', () => first.told.length === 1 && first.places.length > 1);
  await first.end();
  await sql.query("INSERT INTO shop.orders VALUES (2, 'bob')");
  for (let files = 0; files < 2; files++) await sql.query('FLUSH BINARY LOGS');
  const logs = async (): Promise<readonly RowDataPacket[]> => (await sql.query<RowDataPacket[]>('SHOW BINARY LOGS'))[0];
  const newest = (await logs()).at(-1)?.Log_name;
  await until('the older files are gone', async () => {
    await sql.query(`PURGE BINARY LOGS TO '${newest}'`); // refused while the follower that was ended still reads
    return (await logs()).length === 1;
  });
  for (const place of [first.places.at(-1) as string, '0-1-99999999', "0'; DROP TABLE x", '9-9-9']) {
    const epoch = first.epoch();
    const places: (string | null)[] = [place];
    const next = follow(places, {}, invalidator);
    await until(`everything is told behind ${place}`, () => places.length > 1);
    assert.is.not(next.epoch(), epoch);
    assert.ok(
      next.errors.some((error) => 'code' in error && error.code === 'FOLLOW_GAP'),
      String(next.errors),
    );
    await sql.query(`REPLACE INTO shop.orders VALUES (3, '${Math.random().toString(36).slice(2, 12)}')`);
    await until('it goes on', () => next.told.length > 0);
    await next.end();
  }
});

test('whole tables, and statements without rows [11.8.10.3]', async () => {
  const kinds: string[] = [];
  const followed = await started([null], {
    keysOf: (change) => [`${change.kind} ${change.table}`, kinds.push(change.kind)].map(String),
  });
  const epoch = followed.epoch();
  await sql.query("INSERT INTO shop.orders VALUES (1, 'ann')");
  await sql.query('TRUNCATE TABLE shop.orders');
  await until('it is told', async () => (await followed.versionOf('table orders')) > 0);
  assert.is(followed.epoch(), epoch);
  const other = await connected();
  await other.query("SET SESSION binlog_format = 'STATEMENT'");
  await other.query("INSERT INTO shop.orders VALUES (9, 'sam')");
  other.destroy();
  await until('everything is told', () => followed.epoch() !== epoch);
  await until('it says so', () => followed.errors.some(({ message }) => message.includes('binlog_format')));
});

test('a `keysOf` that fails or does not know lets all clients fetch again, and does not stop the others', async () => {
  const followed = await started([null], {
    keysOf: ({ after }) => {
      if (after?.id === 1) throw new Error('a defect');
      return after?.id === 2 ? null : ['fine'];
    },
  });
  for (const id of [1, 2]) {
    const epoch = followed.epoch();
    await sql.query(`INSERT INTO shop.orders VALUES (${id}, 'ann')`);
    await until('everything is told', () => followed.epoch() !== epoch);
  }
  await sql.query("INSERT INTO shop.orders VALUES (3, 'ann')");
  await until('the next one', async () => (await followed.versionOf('fine')) === 1);
  assert.equal(
    followed.errors.map(({ message }) => message),
    ['a defect'],
  );
});

test('a server that is killed: the follower connects again and misses nothing [11.8.10.3]', async () => {
  const followed = await started();
  await sql.query("INSERT INTO shop.orders VALUES (1, 'ann')");
  await until('it is told', () => followed.told.length === 1);
  const epoch = followed.epoch();
  await server.kill();
  await server.start();
  sql = await connected();
  await sql.query("INSERT INTO shop.orders VALUES (2, 'bob')");
  await until('it is told', async () => (await followed.versionOf('order:2')) > 0);
  assert.is(followed.epoch(), epoch);
  assert.ok(followed.errors.length > 0);
});

test('a `save` that fails, and a version store that is away: changes are told again, in order', async () => {
  const away = { now: false };
  const invalidator = createInvalidator({ versions: memoryVersions(), secrets });
  const { tell } = invalidator;
  invalidator.tell = async (keys) => !away.now && tell.call(invalidator, keys);
  let failures = 2;
  const places: (string | null)[] = [null];
  const save = (place: string): void => {
    if (places.length > 1 && failures-- > 0) throw new Error('the disk is full');
    places.push(place);
  };
  const followed = await started(places, { save }, invalidator);
  away.now = true;
  await sql.query("INSERT INTO shop.orders VALUES (1, 'ann')");
  await until('it was tried', () => followed.told.length > 0);
  await sql.query("INSERT INTO shop.orders VALUES (2, 'bob')");
  away.now = false;
  await until('all is told', async () => (await followed.versionOf('order:2')) > 0);
  await until('it is saved', () => places.length > 2);
  assert.ok(followed.errors.every(({ message }) => message === 'the disk is full') && followed.errors.length === 2);
});

test('a slow follower holds the server back: 30,000 rows in 300 transactions, none is lost', async () => {
  let most = 0;
  const invalidator = createInvalidator({ versions: memoryVersions(), secrets });
  const { tell } = invalidator;
  invalidator.tell = async (keys) => {
    most = Math.max(most, keys.length);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return tell.call(invalidator, keys);
  };
  const followed = await started([null], { keysOf: ({ after }) => [`n:${after?.id}`] }, invalidator);
  for (let at = 0; at < 300; at++) {
    const rows = Array.from({ length: 100 }, (_, row) => `(${at * 100 + row}, 'x')`);
    await sql.query(`INSERT INTO shop.orders VALUES ${rows.join()}`);
  }
  await until('all is told', () => followed.told.length === 30_000);
  await until('the last one', async () => (await followed.versionOf('n:29999')) > 0);
  assert.ok(most <= 1100, `${most} keys at once`);
  assert.equal(
    followed.told.map(({ after }) => after?.id),
    Array.from({ length: 30_000 }, (_, id) => id),
  );
});

test('what no second attempt can heal is refused, with the remedy', async () => {
  const refusals: [Given, RegExp][] = [
    [{ tables: {} }, /"tables"/],
    [{ connection: 'nowhere' }, /no URI/],
    [{ table: {} } as never, /no option "table"/],
  ];
  for (const [given, message] of refusals) {
    await follow([null], given).done.then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, message),
    );
  }
  const silent = await startMariadb();
  ends.push(() => silent.remove());
  await follow([null], { connection: silent.uri }).done.then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /log_bin=OFF.*--log-bin/),
  );
});

test('an abort ends it while the server is away, and while nothing happens', async () => {
  await (await started()).end();
  const followed = follow([null], { connection: 'mysql://root@127.0.0.1:1' });
  await until('it tried', () => followed.errors.length > 0);
  await followed.end();
});

test('a transaction in the binlog that nobody sees yet is told when readers see it, and not before [11.8.10.3]', async () => {
  const [writer, reader] = [await connected(), await connected()];
  ends.push(() => [writer, reader].map((connection) => connection.destroy()));
  const rowsOf = async (text: string): Promise<readonly RowDataPacket[]> =>
    (await reader.query<RowDataPacket[]>(text))[0];
  const isVisible = async (): Promise<boolean> => (await rowsOf('SELECT * FROM shop.orders')).length > 0;
  /** How often somebody asked the server how far it is: a follower does so when it has read a transaction. */
  const asked = async (): Promise<number> => {
    const [row] = await rowsOf(
      "SELECT VARIABLE_VALUE AS n FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'COM_SHOW_STATUS'",
    );
    return Number(row?.n);
  };
  const invalidator = newInvalidator();
  const { tell } = invalidator;
  const visible: boolean[] = [];
  invalidator.tell = async (keys) => {
    visible.push(await isVisible());
    return tell.call(invalidator, keys);
  };
  const followed = await started([null], {}, invalidator);
  // Without a replica that answers, a commit stands between the binlog, which is sent, and the engine, which shows it.
  await sql.query("SET GLOBAL rpl_semi_sync_master_wait_point = 'AFTER_SYNC', rpl_semi_sync_master_timeout = 600000");
  const release = (): Promise<unknown> => sql.query('SET GLOBAL rpl_semi_sync_master_enabled = OFF');
  ends.push(release);
  await sql.query('SET GLOBAL rpl_semi_sync_master_enabled = ON');
  const before = await asked();
  const written = writer.query("INSERT INTO shop.orders VALUES (1, 'ann')");
  await until('it was read, and asked for five times', async () => visible.length > 0 || (await asked()) > before + 4);
  assert.equal([visible, await isVisible(), followed.told], [[], false, []]);
  await release();
  await written;
  await until('it is told', async () => (await followed.versionOf('order:1')) > 0);
  assert.equal([visible, followed.errors], [[true], []]);
});

/** Follows until it is killed: it never ends by itself. */
needs(test, redis)(
  'kill -9 between a change that was read and its place that is saved: nothing is missed [11.8.10.3]',
  async () => {
    const prefix = redis.newPrefix();
    const file = join(temporaryDirectory(), 'place');
    const versions = redisVersions({ url: redis.url, prefix });
    const invalidator = createInvalidator({ versions, secrets });
    ends.push(() => versions.close());
    const run = (dies: 'tell' | 'save' | ''): ChildProcess => {
      const given = JSON.stringify({ uri: server.uri, redis: redis.url, prefix, file, dies });
      const program = fileURLToPath(new URL('dyingFollower.ts', import.meta.url));
      return spawn(process.execPath, [...typescript, program, given], { stdio: 'inherit' });
    };
    writeFileSync(file, '');
    const versionOf = async (key: string): Promise<number> =>
      (await versions.read([invalidator.wireKeys.of(`m:${key}` as never)])).states[0]?.version ?? 0;
    let child = run('');
    await until('it has a place', () => readFileSync(file, 'utf8') !== '');
    child.kill('SIGKILL');
    for (const [at, dies] of (['tell', 'save', 'tell', 'save'] as const).entries()) {
      child = run(dies);
      const over = once(child, 'exit');
      await sql.query(`INSERT INTO shop.orders VALUES (${at}, 'killed')`);
      assert.is((await over)[1], 'SIGKILL');
      if (dies === 'tell') assert.is(await versionOf(`order:${at}`), 0, 'it died before');
    }
    child = run('');
    ends.push(() => child.kill('SIGKILL'));
    for (const at of [0, 1, 2, 3]) await until(`order ${at} is told`, async () => (await versionOf(`order:${at}`)) > 0);
  },
);

test.run();
