/**
 * The cost of a change feed, on a MySQL server of this run's own: npm run bench:kvetch:changes [-- --rounds 40]. Stores with
 * and without one take turns, a window of writes each; figures are medians of windows, and what part of the throughput
 * without a feed is left. Two stores have none: their ratio says what the machine does by itself. CPU is that of this process
 * and of the server, which others on the machine disturb less (Linux). `--notes`: as beside a cache. `--durable`: the server
 * writes a binlog and waits for the disk at each commit. `--store sqlite` and `--store memory`: without a server.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from '../../src/kvetch.ts';
import { mysqlShards } from '../../src/kvetch-mysql.ts';
import { sqliteShards } from '../../src/kvetch-sqlite.ts';
import { startMariadb } from '../../test/support/servers.ts';
import { median } from '../median.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    window: { type: 'string', default: '150' },
    notes: { type: 'boolean', default: false },
    durable: { type: 'boolean', default: false },
    store: { type: 'string', default: 'mysql' },
  },
});
const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User' },
    { typeId: 2, name: 'List' },
  ],
  edges: [
    { edgeId: 1, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner', colocate: true },
    { edgeId: 2, name: 'friends', from: 'User', to: 'User' },
  ],
  indexes: [{ name: 'city', type: 'User', attr: 'city', kind: 'string' }],
});
const durable = ['--log-bin', '--server-id=1', '--sync-binlog=1', '--innodb-flush-log-at-trx-commit=1'];
const server = values.store === 'mysql' ? await startMariadb(values.durable ? durable : undefined) : null;
const folder = mkdtempSync(join(tmpdir(), 'planql-changes-'));
const shardsOf = (name: string) => {
  if (server !== null) return mysqlShards([{ uri: server.uri, database: name }], { createDatabase: true });
  return values.store === 'sqlite' ? sqliteShards({ file: join(folder, name) }) : memoryShards(1);
};
const open = (name: string, retentionMs: number): Kvetch =>
  createKvetch({
    schema,
    shards: shardsOf(name),
    outboxPollMs: values.notes ? 60_000 : 0,
    ...(retentionMs > 0 && { changeFeed: { retentionMs } }),
  });
const stores = { without: open('without', 0), again: open('again', 0), feed: open('feed', 3_600_000) };
type Name = keyof typeof stores;
const names = ['without', 'again', 'feed'] as const;
const users = new Map<Kvetch, string[]>();
for (const kvetch of Object.values(stores)) {
  const ids = await kvetch.createObjects(
    'User',
    Array.from({ length: 40 }, (_, n) => ({ data: { name: `user ${n}`, city: 'Oslo' } })),
  );
  users.set(kvetch, ids.map(String));
}
let n = 0;
const user = (kvetch: Kvetch): string => users.get(kvetch)?.[n++ % 40] ?? '';
const text = 'A few words that somebody has written, as long as most of them are. '.repeat(3);
const writes: Readonly<Record<string, (kvetch: Kvetch) => Promise<unknown>>> = {
  'create an object': (kvetch) => kvetch.createObject('User', { name: 'new', text }),
  'create an object with an index entry': (kvetch) =>
    kvetch.createObject('User', { name: 'new', city: `${n++ % 100}`, text }),
  'create an object in a list': (kvetch) => kvetch.createObject('List', { owner: user(kvetch), name: `${n}`, text }),
  'update an object': (kvetch) => kvetch.updateObject(user(kvetch), { at: n, text }),
  'insert an edge': (kvetch) => kvetch.insertEdge('friends', { fromId: user(kvetch), toId: user(kvetch), data: { n } }),
};

const pid = server === null ? null : await pidOf(server.uri);
const TICK_US = 10_000;

async function pidOf(uri: string): Promise<string> {
  const connection = await createConnection(uri);
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT @@pid_file AS file');
  connection.destroy();
  return readFileSync(String(row?.file), 'utf8').trim();
}

/** Microseconds of CPU that this process and the server have used. */
function cpuUs(): number {
  const { user: own, system } = process.cpuUsage();
  if (pid === null) return own + system;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return own + system + (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

interface Measured {
  readonly rate: number;
  readonly writes: number;
  readonly cpu: number;
}

/** Milliseconds of single writes, the stores in turn: what slows one slows the next as well. */
async function timesOf(write: (kvetch: Kvetch) => Promise<unknown>): Promise<Record<Name, number>> {
  const times: Record<Name, number[]> = { without: [], again: [], feed: [] };
  for (let round = -20; round < Number(values.rounds) * 25; round++) {
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) {
      const begin = performance.now();
      await write(stores[name]);
      if (round >= 0) times[name].push(performance.now() - begin);
    }
  }
  return { without: median(times.without), again: median(times.again), feed: median(times.feed) };
}

/** Writes a second of some writers in one window. */
async function rateOf(kvetch: Kvetch, write: (kvetch: Kvetch) => Promise<unknown>, writers: number): Promise<Measured> {
  const cpu = cpuUs();
  const begin = performance.now();
  const end = begin + Number(values.window);
  let done = 0;
  const go = async (): Promise<void> => {
    for (; performance.now() < end; done++) await write(kvetch);
  };
  await Promise.all(Array.from({ length: writers }, go));
  return { rate: (done * 1000) / (performance.now() - begin), writes: done, cpu: cpuUs() - cpu };
}

for (const [title, write] of Object.entries(writes)) {
  const { without, again, feed } = await timesOf(write);
  console.log(
    `${title.padEnd(38)}  1 at a time: p50 ${without.toFixed(2)} ms, again ${(again / without).toFixed(2)}, feed ${(feed / without).toFixed(2)}`,
  );
  for (const writers of [20]) {
    const all: Record<Name, Measured[]> = { without: [], again: [], feed: [] };
    for (let round = -3; round < Number(values.rounds); round++) {
      const order = round % 2 === 0 ? names : names.toReversed();
      for (const name of order) {
        const measured = await rateOf(stores[name], write, writers);
        if (round >= 0) all[name].push(measured);
      }
    }
    const ratio = (name: Name): string =>
      median(all[name].map(({ rate }, at) => rate / (all.without[at]?.rate ?? rate))).toFixed(2);
    const cpu = (name: Name): number =>
      all[name].reduce((sum, one) => sum + one.cpu, 0) / all[name].reduce((sum, one) => sum + one.writes, 0);
    const cpuRatio = (name: Name): string => (cpu(name) / cpu('without')).toFixed(2);
    const rate = median(all.without.map((one) => one.rate)).toFixed(0);
    console.log(
      `${title.padEnd(38)} ${String(writers).padStart(2)} at a time: ${rate} a second, again ${ratio('again')}, feed ${ratio('feed')}; ${cpu('without').toFixed(0)} µs of CPU, again ${cpuRatio('again')}, feed ${cpuRatio('feed')}`,
    );
  }
}
for (const kvetch of Object.values(stores)) await kvetch.close();
await server?.remove();
rmSync(folder, { recursive: true });
