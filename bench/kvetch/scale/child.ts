/** A process for one task; tells what it measured as JSON on its output. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createPool, type RowDataPacket } from 'mysql2/promise';
import { clean } from '../../../src/cli/kvetch/clean.ts';
import { doctor } from '../../../src/cli/kvetch/doctor.ts';
import { exportData } from '../../../src/cli/kvetch/export.ts';
import type { Action, Values } from '../../../src/cli/kvetch/kvetchCommand.ts';
import { move } from '../../../src/cli/kvetch/move.ts';
import { stats } from '../../../src/cli/kvetch/stats.ts';
import { createKvetch, defineKvetchSchema, type EdgePage } from '../../../src/kvetch.ts';
import { mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { median } from '../../median.ts';
import type { Done, Measured, ScaleTask } from './ScaleTask.ts';

const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'List', fields: { name: 'string' } },
    { typeId: 2, name: 'Item', fields: { list: 'uuid', text: 'string', rank: 'int' } },
  ],
  edges: [{ edgeId: 1, name: 'items', from: 'List', storedOn: 'Item', storedIdAttr: 'list' }],
  indexes: [
    { name: 'list_name', type: 'List', attr: 'name', kind: 'string', unique: true },
    { name: 'by_rank', type: 'Item', attrs: ['list'], orderBy: ['rank'] },
  ],
});

const BATCH = 1000;
const SHORT = 20;
const LONG = 'the long list';
/** Of 4,096 shards: one in a hundred. */
const MOVED = '0-40';
const READS = 2000;

const task = JSON.parse(process.argv[2] ?? '') as ScaleTask;
const cluster = mysqlCluster({
  servers: Object.fromEntries(task.servers.map((uri, at) => [`s${at}`, { uri: `${uri}/scale` }])),
  map: [
    { from: 0, to: 2047, server: 's0' },
    { from: 2048, to: 4095, server: 's1' },
  ],
  createDatabase: true,
});
const config = { schema, shards: cluster };
const kvetch = createKvetch(config);
const measured: Measured[] = [];

async function measure(what: string, work: () => Promise<string>): Promise<void> {
  const begin = performance.now();
  const note = await work();
  measured.push({ what, seconds: (performance.now() - begin) / 1000, note });
}

/** The time of one of many reads. */
async function read(what: string, one: (n: number) => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let n = 0; n < READS; n++) {
    const begin = performance.now();
    await one(n);
    times.push(performance.now() - begin);
  }
  measured.push({ what, seconds: median(times.slice(READS / 2)) / 1000, note: 'p50' });
}

async function run(
  what: string,
  action: Action,
  values: Values,
  note: (lines: readonly string[]) => string,
): Promise<void> {
  await measure(what, async () => {
    const lines: string[] = [];
    const code = await action.run(config, values, (line) => lines.push(line));
    if (code !== 0) throw new Error(`${what} ended with ${code}: ${lines.join('; ')}`);
    return note(lines);
  });
}

async function created(type: 'List' | 'Item', count: number, data: (n: number) => object): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let from = 0; from < count; from += BATCH) {
    const length = Math.min(BATCH, count - from);
    const requests = Array.from({ length }, (_, n) => ({ data: { ...data(from + n) } }));
    for (const id of await kvetch.createObjects(type, requests as never)) {
      if (id instanceof Error) throw id;
      if (type === 'List') ids.push(id);
    }
  }
  return ids;
}

/** What rows of a kind take in MySQL, their indexes included. */
async function bytesInMysql(): Promise<void> {
  const names = ['kvetch_objects', 'kvetch_edges', 'kvetch_ordered', 'kvetch_entries'];
  const pools = task.servers.map((uri) => createPool(`${uri}/scale`));
  for (const name of names) {
    const found = await Promise.all(
      pools.map(async (pool) => {
        await pool.query(`ANALYZE TABLE ${name}`);
        const [[size]] = await pool.query<RowDataPacket[]>(
          'SELECT data_length + index_length AS bytes FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?',
          [name],
        );
        const [[count]] = await pool.query<RowDataPacket[]>(
          `SELECT COUNT(*) AS rows_, AVG(LENGTH(body)) AS body FROM ${name === 'kvetch_entries' ? '(SELECT NULL AS body FROM kvetch_entries) e' : name}`,
        );
        return { bytes: Number(size?.bytes), rows: Number(count?.rows_), body: Number(count?.body ?? 0) };
      }),
    );
    const rows = found.reduce((sum, one) => sum + one.rows, 0);
    const bytes = found.reduce((sum, one) => sum + one.bytes, 0);
    const body = found.reduce((sum, one) => sum + one.body * one.rows, 0) / rows;
    const note = `${Math.round(bytes / rows)} bytes a row, with ${Math.round(body)} of the application's data`;
    measured.push({ what: `MySQL: ${rows} rows of ${name}`, seconds: null, note });
  }
  await Promise.all(pools.map((pool) => pool.end()));
}

