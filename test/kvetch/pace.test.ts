import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Pace } from '../../src/kvetch/cleaners/Pace.ts';
import { type CleanOptions, createKvetch, memoryShards, type ShardStore } from '../../src/kvetch.ts';
import { mysqlShards } from '../../src/kvetch-mysql.ts';
import { needs } from '../support/needs.ts';
import { startMariadb } from '../support/servers.ts';
import { rejection, todoSchema } from './todo.ts';

const test = suite('the pace of cleaners');

test('alone: whole pages, no pauses', () => {
  const pace = new Pace({ maxLoad: 0.1, pageSize: 1000, leaseMs: 60_000 });
  for (let page = 0; page < 20; page++) {
    pace.saw(page % 2); // another program's beats
    assert.is(pace.rows, 1000);
    assert.is(pace.after(500, 1000), 0);
  }
});

test('beside others: the share of time that is allowed, in pages that take 10 ms', () => {
  const pace = new Pace({ maxLoad: 0.1, pageSize: 1000, leaseMs: 60_000 });
  let [worked, waited] = [0, 0];
  for (let page = 0; page < 50; page++) {
    pace.saw(300);
    const tookMs = pace.rows / 30; // thirty rows a millisecond
    worked += tookMs;
    waited += pace.after(tookMs, pace.rows);
  }
  assert.ok(Math.abs(worked / (worked + waited) - 0.1) < 1e-9, `${worked} of ${worked + waited} ms`);
  assert.is(pace.rows, 300);
});

test('others who come and go: it slows down within a few pages, and is fast again', () => {
  const pace = new Pace({ maxLoad: 0.1, pageSize: 1000, leaseMs: 60_000 });
  const shareAfter = (pages: number, others: number): number => {
    let wait = 0;
    for (let page = 0; page < pages; page++) {
      pace.saw(others);
      wait = pace.after(10, pace.rows);
    }
    return 10 / (10 + wait);
  };
  assert.is(shareAfter(3, 0), 1);
  const one = shareAfter(1, 100);
  assert.ok(one < 0.6 && one > 0.4, `one look gives ${one}`);
  assert.ok(shareAfter(6, 100) < 0.15);
  assert.ok(shareAfter(3, 0) < 0.6);
  assert.ok(shareAfter(12, 0) > 0.95);
  assert.is(pace.rows, 1000);
});

test('neither pages nor pauses leave their bounds, whatever a page took', () => {
  for (const tookMs of [0, 0.01, 5, 1_000, 1e9, Number.POSITIVE_INFINITY]) {
    for (const rows of [0, 1, 1000]) {
      const pace = new Pace({ maxLoad: 0.01, pageSize: 1000, leaseMs: 60_000 });
      for (let page = 0; page < 10; page++) {
        pace.saw(1000);
        const wait = pace.after(tookMs, rows);
        assert.ok(wait >= 0 && wait <= 15_000, `${wait} ms behind a page of ${tookMs}`);
        assert.ok(pace.rows >= 100 && pace.rows <= 1000 && Number.isInteger(pace.rows), `${pace.rows} rows`);
      }
    }
  }
});

/** Stores that say how many statements others send, and count how often they were asked. */
function besides(others: number): { readonly shards: readonly ShardStore[]; asked: number } {
  const counted = { shards: memoryShards(2), asked: 0 };
  for (const store of counted.shards) {
    store.othersPerSecond = () => {
      counted.asked++;
      return others;
    };
  }
  return counted;
}

