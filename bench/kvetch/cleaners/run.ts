/**
 * Cleaners alone and beside live traffic: what 100,000 rows cost, how long they take, and how many operations the traffic
 * loses beside them, with and without a limit. Servers, traffic and cleaner are processes of their own. Less than two
 * minutes.
 *
 *   npm run bench:kvetch:cleaners [-- rounds]
 */
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { createKvetch } from '../../../src/kvetch.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { repository } from '../../circumstances.ts';
import { median } from '../../median.ts';
import { bundleChild } from '../../runTask.ts';
import { schema } from '../data.ts';
import { startServers } from '../startServers.ts';

const LISTS = 500;
/** Each item is a row, and so is its edge: with lists and theirs some 100,000. */
const ITEMS = 49_000;
const WINDOW_MS = 4_000;
/** Linux counts the time of processes in hundredths of a second. */
const TICK_MS = 10;
const rounds = Number(process.argv[2] ?? 3);

interface Cleaning {
  readonly ms: number;
  readonly cpuMs: number;
  readonly scanned: number;
}

const servers = await startServers();
const clean = await bundleChild(join(repository, 'src'), 'bench/kvetch/cleaners/clean.ts');
const traffic = await bundleChild(join(repository, 'src'), 'bench/kvetch/cleaners/traffic.ts');
try {
  const uris = servers.places.mysql.join(',');
  const lists = await fill();
  const pids = await Promise.all(servers.places.mysql.map(pidOf));
  const cleanOnce = async (maxLoad: number, limitMs = 0): Promise<Cleaning> => {
    const args = [clean.entry, uris, String(maxLoad), String(limitMs)];
    return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
  };
  await cleanOnce(1);
  const alone: Array<Cleaning & { readonly serverMs: number }> = [];
  for (let round = 0; round < rounds; round++) {
    const before = cpuOf(pids);
    const run = await cleanOnce(0.1);
    alone.push({ ...run, serverMs: cpuOf(pids) - before });
  }
  const each = (of: (run: (typeof alone)[number]) => number): string =>
    (median(alone.map((run) => (of(run) * 100_000) / run.scanned)) / 1000).toFixed(2);
  console.log(
    `alone: 100,000 rows in ${each(({ ms }) => ms)} s, for ${each(({ cpuMs }) => cpuMs)} s of the cleaner's CPU and ${each(({ serverMs }) => serverMs)} s of the servers'`,
  );
  const live = spawn(process.execPath, [traffic.entry, uris, lists.join(',')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let done = 0;
  live.stdout.on('data', (lines: Buffer) => {
    for (const line of String(lines).trim().split('\n')) done += Number(line);
  });
  const during = async (work: () => Promise<unknown>): Promise<number> => {
    const [before, begin] = [done, performance.now()];
    await work();
    return ((done - before) * 1000) / (performance.now() - begin);
  };
  await sleep(2_000);
  for (const maxLoad of [1, 0.1]) {
    const ratios: number[] = [];
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const before = await during(() => sleep(WINDOW_MS));
      let run: Cleaning = { ms: 1, cpuMs: 0, scanned: 0 };
      const beside = await during(async () => {
        run = await cleanOnce(maxLoad, WINDOW_MS);
      });
      const after = await during(() => sleep(WINDOW_MS));
      ratios.push((2 * beside) / (before + after));
      rates.push((run.scanned * 1000) / run.ms);
    }
    const kept = ratios.map((ratio) => `${Math.round(ratio * 100)} %`).join(', ');
    const seconds = (100_000 / median(rates)).toFixed(1);
    console.log(`beside traffic, maxLoad ${maxLoad}: 100,000 rows in ${seconds} s; the traffic keeps ${kept}`);
  }
  const isOver = new Promise((resolve) => live.once('exit', resolve));
  live.kill();
  await isOver;
} finally {
  await servers.stop();
  clean.remove();
  traffic.remove();
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
