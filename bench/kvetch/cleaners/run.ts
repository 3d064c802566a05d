/**
 * Cleaners beside live traffic: how many rows a second a full run looks at alone, and how many operations the traffic
 * loses beside it, with and without a limit. Servers, traffic and cleaner are processes of their own.
 *
 *   npm run bench:kvetch:cleaners [-- rounds]
 */
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
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
const rounds = Number(process.argv[2] ?? 3);

const servers = await startServers();
const clean = await bundleChild(join(repository, 'src'), 'bench/kvetch/cleaners/clean.ts');
const traffic = await bundleChild(join(repository, 'src'), 'bench/kvetch/cleaners/traffic.ts');
try {
  const uris = servers.places.mysql.join(',');
  const lists = await fill();
  const cleanOnce = async (maxLoad: number, limitMs = 0): Promise<{ ms: number; scanned: number }> => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      clean.entry,
      uris,
      String(maxLoad),
      String(limitMs),
    ]);
    return JSON.parse(stdout);
  };
  await cleanOnce(1);
  const alone = await cleanOnce(0.1);
  console.log(`alone, maxLoad 0.1: ${alone.scanned} rows in ${(alone.ms / 1000).toFixed(1)} s`);
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
  await sleep(3_000);
  for (const maxLoad of [1, 0.1, 0.05]) {
    const ratios: number[] = [];
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const before = await during(() => sleep(WINDOW_MS));
      let run = { ms: 1, scanned: 0 };
      const beside = await during(async () => {
        run = await cleanOnce(maxLoad, WINDOW_MS);
      });
      const after = await during(() => sleep(WINDOW_MS));
      ratios.push((2 * beside) / (before + after));
      rates.push((run.scanned * 1000) / run.ms);
    }
    const kept = ratios.map((ratio) => `${Math.round(ratio * 100)} %`).join(', ');
    console.log(`beside traffic, maxLoad ${maxLoad}: ${Math.round(median(rates))} rows/s; the traffic keeps ${kept}`);
  }
  live.kill();
} finally {
  await servers.stop();
  clean.remove();
  traffic.remove();
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
