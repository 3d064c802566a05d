/**
 * Cleaners alone and beside live traffic: what 100,000 rows cost, how long they take, and what the traffic loses. Servers,
 * traffic and cleaner are processes of their own. Two minutes for one round, five for three.
 *
 *   npm run bench:kvetch:cleaners [-- rounds]
 *
 * The traffic comes at fixed rates, shares of what the machine can serve: windows with and without a run of the cleaners
 * alternate. Clients that ask without pauses are the worst case: any work beside them takes CPU from them.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { createKvetch } from '../../../src/kvetch.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { repository } from '../../circumstances.ts';
import { median } from '../../median.ts';
import { bundleChild } from '../../runTask.ts';
import { schema } from '../data.ts';
import { startServers } from '../startServers.ts';
import type { Ask, CleanAsk, Cleaning, Traffic } from './messages.ts';

const LISTS = 500;
/** Each item is a row, and so is its edge: with lists and theirs some 100,000. */
const ITEMS = 49_000;
const WINDOW_MS = 5_000;
/** A run that takes longer is measured so far. */
const LIMIT_MS = 10_000;
/** Linux counts the time of processes in hundredths of a second. */
const TICK_MS = 10;
const SHARES = [0.3, 0.5, 0.7];
/** The pace of `kvetch clean`, and none. */
const LOADS = [0.12, 1];
const WARM_UPS = 2;
const rounds = Number(process.argv[2] ?? 3);

const servers = await startServers();
const children: ChildProcess[] = [];
const bundles = await Promise.all(
  ['clean', 'traffic'].map((name) => bundleChild(join(repository, 'src'), `bench/kvetch/cleaners/${name}.ts`)),
);
try {
  const uris = servers.places.mysql.join(',');
  const lists = await fill();
  const pids = await Promise.all(servers.places.mysql.map(pidOf));
  const [cleaner, traffic] = bundles.map(({ entry }) => {
    const child = fork(entry, [uris, lists.join(',')]);
    children.push(child);
    return child;
  }) as [ChildProcess, ChildProcess];
  const clean = (maxLoad: number, limitMs = 60_000): Promise<Cleaning> =>
    ask<CleanAsk, Cleaning>(cleaner, { maxLoad, limitMs });
  const tell = (): Promise<Traffic> => ask<Ask, Traffic>(traffic, { tell: true });

  const alone: Array<Cleaning & { readonly serverMs: number }> = [];
  for (let round = 0; round < rounds + WARM_UPS; round++) {
    const before = cpuOf(pids);
    const run = await clean(0.25);
    if (round >= WARM_UPS) alone.push({ ...run, serverMs: cpuOf(pids) - before });
  }
  const each = (of: (run: (typeof alone)[number]) => number): string =>
    (median(alone.map((run) => (of(run) * 100_000) / run.scanned)) / 1000).toFixed(2);
  console.log(
    `alone: 100,000 rows in ${each(({ ms }) => ms)} s, for ${each(({ cpuMs }) => cpuMs)} s of the cleaner's CPU and ${each(({ serverMs }) => serverMs)} s of the servers'`,
  );

  /** One window with a run and one without. */
  const pair = async (maxLoad: number) => {
    const window = async <T>(work: () => Promise<T>) => {
      await tell();
      const begin = performance.now();
      const result = await work();
      const seconds = (performance.now() - begin) / 1000;
      const told = await tell();
      return { result, rate: told.answered / seconds, ...told };
    };
    const without = await window(() => sleep(WINDOW_MS));
    const beside = await window(() => clean(maxLoad, LIMIT_MS));
    return { without, beside, seconds: (beside.result.ms * 100) / beside.result.scanned };
  };
  /** How many operations a second the machine serves now: others may be at work on it. */
  const capacity = async (): Promise<number> => {
    traffic.send({ rate: 0 });
    await sleep(1_000);
    await tell();
    await sleep(2_000);
    return (await tell()).answered / 2;
  };
  for (const share of [...SHARES, 1]) {
    const most = await capacity();
    if (share < 1) traffic.send({ rate: share * most });
    await sleep(1_000);
    for (const maxLoad of LOADS) {
      const pairs: Array<Awaited<ReturnType<typeof pair>>> = [];
      for (let round = 0; round < rounds; round++) pairs.push(await pair(maxLoad));
      const kept = median(pairs.map(({ without, beside }) => beside.rate / without.rate));
      const waits = (['p50', 'p95', 'p99'] as const).map((key) => {
        const before = median(pairs.map((one) => one.without[key]));
        const after = median(pairs.map((one) => one.beside[key]));
        const ratio = median(pairs.map((one) => one.beside[key] / one.without[key]));
        return `${key} ${before.toFixed(1)} to ${after.toFixed(1)} ms (${ratio.toFixed(2)})`;
      });
      const name = share === 1 ? 'without pauses' : `at ${Math.round(share * 100)} % of ${Math.round(most)} a second`;
      const failed = pairs.reduce((sum, { without, beside }) => sum + without.failed + beside.failed, 0);
      if (failed > 0) console.log(`${failed} operations failed: the machine did not serve this rate`);
      const seconds = median(pairs.map((one) => one.seconds)).toFixed(1);
      console.log(
        `traffic ${name}, maxLoad ${maxLoad}: 100,000 rows in ${seconds} s; it keeps ${Math.round(kept * 100)} % of its rate, ${waits.join(', ')}`,
      );
    }
  }
} finally {
  for (const child of children) if (child.connected) child.disconnect();
  await servers.stop();
  for (const bundle of bundles) bundle.remove();
}

/** Sends a message to a child, and waits for its answer. It rejects when the child ends. */
async function ask<TAsk extends object, TAnswer>(child: ChildProcess, message: TAsk): Promise<TAnswer> {
  const ended = new AbortController();
  child.send(message);
  const gone = once(child, 'exit', { signal: ended.signal }).then(() => {
    throw new Error('A process of the bench has ended.');
  });
  const answer = once(child, 'message', { signal: ended.signal }).then(([value]) => value as TAnswer);
  return Promise.race([answer, gone]).finally(() => ended.abort());
}

/** The process of a server on this machine. */
async function pidOf(uri: string): Promise<number> {
  const connection = await createConnection(uri);
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT @@datadir AS folder, @@pid_file AS file');
  await connection.end();
  return Number(readFileSync(join(String(row?.file).startsWith('/') ? '/' : row?.folder, row?.file), 'utf8'));
}

/** Milliseconds of CPU that some processes have taken so far. */
function cpuOf(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11) ?? [];
    return Number(user) + Number(system);
  });
  return ticks.reduce((sum, own) => sum + own, 0) * TICK_MS;
}

async function fill(): Promise<readonly string[]> {
  const kvetch = createKvetch({ schema, shards: mysqlShards(servers.places.mysql, { createDatabase: true }) });
  const created = async (type: string, count: number, data: (n: number) => object): Promise<readonly string[]> => {
    const ids: string[] = [];
    for (let from = 0; from < count; from += 1_000) {
      const requests = Array.from({ length: Math.min(1_000, count - from) }, (_, n) => ({
        data: { ...data(from + n) },
      }));
      for (const id of await kvetch.createObjects(type, requests)) {
        if (id instanceof Error) throw id;
        ids.push(id);
      }
    }
    return ids;
  };
  const [user = ''] = await created('User', 1, () => ({ username: 'ann' }));
  const lists = await created('List', LISTS, (n) => ({ owner: user, title: `list ${n}` }));
  await created('Item', ITEMS, (n) => ({ list: lists[n % LISTS], text: `item ${n}` }));
  await kvetch.close();
  return lists;
}