/** What an entry takes in Redis, its key included. */
async function bytesInRedis(): Promise<void> {
  const cache = redisCache({ url: task.redis });
  await cache.ready();
  const cached = createKvetch({ ...config, cache });
  const redis = new Redis(task.redis);
  const used = async (): Promise<number> => Number((await redis.info('memory')).match(/used_memory:(\d+)/)?.[1]);
  const { objects } = await kvetch.browse('Item', { first: 1000 });
  const items = objects.flatMap((item) => (item instanceof Error ? [] : [item]));
  const lists = [...new Set(items.map(({ list }) => String(list)))];
  const fills: Readonly<Record<string, (n: number) => Promise<unknown>>> = {
    'an object': (n) => cached.getObject(String(items[n]?.id)),
    'a list of 20': (n) => cached.getEdges('items', lists[n] ?? '', { first: 20 }),
    'an ordered list of 20': (n) => cached.queryIndex('by_rank', { list: lists[n] ?? '' }, { first: 20 }),
    'a count': (n) => cached.countEdges('items', lists[n] ?? ''),
  };
  for (const [what, fill] of Object.entries(fills)) {
    const count = what === 'an object' ? items.length : lists.length;
    const before = await used();
    for (let n = 0; n < count; n++) await fill(n);
    await sleep(500); // what was read is kept behind the answer
    measured.push({
      what: `Redis: ${what}`,
      seconds: null,
      note: `${Math.round(((await used()) - before) / count)} bytes`,
    });
  }
  await redis.quit();
  await cache.close();
}

async function longList(): Promise<string> {
  const [page] = await kvetch.queryIndexes([{ index: 'list_name', value: LONG, first: 1 }]);
  const id = page instanceof Error ? undefined : page?.ids[0];
  if (id === undefined) throw new Error('There is no long list: fill the store first.');
  return id;
}

const tasks: Readonly<Record<ScaleTask['name'], () => Promise<void>>> = {
  async fill() {
    await cluster.init();
    const short = Math.ceil((task.objects - task.long) / SHORT);
    await measure(`create ${task.objects} objects, each in a list`, async () => {
      const lists = await created('List', short + 1, (n) => ({ name: n === 0 ? LONG : `list ${n}` }));
      const listOf = (n: number): string => lists[n < task.long ? 0 : 1 + (n % short)] ?? '';
      await created('Item', task.objects, (n) => ({ list: listOf(n), text: `item ${n}`, rank: n }));
      return `${lists.length} lists; one process, batches of ${BATCH}`;
    });
  },
  async pages() {
    const long = await longList();
    const page = await kvetch.browse('Item', { first: 1000 });
    const items = page.objects.flatMap((item) => (item instanceof Error ? [] : [item]));
    const lists = items.map(({ list }) => String(list));
    const at = <T>(of: readonly T[], n: number): T => of[(n * 7) % of.length] as T;
    await read('one object', (n) => kvetch.getObject(at(items, n).id));
    await read('20 of a short list', (n) => kvetch.getEdges('items', at(lists, n), { first: 20 }));
    await read('20 of the long list, from the beginning', () => kvetch.getEdges('items', long, { first: 20 }));
    await read('20 of the long list, from the end', () => kvetch.getEdges('items', long, { last: 20 }));
  },
  async list() {
    const long = await longList();
    await measure('count the long list', async () => `${await kvetch.countEdges('items', long)}`);
    await measure('read the long list to its end, 1,000 at once', async () => {
      let count = 0;
      for (let after: string | null = null, isOpen = true; isOpen; ) {
        const page: EdgePage = await kvetch.getEdges('items', long, { first: 1000, after });
        count += page.edges.length;
        [after, isOpen] = [page.endCursor, page.hasNextPage];
      }
      return `${count} edges`;
    });
  },
  async browse() {
    await measure('browse all objects of a type, 1,000 at once', async () => {
      let count = 0;
      for await (const { objects } of kvetch.browsePages('Item')) count += objects.length;
      return `${count} objects`;
    });
  },
  async clean() {
    await run('clean, a full run without pauses', clean, { 'max-load': '100', json: true }, ([line = '{}']) => {
      const { scanned, errors } = JSON.parse(line) as { readonly scanned: number; readonly errors: number };
      return `${scanned} rows, ${errors} errors`;
    });
  },
  async export() {
    const to = join(task.folder, 'export');
    await run('export', exportData, { to }, () => {
      const bytes = readdirSync(to).reduce((sum, name) => sum + statSync(join(to, name)).size, 0);
      return `${Math.round(bytes / 1e6)} MB of JSON lines`;
    });
    rmSync(to, { recursive: true });
  },
  async move() {
    await run(
      'move 1 % of the shards to a third server',
      move,
      { from: 's0', to: 's2', range: MOVED },
      (lines) => lines.at(-1) ?? '',
    );
  },
  async stats() {
    await run('stats', stats, {}, () => '');
  },
  async doctor() {
    await run('doctor', doctor, {}, (lines) => lines.at(-1) ?? '');
  },
  async bytes() {
    await bytesInMysql();
    await bytesInRedis();
  },
};

await tasks[task.name]();
await kvetch.close();
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
const done: Done = { kind: 'done', measured, megabytes };
process.stdout.write(JSON.stringify(done), () => process.exit());