test('a run asks before each page, waits beside others alone, and does the same work', async () => {
  const runs = [];
  for (const [others, maxLoad] of [
    [0, 0.1],
    [100, 0.1],
    [100, 1],
  ] as const) {
    const counted = besides(others);
    const kvetch = createKvetch({ schema: todoSchema, shards: counted.shards });
    const user = await kvetch.createObject('User', {});
    for (let n = 0; n < 40; n++) await kvetch.createObject('List', { owner: user });
    await sleep(5); // rows of this millisecond may belong to a write under way
    const waits: number[] = [];
    const options: CleanOptions = { graceMs: 0, pageSize: 5, maxLoad, sleep: async (ms) => void waits.push(ms) };
    const { scanned, complete } = await kvetch.clean(options);
    runs.push({
      scanned,
      complete,
      pages: waits.length,
      asked: counted.asked > 0,
      isPaused: waits.some((ms) => ms > 0),
    });
    await kvetch.close();
  }
  const [alone, beside, unlimited] = runs;
  assert.equal([alone?.isPaused, beside?.isPaused, unlimited?.isPaused], [false, true, false]);
  assert.equal([alone?.asked, beside?.asked, unlimited?.asked], [true, true, false]);
  assert.equal(new Set(runs.map(({ scanned, complete }) => `${scanned} ${complete}`)).size, 1);
  assert.ok((alone?.pages ?? 0) > 10);
});

test('shares that cannot be meant are refused', async () => {
  const kvetch = createKvetch({ schema: todoSchema, shards: memoryShards(1) });
  for (const maxLoad of [0, -1, 1.1, Number.NaN, '0.1' as never]) {
    assert.match(
      (await rejection(kvetch.clean({ maxLoad }))).message,
      /"maxLoad" is .* and must be above 0 and at most 1\./,
    );
  }
  await kvetch.close();
});

test('times that are no numbers purge nothing', async () => {
  let now = Date.now();
  const kvetch = createKvetch({ schema: todoSchema, shards: memoryShards(1), clock: () => now });
  const id = await kvetch.createObject('User', { username: 'ann' });
  await kvetch.deleteObject(id);
  now += 60_000; // tombstones are kept for a day
  const unset = undefined as never;
  const report = await kvetch.clean({ graceMs: unset, retentionMs: unset, mode: unset, leaseMs: unset });
  assert.equal([report.purged, report.complete], [0, true], 'as if they were not there');
  for (const options of [
    { retentionMs: Number.NaN },
    { retentionMs: -1 },
    { retentionMs: '1d' as never },
    { retentionMs: 10_000 },
    { graceMs: Number.NaN },
    { leaseMs: 0 },
    { maxRowsPerSecond: 0 },
  ]) {
    const [name] = Object.keys(options);
    assert.match((await rejection(kvetch.clean(options))).message, `"${name}" is `);
  }
  assert.is((await kvetch.clean({ retentionMs: 10_001 })).purged > 0, true);
  await kvetch.close();
});

test('many cleaners that pause at once are no leak of listeners, as Node sees it', async () => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', onWarning);
  const kvetch = createKvetch({ schema: todoSchema, shards: memoryShards(16) });
  try {
    for (let at = 0; at < 64; at++) await kvetch.createObject('User', { name: `user ${at}` });
    const { signal } = new AbortController();
    await kvetch.clean({ mode: 'full', graceMs: 0, pageSize: 1, maxRowsPerSecond: 200, signal });
    await sleep(10); // warnings come a turn later
  } finally {
    process.off('warning', onWarning);
    await kvetch.close();
  }
  assert.equal(warnings, []);
});

needs(test, 'mariadbd')('MySQL: statements of others are counted, and none of its own', async () => {
  const server = await startMariadb();
  const [store] = mysqlShards([`${server.uri}/kvetch_pace`], { createDatabase: true });
  const kvetch = createKvetch({ schema: todoSchema, shards: [store as ShardStore] });
  const id = await kvetch.createObject('User', {});
  /** Of an interval that is long enough to be looked at, in which something was sent. */
  const during = async (send: () => Promise<unknown>): Promise<number> => {
    await sleep(260);
    await store?.othersPerSecond?.();
    const begin = performance.now();
    for (let n = 0; n < 200; n++) await send();
    await sleep(260);
    return (((await store?.othersPerSecond?.()) ?? 0) * (performance.now() - begin)) / 1000;
  };
  const own = await during(() => kvetch.getObjects([id]));
  assert.ok(own < 5, `${own} of its own statements were taken for others'`);
  const other = await createConnection(server.uri);
  const seen = await during(() => other.query('SELECT 1'));
  assert.ok(seen >= 180 && seen < 260, `${seen} of 200`);
  await other.end();
  await kvetch.close();
  await server.remove();
});

test.run();
